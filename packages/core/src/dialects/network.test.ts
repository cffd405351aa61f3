import { describe, expect, test } from "vitest";
import type { Field } from "../field";
import { UNKNOWN } from "../field";
import type { Subject } from "../model/subject";
import { mingles } from "./docker-network";
import { node } from "../node";
import { isReadType, readDocument } from "./read";

const state = (field: Field<unknown> | undefined): unknown => (field?.state === "value" ? (field.partial === true ? [field.value, "or more"] : field.value) : field?.state);
const subject = <A extends Subject["about"]>(document: unknown, about: A, type?: string): Extract<Subject, { about: A }> | undefined =>
  readDocument(document, type === undefined ? {} : { type }).flatMap(({ subjects }) => subjects).find((one): one is Extract<Subject, { about: A }> => one.about === about);

describe("whether a cluster enforces policies", () => {
  const [gke, native, classic, addon] = ["gcp:container/cluster:Cluster", "azure-native:containerservice/v20240901:ManagedCluster", "azure:containerservice/kubernetesCluster:KubernetesCluster", "aws:eks/addon:Addon"];

  test.each<readonly [string, object, unknown]>([
    [gke, {}, "unset"], [gke, { datapathProvider: UNKNOWN }, "unknown"], [gke, { datapathProvider: UNKNOWN, networkPolicy: { enabled: true } }, true], [gke, { datapathProvider: "LEGACY_DATAPATH", enableAutopilot: UNKNOWN }, "unknown"], [gke, { networkPolicy: UNKNOWN }, "unknown"],
    ["google-native:container/v1:Cluster", { networkConfig: { datapathProvider: "ADVANCED_DATAPATH" } }, true], ["google-native:container/v1beta1:Cluster", { autopilot: { enabled: true } }, true],
    [native, { networkProfile: UNKNOWN }, "unknown"], [native, { networkProfile: { networkPlugin: "none" } }, "unsupported"], [native, { networkProfile: { networkPolicy: UNKNOWN } }, "unknown"], [native, { networkProfile: { networkPolicy: "none", networkDataplane: "cilium" } }, false],
    [native, { networkProfile: { networkDataplane: UNKNOWN } }, "unknown"], [native, { sku: { name: "Automatic" } }, undefined], [classic, { networkProfile: { networkPlugin: "azure", networkDataPlane: "cilium" } }, true], [classic, {}, "unset"],
    [addon, { addonName: "coredns" }, undefined], [addon, { addonName: UNKNOWN }, "unknown"], [addon, { addonName: "vpc-cni", configurationValues: UNKNOWN }, "unknown"], [addon, { addonName: "vpc-cni", configurationValues: "{\"enableNetworkPolicy\": true}" }, true],
    [addon, { addonName: "vpc-cni", configurationValues: "{enableNetworkPolicy: true}" }, "unknown"], [addon, { addonName: "vpc-cni", configurationValues: "# enableNetworkPolicy: true\nnodeAgent:\n  enableNetworkPolicy: true\n" }, false], ["aws-native:eks:Addon", { addonName: "vpc-cni", configurationValues: "'enableNetworkPolicy': 'true' # on" }, true],
  ])("%s %j", (type, inputs, expected) => {
    expect(isReadType(type)).toBe(true);
    expect(state(subject(inputs, "cluster", type)?.enforcesNetworkPolicy)).toEqual(expected);
  });
});

