import { describe, expect, test } from "vitest";
import type { Container, Pod } from "../model/subject";
import { UNKNOWN } from "../field";
import { applyPatches } from "../patch";
import { readDocument } from "./read";

const pod = (spec: object): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec });
const subjects = (document: object, type?: string): { readonly pod: Pod; readonly container: Container } => {
  const all = readDocument(document, type === undefined ? {} : { type, name: "a" }).flatMap((model) => model.subjects);
  return { pod: all.find((subject) => subject.about === "pod") as Pod, container: all.find((subject) => subject.about === "container") as Container };
};

describe("what is written where many places make one field", () => {
  test("ports, probes and mounts of a Kubernetes container: only the known offenders go", () => {
    const container = {
      name: "a", image: "b", ports: [{ containerPort: 1, hostPort: 1 }, { containerPort: 2, hostPort: UNKNOWN }, UNKNOWN, { containerPort: 3, hostPort: 3 }],
      livenessProbe: { httpGet: { host: "10.0.0.1", port: 1 } }, readinessProbe: { tcpSocket: { host: "", port: 1 } },
      volumeMounts: [{ name: "a", mountPropagation: "Bidirectional" }, { name: "b", mountPropagation: "HostToContainer" }, { name: "c", mountPropagation: UNKNOWN }],
    };
    const document = pod({ containers: [container] });
    const { container: read } = subjects(document);
    applyPatches(document, [read.hostPorts.to([]), read.probeHosts.to([]), read.mountPropagation.to(["None", "HostToContainer"])].flatMap((patches) => patches ?? []));
    expect(container).toEqual({
      name: "a", image: "b", ports: [{ containerPort: 1 }, { containerPort: 2, hostPort: UNKNOWN }, UNKNOWN, { containerPort: 3 }],
      livenessProbe: { httpGet: { port: 1 } }, readinessProbe: { tcpSocket: { host: "", port: 1 } },
      volumeMounts: [{ name: "a" }, { name: "b", mountPropagation: "HostToContainer" }, { name: "c", mountPropagation: UNKNOWN }],
    });
  });

  test("kernel parameters go one by one, from the end", () => {
    const sysctls = [{ name: "a", value: "1" }, { name: "b", value: UNKNOWN }, UNKNOWN, { name: "c", value: "3" }];
    const document = pod({ securityContext: { sysctls }, containers: [] });
    applyPatches(document, subjects(document).pod.sysctls.to(["b"]) ?? []);
    expect(sysctls).toEqual([{ name: "b", value: UNKNOWN }, UNKNOWN]);
    const inputs = { image: "x", sysctls: { a: "1", b: UNKNOWN } };
    applyPatches(inputs, subjects(inputs, "docker:index/container:Container").pod.sysctls.to(["b"]) ?? []);
    expect(inputs.sysctls).toEqual({ b: UNKNOWN });
  });

  test("a list with members that are not known is not written over", () => {
    const document = pod({ containers: [{ name: "a", image: "b", securityContext: { capabilities: { add: ["SYS_ADMIN", UNKNOWN] } } }] });
    expect(subjects(document).container.addedCapabilities.to([])).toBeUndefined();
  });

  test.each<readonly [object, string | undefined]>([
    [{}, undefined], [{ privileged: false, capabilities: { add: ["SYS_ADMIN", "NET_RAW"] } }, undefined], [{ privileged: true }, "privileged"], [{ privileged: UNKNOWN }, "privileged"],
    [{ capabilities: { add: ["CAP_SYS_ADMIN"] } }, "CAP_SYS_ADMIN"], [{ capabilities: { add: UNKNOWN } }, "CAP_SYS_ADMIN"], [{ capabilities: { add: [UNKNOWN] } }, "CAP_SYS_ADMIN"],
  ])("allowPrivilegeEscalation: false is written only where the API server takes it: beside %j", (securityContext, forbidden) => {
    const { noNewPrivileges } = subjects(pod({ containers: [{ name: "a", image: "b", securityContext }] })).container;
    expect(noNewPrivileges.to(true)?.length).toBe(forbidden === undefined ? 1 : undefined);
    if (forbidden === undefined) expect(noNewPrivileges.forbidden).toBeUndefined();
    else expect(noNewPrivileges.forbidden).toContain(forbidden);
  });

  test("the name of a profile's file goes with its type", () => {
    const document = pod({ containers: [{ name: "a", image: "b", securityContext: { seccompProfile: { localhostProfile: "x.json" } } }] });
    applyPatches(document, subjects(document).container.seccompProfile.to("RuntimeDefault") ?? []);
    expect(document).toMatchObject(pod({ containers: [{ securityContext: { seccompProfile: { type: "RuntimeDefault" } } }] }));
    expect(JSON.stringify(document)).not.toContain("localhostProfile");
  });

  test("a Swarm service's ports and mounts", () => {
    const inputs = { taskSpec: { containerSpec: { image: "x", mounts: [{ type: "bind", target: "/a", bindOptions: { propagation: "rshared" } }] } }, endpointSpec: { ports: [{ targetPort: 1, publishedPort: 1, publishMode: "host" }] } };
    const { container } = subjects(inputs, "docker:index/service:Service");
    applyPatches(inputs, [...(container.hostPorts.to([]) ?? []), ...(container.mountPropagation.to(["None"]) ?? [])]);
    expect(inputs).toEqual({ taskSpec: { containerSpec: { image: "x", mounts: [{ type: "bind", target: "/a", bindOptions: {} }] } }, endpointSpec: { ports: [{ targetPort: 1, publishedPort: 1 }] } });
  });
});

describe("patches", () => {
  test("are applied all or not at all", () => {
    const document = { a: 1, b: { c: "text" } };
    expect(() => applyPatches(document, [{ op: "set", path: ["a"], value: 2 }, { op: "set", path: ["b", "c", "d"], value: 1 }])).toThrow("b.c: expected an object or a list, found a string");
    expect(document).toEqual({ a: 1, b: { c: "text" } });
  });

  test("members of a list are removed in place", () => {
    const list = ["a", "b", "c"];
    applyPatches({ list }, [{ op: "remove", path: ["list", 1] }, { op: "remove", path: ["list", 7] }]);
    expect(list).toEqual(["a", "c"]);
  });
});
