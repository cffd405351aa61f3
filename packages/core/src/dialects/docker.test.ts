import { describe, expect, test } from "vitest";
import { applyPatches } from "../patch";
import { UNKNOWN } from "../field";
import type { Container, Model, Pod, Volume } from "../model/subject";
import { parseSecurityOption } from "./docker-options";
import { readDocument } from "./read";

function read(inputs: object, type = "docker:index/container:Container"): Model {
  const models = readDocument(inputs, { type, name: "web" });
  // What is built has a second one, of the Dockerfile.
  const own = models.filter(({ resource }) => resource.platform !== "dockerfile");
  if (own.length !== 1) throw new Error(`expected one model, found ${own.length}`);
  return own[0] as Model;
}
const container = (inputs: object, type?: string): Container => read(inputs, type).subjects.find((subject) => subject.about === "container") as Container;
const pod = (inputs: object, type?: string): Pod => read(inputs, type).subjects.find((subject) => subject.about === "pod") as Pod;
const volumes = (inputs: object, type?: string): readonly (string | undefined)[] => read(inputs, type).subjects.filter((subject): subject is Volume => subject.about === "volume").map(({ hostPath }) => (hostPath.state === "value" ? hostPath.value : hostPath.state));

describe("securityOpts", () => {
  test.each([
    ["no-new-privileges", "no-new-privileges", "true"], ["no-new-privileges:true", "no-new-privileges", "true"], ["no-new-privileges=false", "no-new-privileges", "false"],
    ["seccomp=unconfined", "seccomp", "unconfined"], ["seccomp:unconfined", "seccomp", "unconfined"], ["seccomp=/a:b/c.json", "seccomp", "/a:b/c.json"], ["label=type:svirt", "label", "type:svirt"], ["apparmor=x", "apparmor", "x"], ["systempaths=unconfined", "systempaths", "unconfined"],
  ])("%s", (text, key, value) => {
    expect(parseSecurityOption(text)).toEqual({ key, value });
  });

  test.each<readonly [readonly unknown[] | undefined, unknown]>([
    [["no-new-privileges"], true], [["no-new-privileges:true"], true], [["no-new-privileges=1"], true], [["no-new-privileges:false"], false], [["no-new-privileges:false", "no-new-privileges"], true],
    [[], "unset"], [undefined, "unset"], [["seccomp=x"], "unset"], [[UNKNOWN], "unknown"], [["no-new-privileges", UNKNOWN], "unknown"],
  ])("no-new-privileges in %j", (securityOpts, expected) => {
    const field = container({ securityOpts }).noNewPrivileges;
    expect(field.state === "value" ? field.value : field.state).toBe(expected);
  });

  test.each<readonly [readonly string[] | undefined, string]>([
    [undefined, "RuntimeDefault"], [["seccomp=unconfined"], "Unconfined"], [["seccomp=builtin"], "RuntimeDefault"], [["seccomp={}"], "Localhost"], [["seccomp=unconfined", "seccomp=/x.json"], "Localhost"],
  ])("seccomp in %j", (securityOpts, expected) => {
    expect(container({ securityOpts }).seccompProfile).toMatchObject({ state: "value", value: expected });
  });

  test("writing one option leaves the others", () => {
    const inputs = { securityOpts: ["no-new-privileges:false", "seccomp=unconfined", "label=disable"] };
    applyPatches(inputs, container(inputs).noNewPrivileges.to(true) ?? []);
    applyPatches(inputs, container(inputs).seccompProfile.to("RuntimeDefault") ?? []);
    expect(inputs.securityOpts).toEqual(["label=disable", "no-new-privileges:true"]);
    expect(container({ securityOpts: ["a", UNKNOWN] }).noNewPrivileges.to(true)).toBeUndefined();
  });
});

describe("capabilities", () => {
  test("have one name in every spelling", () => {
    expect(container({ capabilities: { adds: ["CAP_NET_RAW", "net_raw", "Sys_Admin"], drops: ["all"] } })).toMatchObject({ addedCapabilities: { value: ["NET_RAW", "NET_RAW", "SYS_ADMIN"] }, droppedCapabilities: { value: ["ALL"] } });
  });

  test("keep their spelling when some are removed", () => {
    const inputs = { capabilities: { adds: ["CAP_NET_RAW", "cap_chown"] } };
    applyPatches(inputs, container(inputs).addedCapabilities.to(["CHOWN"]) ?? []);
    expect(inputs.capabilities.adds).toEqual(["cap_chown"]);
  });
});

