import { describe, expect, test } from "vitest";
import type { Field } from "../field";
import { UNKNOWN } from "../field";
import type { Build, ChartValues, Connection, Peer } from "../model/around";
import type { Model, Subject } from "../model/subject";
import { isReadType, readDocument } from "./read";

function read(inputs: unknown, type: string): Model {
  const models = readDocument(inputs, { type, name: "web" });
  // What is built has a second one, of the Dockerfile.
  const own = models.filter(({ resource }) => resource.platform !== "dockerfile");
  if (own.length !== 1) throw new Error(`expected one model, found ${own.length}`);
  return own[0] as Model;
}
const subject = <A extends Subject["about"]>(inputs: unknown, type: string, about: A): Extract<Subject, { about: A }> => read(inputs, type).subjects.find((found): found is Extract<Subject, { about: A }> => found.about === about) as Extract<Subject, { about: A }>;
const state = (field: Field<unknown> | undefined): unknown => (field?.state === "value" ? field.value : field?.state);
const build = (inputs: unknown, type: string): Build => subject(inputs, type, "build");
const flaws = (inputs: unknown, type: string, peer: Peer): readonly unknown[] => {
  const found = read(inputs, type).subjects.find((one): one is Connection => one.about === "connection" && one.peer === peer);
  return [state(found?.unencrypted), state(found?.unverified)];
};

describe("a Docker provider", () => {
  const type = "pulumi:providers:docker";

  test.each<readonly [object, readonly unknown[]]>([
    [{}, ["unset", "unset"]], [{ host: "unix:///var/run/docker.sock" }, [false, "unset"]], [{ host: "npipe:////./pipe/docker_engine" }, [false, "unset"]],
    [{ host: "tcp://a:2375" }, [true, "unset"]], [{ host: "TCP://a:2375" }, [true, "unset"]], [{ host: "http://a" }, [true, "unset"]], [{ host: "https://a" }, [false, "unset"]],
    [{ host: "tcp://a:2376", certPath: "/certs" }, [false, "unset"]], [{ host: "tcp://a:2376", certPath: "" }, [true, "unset"]], [{ host: "tcp://a:2376", keyMaterial: UNKNOWN }, ["unknown", "unset"]], [{ host: UNKNOWN }, ["unknown", "unset"]],
    [{ host: "ssh://a", sshOpts: "[\"-o\",\"StrictHostKeyChecking=no\"]" }, [false, true]], [{ host: "ssh://a", sshOpts: ["-oStrictHostKeyChecking no"] }, [false, true]], [{ host: "ssh://a", sshOpts: ["-o", "UserKnownHostsFile=/dev/null"] }, [false, true]],
    [{ host: "ssh://a", sshOpts: ["-o", "StrictHostKeyChecking=yes", UNKNOWN] }, [false, "unknown"]], [{ host: "ssh://a", sshOpts: "no JSON" }, [false, "unknown"]], [{ host: "ssh://a", sshOpts: ["-o", "StrictHostKeyChecking=accept-new"] }, [false, "unset"]],
  ])("the daemon: %j", (inputs, expected) => {
    expect(flaws(inputs, type, "daemon")).toEqual(expected);
  });

  test.each<readonly [object, unknown]>([
    [{ registryAuth: "[{\"address\":\"http://a.example.com\",\"password\":\"hunter2\"}]" }, true], [{ registryAuth: [{ address: "https://a" }, { address: "HTTP://b" }] }, true], [{ registryAuth: [{ address: "a.example.com:5000" }] }, "unset"],
    [{ registryAuth: [{ address: UNKNOWN }] }, "unknown"], [{ registryAuth: UNKNOWN }, "unknown"], [{}, undefined],
  ])("registries: %j", (inputs, expected) => {
    expect(flaws(inputs, type, "registry")[0]).toBe(expected);
  });

  test("docker-build's own", () => {
    expect(flaws({ host: "tcp://a", registries: "[{\"address\":\"http://a\"}]" }, "pulumi:providers:docker-build", "registry")[0]).toBe(true);
    expect(flaws({ host: "" }, "pulumi:providers:docker-build", "daemon")[0]).toBe(false);
  });
});