describe("a Docker network", () => {
  const encrypted = (inputs: object): unknown => state(subject(inputs, "network", "docker:index/network:Network")?.encrypted);
  const mingle = (inputs: { readonly options?: unknown }): unknown => state(mingles(node(inputs), node(inputs.options, ["options"])));
  const icc = (value: unknown): object => ({ options: { "com.docker.network.bridge.enable_icc": value } });

  test.each<readonly [object, unknown]>([
    [{}, "unset"], [{ driver: "bridge", options: UNKNOWN }, "unset"], [{ driver: "overlay" }, false], [{ driver: "overlay", options: { encrypted: "false" } }, true], [{ driver: "overlay", options: UNKNOWN }, "unknown"], [{ driver: "overlay", options: { encrypted: UNKNOWN } }, "unknown"],
    [{ driver: "overlay", options: "encrypted" }, "unknown"], [{ driver: UNKNOWN }, "unknown"], [{ driver: UNKNOWN, options: { encrypted: "" } }, true],
  ])("%j encrypts: %s", (inputs, expected) => {
    expect(encrypted(inputs)).toEqual(expected);
  });

  test.each<readonly [object, unknown]>([
    [{}, true], [{ driver: "bridge" }, true], [{ driver: "macvlan" }, false], [{ internal: true }, false], [{ internal: UNKNOWN }, "unknown"], [{ driver: UNKNOWN }, "unknown"], [{ options: UNKNOWN }, "unknown"],
    [icc("false"), false], [icc(false), false], [icc("0"), false], [icc("F"), false], [icc("no"), true], [icc("true"), true], [icc(UNKNOWN), "unknown"], [{ ...icc("false"), driver: UNKNOWN, internal: UNKNOWN }, false], [{ ...icc(UNKNOWN), internal: true }, false],
  ])("%j lets containers reach each other: %s", (inputs, expected) => {
    expect(mingle(inputs)).toEqual(expected);
  });
});

describe("what an Ingress and a Service let in", () => {
  const service = (metadata: object, spec: object): unknown => state(subject({ apiVersion: "v1", kind: "Service", metadata, spec }, "service")?.exposed);
  const ingress = (document: object) => subject({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", ...document }, "ingress");

  test("a Service", () => {
    expect(service({ name: "a" }, { selector: { app: "b" } })).toEqual([]);
    expect(service({ name: "a" }, { type: "ExternalName" })).toEqual([]);
    expect(service({ name: "a" }, { type: "NodePort", selector: { "app.kubernetes.io/name": "b", "k8s-app": "a" } })).toEqual(["a", "b"]);
    expect(service({ name: "a" }, { type: "LoadBalancer", selector: UNKNOWN })).toEqual([["a"], "or more"]);
    expect(service({ name: UNKNOWN }, { type: "LoadBalancer" })).toBe("unknown");
    expect(service({ name: "a" }, { type: UNKNOWN })).toBe("unknown");
  });

  test("an Ingress", () => {
    const path = (name: unknown): object => ({ path: "/", backend: { service: { name } } });
    expect(state(ingress({ spec: { defaultBackend: { service: { name: "a" } }, rules: [{ http: { paths: [path("b"), { backend: { serviceName: "c" } }] } }] } })?.exposed)).toEqual(["a", "b", "c"]);
    expect(state(ingress({ spec: { rules: [{ http: { paths: [path(UNKNOWN), path("b")] } }] } })?.exposed)).toEqual([["b"], "or more"]);
    expect(state(ingress({ spec: { rules: UNKNOWN } })?.exposed)).toBe("unknown");
    expect(state(ingress({ metadata: { annotations: UNKNOWN }, spec: {} })?.snippets)).toBe("unknown");
    expect(state(ingress({ metadata: { annotations: { "nginx.ingress.kubernetes.io/stream-snippet": UNKNOWN, "nginx.org/location-snippets": "x", "nginx.ingress.kubernetes.io/ssl-redirect": "true" } }, spec: {} })?.snippets)).toEqual(["nginx.ingress.kubernetes.io/stream-snippet", "nginx.org/location-snippets"]);
  });
});

test("the modes of a PeerAuthentication, of which one that is left out is said elsewhere", () => {
  const modes = (spec: unknown): unknown => state(subject({ metadata: { name: "default" }, spec }, "peerAuthentication", "kubernetes:security.istio.io/v1:PeerAuthentication")?.modes);
  expect(modes({ mtls: { mode: "STRICT" } })).toEqual(["STRICT"]);
  expect(modes({ mtls: { mode: "STRICT" }, portLevelMtls: { "80": { mode: "UNSET" } } })).toEqual(["STRICT"]);
  expect(modes({})).toBe("unknown");
  expect(modes({ mtls: { mode: "UNSET" }, portLevelMtls: { "80": { mode: "DISABLE" } } })).toEqual([["DISABLE"], "or more"]);
  expect(modes({ mtls: { mode: UNKNOWN }, portLevelMtls: { "80": { mode: "STRICT" } } })).toBe("unknown");
  expect(modes({ mtls: { mode: "STRICT" }, portLevelMtls: UNKNOWN })).toBe("unknown");
  expect(modes(UNKNOWN)).toBe("unknown");
});