describe("a container", () => {
  test("users, limits and ports", () => {
    expect(container({ user: "" }).user.state).toBe("unset");
    expect(container({ user: "0:0" })).toMatchObject({ user: { value: "0:0" }, nonRoot: { value: true } });
    expect(container({ memory: 64 }).memoryLimit).toMatchObject({ value: 64 * 2 ** 20 });
    expect(container({ ports: [{ internal: 22 }, { internal: UNKNOWN }] }).ports).toMatchObject({ value: [22], partial: true });
    expect(container({}).pidsLimit).toMatchObject({ state: "unsupported", reason: expect.stringContaining("pids limit") });
  });

  test("namespaces of the host and of other containers", () => {
    expect(pod({ networkMode: "host" }).hostNetwork).toMatchObject({ value: true });
    expect(pod({ networkMode: "bridge", networksAdvanced: [{ name: "host" }] }).hostNetwork).toMatchObject({ value: true });
    expect(pod({ networkMode: "bridge", networksAdvanced: [{ name: UNKNOWN }] }).hostNetwork.state).toBe("unknown");
    expect(pod({ networksAdvanced: UNKNOWN }).hostNetwork.state).toBe("unknown");
    expect(pod({ pidMode: "container:db" })).toMatchObject({ hostPid: { value: false }, joinedPid: { value: "db" } });
    expect(pod({ ipcMode: "private" }).joinedIpc.state).toBe("unset");
  });

  test("paths of the host, in every form", () => {
    expect(volumes({ mounts: [{ type: "bind", target: "/a", source: "/x" }, { type: "volume", target: "/b", source: "v" }, { type: "tmpfs", target: "/c" }, { type: UNKNOWN, target: "/d" }], volumes: [{ hostPath: "/y", containerPath: "/e" }, { volumeName: "v", containerPath: "/f" }] })).toEqual(["/x", "unset", "unset", "unknown", "/y", "unset"]);
    expect(volumes({ mounts: [{ type: "volume", target: "/a", volumeOptions: { driverOptions: { type: "none", o: "rw,bind", device: "/z" } } }] })).toEqual(["/z"]);
    expect(volumes({ driverOpts: { o: "bind", device: "/srv" } }, "docker:index/volume:Volume")).toEqual(["/srv"]);
    expect(read({ volumes: UNKNOWN }).holes.map((hole) => hole.about)).toEqual([["volume"]]);
  });
});