describe("a Kubernetes provider", () => {
  const type = "pulumi:providers:kubernetes";
  const yaml = (cluster: string): string => `apiVersion: v1\nclusters:\n- name: a\n  cluster:\n${cluster}users:\n- name: u\n  user:\n    token: hunter2\n`;

  test.each<readonly [unknown, readonly unknown[]]>([
    [yaml("    server: https://a\n"), [false, false]], [yaml("    server: http://a\n"), [true, false]], [yaml("    server: \"http://a\"\n"), [true, false]], [yaml("    insecure-skip-tls-verify: true\n"), [false, true]], [yaml("    insecure-skip-tls-verify: 'yes'\n"), [false, true]],
    [yaml("    insecure-skip-tls-verify: false\n"), [false, false]], [yaml("    # insecure-skip-tls-verify: true\n"), [false, false]], [yaml("    tls-server-name: x # insecure-skip-tls-verify: true\n"), [false, false]],
    ["{\"clusters\":[{\"cluster\":{\"insecure-skip-tls-verify\":true,\"server\":\"https://a/#x\"}}]}", [false, true]], ["{\"x\":\"#\",\"clusters\":[{\"cluster\":{\"server\":\"http://a\"}}]}", [true, false]],
    ["{apiVersion: v1, clusters: [{name: a, cluster: {server: \"http://a\", insecure-skip-tls-verify: true}}]}", [true, true]], ["--- {clusters: [{cluster: {server: https://a/http://}}]}", [false, false]], ["clusters: [{cluster: {server: 'http://a'}}]", [true, false]], ["{}", [false, false]],
    [{ clusters: [{ cluster: { server: "https://a" } }, { cluster: { server: "http://b" } }] }, [true, false]], [{ clusters: [{ cluster: { server: UNKNOWN, "insecure-skip-tls-verify": true } }] }, ["unknown", true]], [{ clusters: "text" }, ["unknown", "unknown"]],
    ["C:\\Users\\me\\config", ["unsupported", "unsupported"]], ["/home/me/.kube/clusters.yaml", ["unsupported", "unsupported"]], [UNKNOWN, ["unknown", "unknown"]], [7, ["unknown", "unknown"]], ["", [undefined, undefined]], [undefined, [undefined, undefined]],
  ])("the kubeconfig %j", (kubeconfig, expected) => {
    expect(flaws({ kubeconfig }, type, "cluster")).toEqual(expected);
  });

  test("is read, and says no credential", () => {
    expect(isReadType(type)).toBe(true);
    expect(JSON.stringify(read({ kubeconfig: yaml("    insecure-skip-tls-verify: true\n") }, type))).not.toContain("hunter2");
  });
});