describe("other types", () => {
  test("a Swarm service says what it cannot say", () => {
    const type = "docker:index/service:Service";
    const inputs = { taskSpec: { containerSpec: { image: "nginx", capDrops: ["ALL"], readOnly: true, mounts: [{ type: "bind", target: "/a", source: "/x" }] }, resources: { limits: { memoryBytes: 5 } }, networksAdvanceds: [{ name: "host" }] } };
    expect(container(inputs, type)).toMatchObject({ noNewPrivileges: { state: "unsupported" }, seccompProfile: { state: "unsupported" }, pidsLimit: { state: "unsupported" }, droppedCapabilities: { value: ["ALL"] }, memoryLimit: { value: 5 } });
    expect(pod(inputs, type).hostNetwork).toMatchObject({ value: true });
    expect(pod({ taskSpec: { ...inputs.taskSpec, networksAdvanceds: [{ id: "host" }] } }, type).hostNetwork).toMatchObject({ value: true });
    expect(pod({ taskSpec: { ...inputs.taskSpec, networksAdvanceds: [{ id: UNKNOWN }] } }, type).hostNetwork).toMatchObject({ state: "unknown" });
    expect(volumes(inputs, type)).toEqual(["/x"]);
    expect(read({ taskSpec: UNKNOWN }, type).holes.map(({ about }) => about)).toEqual([["pod", "container", "image", "volume"], ["exemption"]]);
  });

  test("what a Swarm service shares, publishes and is given", () => {
    const type = "docker:index/service:Service";
    const inputs = (ports: unknown, taskSpec: object = {}): object => ({ endpointSpec: { ports }, taskSpec: { containerSpec: { image: "nginx", groups: ["docker"], hosts: [{ host: "db", ip: "10.0.0.1" }], env: { API_KEY: "hunter2", LOG: "info" }, privileges: { seLinuxContext: { disable: true } }, sysctl: { "net.ipv4.ip_forward": "1" }, secrets: [{ secretId: "s", secretName: "db", fileName: "/run/secrets/db" }] }, ...taskSpec } });
    expect(pod(inputs([]), type)).toMatchObject({ supplementaryGroups: { value: ["docker"] }, hostAliases: { value: ["10.0.0.1"] }, sysctls: { value: ["net.ipv4.ip_forward"] }, defaultBridge: { value: true }, publishedOn: { state: "value", value: [] } });
    expect(container(inputs([]), type)).toMatchObject({ literalSecrets: { value: ["API_KEY"] }, seLinux: { value: { disabled: true } }, hostPorts: { value: [] } });
    expect(pod(inputs([{ targetPort: 80, publishedPort: 80 }]), type)).toMatchObject({ defaultBridge: { value: false }, publishedOn: { state: "unsupported", reason: expect.stringContaining("every interface") } });
    expect(pod(inputs([{ targetPort: 80, publishedPort: 80, publishMode: "host" }]), type).defaultBridge).toMatchObject({ value: true });
    expect(pod(inputs([{ targetPort: 80, publishMode: UNKNOWN }]), type).defaultBridge.state).toBe("unknown");
    expect(pod(inputs([], { networksAdvanceds: [{ name: "backend" }] }), type).defaultBridge).toMatchObject({ value: false });
    expect(pod(inputs(UNKNOWN), type)).toMatchObject({ defaultBridge: { state: "unknown", path: ["endpointSpec", "ports"] }, publishedOn: { state: "unknown" } });
    expect(container(inputs([{ targetPort: 80, publishedPort: 8080, publishMode: "host" }, { targetPort: 81, publishedPort: 81 }, { targetPort: 82, publishMode: "host" }]), type).hostPorts).toMatchObject({ value: [8080, 0, 0] });
    expect(container(inputs([{ targetPort: 80, publishedPort: UNKNOWN, publishMode: "host" }, UNKNOWN]), type).hostPorts).toMatchObject({ value: [], partial: true });
  });

  test("volumes that mount a share name the options with a credential", () => {
    const credentials = (inputs: object, type = "docker:index/volume:Volume"): unknown => {
      const volume = read(inputs, type).subjects.find((subject): subject is Volume => subject.about === "volume");
      return volume?.credentials.state === "value" ? volume.credentials.value : volume?.credentials.state;
    };
    expect(credentials({ driverOpts: { type: "cifs", o: "username=app, password=hunter2,vers=3.0" } })).toEqual(["o (password)"]);
    expect(credentials({ driverOpts: { type: "cifs", o: "credentials=/etc/share.cred" } })).toEqual([]);
    expect(credentials({ driver: "sshfs", driverOpts: { password: "hunter2", o: UNKNOWN } })).toEqual(["password"]);
    expect(credentials({ driverOpts: UNKNOWN })).toBe("unknown");
    expect(credentials({ driverOpts: { o: UNKNOWN } })).toBe("unknown");
    expect(credentials({ mounts: [{ type: "volume", target: "/a", volumeOptions: { driverOptions: { o: "pass=hunter2" } } }] }, "docker:index/container:Container")).toEqual(["o (pass)"]);
    expect(JSON.stringify(read({ driverOpts: { o: "username=app,password=hunter2" } }, "docker:index/volume:Volume"))).not.toContain("hunter2");
  });

  test("a path where the name of a volume should be, and a password of digits", () => {
    const { subjects } = read({ volumes: [{ volumeName: "/etc", containerPath: "/a" }, { volumeName: UNKNOWN, containerPath: "/b" }] }, "docker:index/container:Container");
    expect(subjects.flatMap((subject) => (subject.about === "volume" ? [subject.hostPath.state === "value" ? subject.hostPath.value : subject.hostPath.state] : []))).toEqual(["/etc", "unset"]);
    expect(container({ taskSpec: { containerSpec: { env: { DB_PASSWORD: 12345678 } } } }, "docker:index/service:Service").literalSecrets).toMatchObject({ value: ["DB_PASSWORD"] });
  });

  test("images that are pulled, built and pushed", () => {
    const uses = (inputs: object, type: string): readonly unknown[] => read(inputs, type).subjects.flatMap((subject) => (subject.about === "image" ? [subject.registry.state === "value" ? [subject.use, subject.registry.value.domain] : subject.use] : []));
    expect(uses({ name: "ghcr.io/a/b" }, "docker:index/remoteImage:RemoteImage")).toEqual([["pull", "ghcr.io"]]);
    expect(uses({ imageName: "app" }, "docker:index/image:Image")).toEqual([["build", "docker.io"]]);
    expect(uses({ tags: ["a.io/x:1", "b.io/x:1"] }, "docker-build:index:Image")).toEqual([["build", "a.io"], ["build", "b.io"]]);
    expect(read({ tags: UNKNOWN }, "docker-build:index:Image").holes).toHaveLength(1);
  });

  test("the short form of a type is the same type", () => {
    expect(container({ privileged: true }, "docker:index:Container").privileged).toMatchObject({ value: true });
  });

  test("what runs containers elsewhere is not examined, and everything else has no model", () => {
    expect(read({}, "aws:ecs/taskDefinition:TaskDefinition")).toMatchObject({ holdsContainers: true, notExamined: [{ reason: expect.stringContaining("no dialect") }] });
    expect(readDocument({}, { type: "aws:s3/bucket:Bucket" })).toEqual([]);
  });
});

describe("plugins", () => {
  const plugin = (grantPermissions: unknown): readonly unknown[] => {
    const { subjects, holes } = read({ name: "r.io/p:1", grantPermissions }, "docker:index/plugin:Plugin");
    const [grants] = subjects.flatMap((subject) => (subject.about === "plugin" ? [subject.grants] : []));
    return [grants?.state === "value" ? [...grants.value.map(({ name, value }) => `${name} ${value}`), ...(grants.partial === true ? ["..."] : [])] : grants?.state, volumes({ name: "r.io/p:1", grantPermissions }, "docker:index/plugin:Plugin"), holes.length];
  };

  test.each<readonly [unknown, readonly unknown[]]>([
    [undefined, [[], [], 0]], [[{ name: "network", values: ["host"] }, { name: "capabilities", values: ["CAP_SYS_ADMIN", "CAP_CHOWN"] }], [["network host", "capabilities CAP_SYS_ADMIN", "capabilities CAP_CHOWN"], [], 0]],
    [[{ name: "mount", values: ["/var/run/docker.sock", ""] }, { name: "mount", values: [UNKNOWN] }, { name: "mount", values: UNKNOWN }], [[], ["/var/run/docker.sock", "unknown", "unknown"], 0]],
    [UNKNOWN, ["unknown", [], 1]], [[UNKNOWN, { name: "device", values: ["/dev/fuse"] }], [["device /dev/fuse", "..."], [], 1]], [[{ name: "device", values: UNKNOWN }], ["unknown", [], 0]],
  ])("%j", (grants, expected) => {
    expect(plugin(grants)).toEqual(expected);
  });
});

test("a file that is uploaded with a private key, or that is a credential, by its path; never its content", () => {
  const key = "-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY-----\n";
  const uploads = (...files: readonly unknown[]): unknown => {
    const { literalSecrets } = container({ image: "x", uploads: files });
    return literalSecrets.state === "value" ? [...literalSecrets.value, ...(literalSecrets.partial === true ? ["..."] : [])] : literalSecrets.state;
  };
  expect(uploads({ file: "/tls/a.pem", content: `# for the proxy\n${key}` }, { file: "/tls/b.pem", contentBase64: btoa(key) }, { file: "/run/db_password", content: "hunter2\n" }, { file: "/app/token.js", content: "export const token = 1;\n" }, { file: "/tls/ca.pem", content: "-----BEGIN CERTIFICATE-----\nx" }, { file: "/x", contentBase64: "%%%" }, { file: "/y", source: "y" })).toEqual(["/tls/a.pem", "/tls/b.pem", "/run/db_password"]);
  expect([uploads({ file: "/a", content: UNKNOWN }), uploads({ file: "/a", content: UNKNOWN }, { file: "/tls.key", content: key }), uploads(UNKNOWN)]).toEqual(["unknown", ["/tls.key", "..."], "unknown"]);
  expect(container({ image: "x", envs: ["API_KEY=hunter2"], uploads: [{ file: "/tls.key", content: key }] }).literalSecrets).toMatchObject({ value: ["API_KEY", "/tls.key"], path: ["envs"] });
  expect(JSON.stringify(read({ image: "x", uploads: [{ file: "/tls.key", content: key }, { file: "/k", contentBase64: btoa(key) }] }))).not.toMatch(/hunter2|aHVudGVyMg/);
});

test("exemptions stand on a Swarm service, or on its containers", () => {
  const label = "exempt.bulkhead.dev/no-host-path";
  const { exemptions = [], holes } = read({ labels: [{ label, value: "owner=a; expires=2027-03-31; reason=because" }], taskSpec: { containerSpec: { image: "x", labels: [{ label, value: "owner=b; expires=2027-03-31; reason=because" }] } } }, "docker:index/service:Service");
  expect([exemptions.map(({ terms }) => terms?.owner), holes]).toEqual([["a", "b"], []]);
  expect(read({ taskSpec: { containerSpec: { image: "x", labels: UNKNOWN } } }, "docker:index/service:Service").holes.map(({ about }) => about)).toEqual([["exemption"]]);
});