describe("builds", () => {
  const dockerBuild = "docker-build:index:Image";
  const remote = "docker:index/remoteImage:RemoteImage";

  test.each<readonly [unknown, unknown]>([
    [{ NPM_TOKEN: "x", VERSION: "1" }, ["NPM_TOKEN"]], [{ NPM_TOKEN: UNKNOWN }, ["NPM_TOKEN"]], [{ VERSION: UNKNOWN }, "unknown"], [{ REPOSITORY: "https://u:p@git.example.com" }, ["REPOSITORY"]], [{ NPM_TOKEN: "" }, []], [undefined, []], [UNKNOWN, "unknown"], ["text", "unknown"], [[], "unknown"],
  ])("arguments %j", (buildArgs, expected) => {
    expect(state(build({ buildArgs }, dockerBuild).secretArguments)).toEqual(expected);
  });

  test("of every type", () => {
    expect(state(build({ imageName: "a", build: { args: { TOKEN: "x" }, network: "host" } }, "docker:index/image:Image").hostNetwork)).toBe(true);
    expect(state(build({ imageName: "a", build: "./app" }, "docker:index/image:Image").secretArguments)).toEqual([]);
    expect(state(build({ build: { securityOpts: ["seccomp:unconfined", "no-new-privileges", "label=disable"] } }, remote).privileges)).toEqual(["seccomp:unconfined", "label=disable"]);
    expect(read({ name: "a", build: UNKNOWN }, remote).holes.map((hole) => hole.about)).toEqual([["build", "image"]]);
    expect(build({ name: "a" }, remote)).toBeUndefined();
    expect(state(build({ buildkitFlags: "--allow-insecure-entitlement=network.host --allow-insecure-entitlement security.insecure" }, "docker:index/buildxBuilder:BuildxBuilder").privileges)).toEqual(["network.host", "security.insecure"]);
  });

  test("the images that go in and come out", () => {
    const uses = (inputs: object, type: string): readonly unknown[] => read(inputs, type).subjects.flatMap((one) => (one.about === "image" && one.registry.state === "value" ? [`${one.use} ${one.registry.value.domain}/${one.registry.value.path}`] : []));
    expect(uses({ tags: ["r.io/a:1"], context: { location: ".", named: { base: { location: "docker-image://r.io/base:1" }, src: { location: "../src" } } }, cacheFrom: [{ registry: { ref: "r.io/cache" } }, { gha: {} }] }, dockerBuild)).toEqual(["build r.io/a", "pull r.io/base", "cache r.io/cache"]);
    expect(uses({ name: "r.io/a", build: { context: ".", tags: ["r.io/b"], cacheFroms: ["r.io/c", "type=registry,ref=r.io/d", "type=gha"], additionalContexts: ["base=docker-image://r.io/e", "src=../src"] } }, remote)).toEqual(["build r.io/a", "build r.io/b", "cache r.io/c", "cache r.io/d", "pull r.io/e"]);
    expect(uses({ imageName: "r.io/a", build: { cacheFrom: { images: ["r.io/b"] } } }, "docker:index/image:Image")).toEqual(["build r.io/a", "cache r.io/b"]);
    expect(uses({ tag: "r.io/a", sources: ["r.io/a:x", "r.io/a:y"] }, "docker-build:index:Index")).toEqual(["push r.io/a", "part r.io/a", "part r.io/a"]);
    expect(uses({ name: "r.io/driver:1" }, "docker:index/plugin:Plugin")).toEqual(["run r.io/driver"]);
    expect(uses({ dockerContainer: { image: "r.io/buildkit" }, kubernetes: { qemu: { image: "r.io/qemu" } } }, "docker:index/buildxBuilder:BuildxBuilder")).toEqual(["run r.io/buildkit", "run r.io/qemu"]);
    expect(read({ context: { named: UNKNOWN } }, dockerBuild).holes).toHaveLength(1);
    expect(read({ cacheFrom: UNKNOWN }, dockerBuild).holes).toHaveLength(1);
  });

  test("registries that are not checked", () => {
    expect(flaws({ exports: [{ image: { insecure: true } }] }, dockerBuild, "registry")[1]).toBe(true);
    expect(flaws({ exports: [{ raw: "type=registry,registry.insecure=true" }] }, dockerBuild, "registry")[1]).toBe(true);
    expect(flaws({ cacheFrom: [{ raw: "type=registry,ref=a/b,registry.insecure=true" }] }, dockerBuild, "registry")[1]).toBe(true);
    expect(flaws({ cacheFrom: [{ registry: { ref: "a/b" } }], cacheTo: [{ raw: "type=registry,ref=a/b" }] }, dockerBuild, "registry")[1]).toBe("unset");
    expect(flaws({ name: "a/b", build: { context: ".", authConfigs: [{ hostName: "http://a" }] } }, "docker:index/remoteImage:RemoteImage", "registry")[0]).toBe(true);
    expect(flaws({ name: "a/b", build: { context: ".", authConfigs: [{ hostName: "a", serverAddress: "https://a" }] } }, "docker:index/remoteImage:RemoteImage", "registry")[0]).toBe("unset");
    expect(flaws({ name: "a/b", build: { context: ".", authConfigs: UNKNOWN } }, "docker:index/remoteImage:RemoteImage", "registry")[0]).toBe("unknown");
    expect(flaws({ exports: UNKNOWN, registries: UNKNOWN }, dockerBuild, "registry")).toEqual(["unknown", "unknown"]);
    expect(flaws({ exports: [{ raw: "type=registry" }, { raw: UNKNOWN }] }, dockerBuild, "registry")[1]).toBe("unknown");
    expect(flaws({ insecureSkipVerify: true, authConfig: { address: "http://a" } }, "docker:index/registryImage:RegistryImage", "registry")).toEqual([true, true]);
    expect(flaws({ registry: { server: "http://a" } }, "docker:index/image:Image", "registry")[0]).toBe(true);
    expect(flaws({ taskSpec: { containerSpec: { image: "a" } }, auth: { serverAddress: "http://a", password: "x" } }, "docker:index/service:Service", "registry")[0]).toBe(true);
  });
});

describe("a Helm Release", () => {
  const type = "kubernetes:helm.sh/v3:Release";
  const weakenings = (values: unknown): unknown => state((subject({ chart: "a", values }, type, "chartValues") as ChartValues).weakenings);

  test.each<readonly [unknown, unknown]>([
    [{ a: { securityContext: { privileged: true } }, hostNetwork: true, hostPID: "true" }, ["values.a.securityContext.privileged", "values.hostNetwork", "values.hostPID"]],
    [{ c: { runAsUser: 0, runAsNonRoot: false, allowPrivilegeEscalation: true, readOnlyRootFilesystem: false } }, ["values.c.runAsUser", "values.c.runAsNonRoot", "values.c.allowPrivilegeEscalation", "values.c.readOnlyRootFilesystem"]],
    [{ c: { capabilities: { add: ["CHOWN", "cap_sys_admin"] } } }, ["values.c.capabilities"]], [{ c: { capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] } } }, []],
    [{ seccompProfile: { type: "Unconfined" } }, ["values.seccompProfile"]], [{ containerSecurityContext: { enabled: false }, metrics: { enabled: false } }, ["values.containerSecurityContext.enabled"]],
    [{ extra: [{ hostPath: { path: "/" } }], hostPath: "/var" }, ["values.extra[0].hostPath"]], [{ global: { security: { allowInsecureImages: true } } }, ["values.global.security.allowInsecureImages"]],
    [{ privileged: false, runAsUser: 1001, hostNetwork: "no" }, []], [{ privileged: UNKNOWN }, "unknown"], [{ host: UNKNOWN, hostIPC: true }, ["values.hostIPC"]], [UNKNOWN, "unknown"], [undefined, "unset"], ["text", "unknown"], [[], "unknown"],
  ])("%j", (values, expected) => {
    expect(weakenings(values)).toEqual(expected);
  });

  test("too much to look at is not a pass", () => {
    const deep: Record<string, unknown> = {};
    let inner = deep;
    for (let depth = 0; depth < 40; depth++) inner = (inner["a"] = {}) as Record<string, unknown>;
    inner["privileged"] = true;
    expect(weakenings(deep)).toBe("unknown");
    expect(weakenings({ list: Array.from({ length: 30_000 }, () => ({})), privileged: true })).toEqual(["values.privileged"]);
    expect(weakenings({ list: Array.from({ length: 30_000 }, () => ({})), a: { privileged: true } })).toBe("unknown");
  });

  test("is still not examined, and a repository without TLS is seen", () => {
    expect(read({ chart: "a" }, type).notExamined).toHaveLength(1);
    expect(flaws({ chart: "a", repositoryOpts: { repo: "http://a", password: "hunter2" } }, type, "chart repository")[0]).toBe(true);
    expect(flaws({ chart: "http://a/b.tgz" }, type, "chart repository")[0]).toBe(true);
    expect(flaws({ chart: UNKNOWN }, type, "chart repository")[0]).toBe("unknown");
    const flux = readDocument({ apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", spec: { values: { hostIPC: true } } })[0];
    expect(flux).toMatchObject({ notExamined: [{ reason: expect.stringContaining("helm template") }], subjects: [{ about: "chartValues", weakenings: { value: ["spec.values.hostIPC"] } }] });
  });
});
