import { describe, expect, test } from "vitest";
import type { Field } from "../field";
import { UNKNOWN } from "../field";
import type { Build } from "../model/around";
import type { ComposeService, Container, Model, Pod, Subject, Volume } from "../model/subject";
import { applyPatches } from "../patch";
import { parseBytes } from "./compose-limits";
import { parseVolume } from "./compose-mounts";
import { readDocument } from "./read";

const read = (document: object): readonly Model[] => readDocument(document, { type: "compose", name: "compose.yaml" });
function subjects<S extends Subject>(service: unknown, about: S["about"], rest: object = {}): readonly S[] {
  return read({ services: { web: service }, ...rest }).flatMap((model) => model.subjects).filter((subject): subject is S => subject.about === about);
}
const container = (service: object): Container => subjects<Container>(service, "container")[0] as Container;
const pod = (service: object, rest: object = {}): Pod => subjects<Pod>(service, "pod", rest)[0] as Pod;
const volumes = (service: object): readonly Volume[] => subjects<Volume>(service, "volume");
const said = (field: Field<unknown> | undefined): unknown => (field?.state === "value" ? (field.partial === true ? [field.value, "..."] : field.value) : field?.state);

test.each([["64m", 67108864], ["1.5gb", 1610612736], ["2 GiB", 2147483648], ["512", 512], [512, 512], ["1k", 1024], ["50%", undefined], ["x", undefined], [true, undefined]])("%j is %j bytes", (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  ["/a", "", "/a", []], ["data:/a", "data", "/a", []], ["./a:/a:ro", "./a", "/a", ["ro"]], ["C:\\a:/a:rw", "C:\\a", "/a", ["rw"]], ["c:/x:d:/y", "c:/x", "d:/y", []], ["data:/a:z,rshared", "data", "/a", ["z", "rshared"]],
] as const)("the volume %s", (text, source, target, options) => {
  expect(parseVolume(text)).toEqual({ source, target, options });
});

describe("ports", () => {
  test.each<readonly [unknown, unknown, unknown, unknown]>([
    [["80"], ["0.0.0.0"], [80], [0]], [[80], ["0.0.0.0"], [80], [0]], [["8080:80/udp"], ["0.0.0.0"], [80], [8080]], [["127.0.0.1:8080:80"], ["127.0.0.1"], [80], [8080]], [["127.0.0.1::80"], ["127.0.0.1"], [80], [0]],
    [["[::1]:8080:80"], ["::1"], [80], [8080]], [["9000-9001:80-81"], ["0.0.0.0"], [80, 81], [9000, 9001]], [[{ target: 80, published: "8080", host_ip: "::" }], ["::"], [80], [8080]], [[{ target: "80" }], ["0.0.0.0"], [80], [0]],
    [["9001-9002:9001-9002", "127.0.0.1:9000-9001:9000-9001"], ["0.0.0.0", "127.0.0.1"], [9000, 9001, 9002], [9000, 9001, 9002]],
    [["9-8:9-8"], ["0.0.0.0"], "unknown", "unknown"], [[Number.POSITIVE_INFINITY, "1:2"], ["0.0.0.0", "0.0.0.0"], [[2], "..."], [0, 1]], [[UNKNOWN], "unknown", "unknown", "unknown"], [["1:2", UNKNOWN], [["0.0.0.0"], "..."], [[2], "..."], [[1], "..."]], [UNKNOWN, "unknown", "unknown", "unknown"], [null, [], [], []],
  ])("%j", (ports, on, inside, outside) => {
    expect([said(pod({ ports }).publishedOn), said(container({ ports }).ports), said(container({ ports }).publishedPorts)]).toEqual([on, inside, outside]);
  });
});

test("ports of each machine of a Swarm are those in the mode host", () => {
  const taken = (ports: unknown): unknown => said(container({ ports }).hostPorts);
  expect([["8080:80"], [{ target: 80, published: 8080, mode: "host" }, { target: 81, published: "9000-9001", mode: "host" }, { target: 82, published: 82, mode: "ingress" }], [{ target: 80, mode: "host" }], [{ target: 80, published: 80, mode: UNKNOWN }], [{ target: 80, published: UNKNOWN, mode: "host" }], UNKNOWN, [UNKNOWN, { target: 1, published: 1, mode: "host" }]].map(taken)).toEqual([[], [8080, 9000, 9001], [0], "unknown", "unknown", "unknown", [[1], "..."]]);
  const document = { services: { web: { ports: [{ target: 80, published: 80, mode: "host" }] } } };
  applyPatches(document, container(document.services.web).hostPorts.to([]) ?? []);
  expect(document.services.web.ports).toEqual([{ target: 80, published: 80 }]);
});

test("thousands of ranges of ports are one list", () => {
  const started = performance.now();
  expect(container({ ports: Array.from({ length: 3000 }, () => "0-65535:0-65535") }).ports).toMatchObject({ state: "value", value: { length: 65_536 } });
  expect(performance.now() - started).toBeLessThan(5000);
});

describe("limits", () => {
  const limits = (own: object, deployed?: object): readonly unknown[] => {
    const service = { ...own, ...(deployed === undefined ? {} : { deploy: { resources: { limits: deployed } } }) };
    const { memoryLimit, cpuLimit, pidsLimit } = container(service);
    return [...[memoryLimit, cpuLimit, pidsLimit].map(said), said(subjects<ComposeService>(service, "composeService")[0]?.limitConflicts)];
  };
  test.each<readonly [object, object | undefined, readonly unknown[]]>([
    [{ mem_limit: "1k", cpus: "0.5", pids_limit: 9 }, undefined, [1024, 0.5, 9, []]],
    [{}, { memory: "1k", cpus: 0.5, pids: "9" }, [1024, 0.5, 9, []]],
    [{ mem_limit: "1k" }, { memory: 1024 }, [1024, "unset", "unset", []]],
    [{ mem_limit: "1k", cpus: 1, pids_limit: 1 }, { memory: "2k", cpus: "2", pids: 2 }, [1024, 1, 1, ["mem_limit", "cpus", "pids_limit"]]],
    [{ mem_limit: "1k" }, {}, [1024, "unset", "unset", ["mem_limit"]]], [{ mem_limit: 0 }, { memory: "1k" }, [1024, "unset", "unset", []]],
    [{ mem_limit: UNKNOWN }, { memory: "1k" }, [1024, "unset", "unset", "unknown"]], [{ pids_limit: -1 }, undefined, ["unset", "unset", -1, []]], [{ cpuset: "0,1" }, undefined, ["unset", 1, "unset", []]],
  ])("%j and %j", (own, deployed, expected) => {
    expect(limits(own, deployed)).toEqual(expected);
  });
});

describe("mounts", () => {
  test.each<readonly [object, readonly unknown[]]>([
    [{ volumes: ["/a", "data:/a", "./src:/a", "~/x:/a", "/etc:/a"] }, ["unset", "unset", "./src", "~/x", "/etc"]],
    [{ volumes: [{ type: "bind", source: "/etc", target: "/a" }, { type: "volume", source: "/looks/like/one", target: "/b" }, { type: "npipe", source: "\\\\.\\pipe\\docker_engine", target: "/c" }, { type: "bind", target: "/d" }] }, ["/etc", "unset", "\\\\.\\pipe\\docker_engine", ""]],
    [{ use_api_socket: true }, ["/var/run/docker.sock"]], [{ volumes: [{ type: UNKNOWN, source: "/etc", target: "/a" }] }, ["unknown"]], [{ tmpfs: "/run:size=1m" }, ["unset"]],
  ])("%j", (service, paths) => {
    expect(volumes(service).map(({ hostPath }) => said(hostPath))).toEqual(paths);
  });

  test.each<readonly [string, string | undefined, unknown, unknown]>([
    ["./a", "/srv/shop", "./a", "/srv/shop"], ["../a", "/srv/shop", "../a", "/srv/shop"], ["etc", "/srv/shop", "./etc", "/srv/shop"], ["/etc", "/srv/shop", "/etc", "unset"], ["~/a", "/srv/shop", "~/a", "unset"], ["C:\\a", "/srv/shop", "C:\\a", "unset"],
    ["./a", undefined, "./a", "unset"], ["./a/../..", undefined, "./a/../..", "unknown"], ["..\\a", undefined, "..\\a", "unknown"], ["..a/b", undefined, "..a/b", "unset"],
  ])("the path %s is taken from %s", (source, folder, path, from) => {
    const found = readDocument({ services: { web: { volumes: [{ type: "bind", source, target: "/x" }] } }, volumes: { v: { driver_opts: { o: "bind", device: source } } } }, { type: "compose", ...(folder === undefined ? {} : { folderOf: () => folder }) });
    const [bind, named] = found.flatMap((model) => model.subjects).filter((subject): subject is Volume => subject.about === "volume");
    expect([bind, named].map((mount) => [said(mount?.hostPath), said(mount?.hostFolder)])).toEqual([[path, from], [path, from]]);
  });

  test("the files of secrets and configs are mounts of the host's where they are not the project's own", () => {
    const files = (service: object, rest: object): readonly unknown[] => subjects<Volume>(service, "volume", rest).map(({ name, hostPath, writable }) => [name, said(hostPath), said(writable), hostPath.path.join(".")]);
    const rest = { secrets: { own: { file: "./own.txt" }, host: { file: "/etc/shadow" }, up: { file: "../up" }, env: { environment: "TOKEN" }, vault: { external: true, file: "/etc/x" }, open: { file: UNKNOWN } }, configs: { app: { file: "/etc/app.conf" }, text: { content: "x" } } };
    expect(files({ secrets: ["own", { source: "host", target: "/keys/shadow" }, "up", "env", "vault", "open"], configs: ["app", { source: "text", target: "t" }] }, rest)).toEqual([
      ["/run/secrets/own", "unset", false, "secrets.own.file"], ["/keys/shadow", "/etc/shadow", false, "secrets.host.file"], ["/run/secrets/up", "../up", false, "secrets.up.file"], ["/run/secrets/env", "unset", false, "secrets.env.file"],
      ["/run/secrets/vault", "unset", false, "secrets.vault.file"], ["/run/secrets/open", "unknown", false, "secrets.open.file"], ["/app", "/etc/app.conf", false, "configs.app.file"], ["/t", "unset", false, "configs.text.file"],
    ]);
    for (const service of [{ secrets: UNKNOWN }, { secrets: [UNKNOWN] }, { secrets: [{ source: UNKNOWN }] }]) expect(files(service, rest)).toMatchObject([[expect.anything(), "unknown", false, expect.stringMatching(/^services\.web\.secrets/)]]);
    expect(files({ secrets: ["host"] }, { secrets: UNKNOWN })).toMatchObject([[expect.anything(), "unknown", false, expect.anything()]]);
  });

  test("scratch space, what may write, and what is taken from others", () => {
    expect(volumes({ tmpfs: ["/a", "/b:size=1m,exec"], volumes: [{ type: "tmpfs", target: "/c", tmpfs: { size: "1k" } }] }).map(({ name, scratch, sizeLimit, executable }) => [name, scratch, said(sizeLimit), said(executable)])).toEqual([["/c", true, 1024, "unset"], ["/a", true, "unset", false], ["/b", true, 1048576, true]]);
    expect(volumes({ volumes: ["data:/a", "data:/b:ro", { type: "volume", source: "a", target: "/c", read_only: true }] }).map(({ writable }) => said(writable))).toEqual([true, false, false]);
    expect(volumes({ volumes_from: ["db:ro", "container:other"] }).map(({ fromContainer }) => said(fromContainer))).toEqual(["db", "other"]);
  });

  test("a short mount is made read-only in its own words", () => {
    const document = { services: { web: { volumes: ["data:/a", "data:/b:rw,z", "/c"] } } };
    for (const subject of volumes(document.services.web)) applyPatches(document, subject.writable.to(false) ?? []);
    expect(document.services.web.volumes).toEqual(["data:/a:ro", "data:/b:z,ro", "/c"]);
  });

  test("devices, propagation and kernel parameters are taken away where they are said", () => {
    const fixed = (service: object, patches: (document: object) => readonly unknown[] | undefined): unknown => {
      const document = { services: { web: service } };
      const found = patches(document.services.web);
      if (found !== undefined) applyPatches(document, found as never);
      return found === undefined ? undefined : document.services.web;
    };
    const devices = (service: object): unknown => fixed(service, (web) => container(web).devices.to(undefined));
    expect([{ devices: ["/dev/sda"] }, { devices: [{ source: "/dev/mem", target: "/dev/mem" }], tty: true }].map(devices)).toEqual([{}, { tty: true }]);
    const modes = (service: object): unknown => fixed(service, (web) => container(web).mountPropagation.to(["None", "HostToContainer"]));
    expect([{ volumes: ["data:/a:rshared", "data:/b:ro,shared,z", "data:/c:rslave", "/d"] }, { volumes: [{ type: "bind", source: "/a", bind: { propagation: "shared" } }, { type: "bind", bind: { propagation: "rshared", create_host_path: false } }] }].map(modes)).toEqual([
      { volumes: ["data:/a", "data:/b:ro,z", "data:/c:rslave", "/d"] }, { volumes: [{ type: "bind", source: "/a" }, { type: "bind", bind: { create_host_path: false } }] },
    ]);
    const parameters = (service: object): unknown => fixed(service, (web) => pod(web).sysctls.to(["kept"]));
    expect([{ sysctls: { kept: 1, a: 2 } }, { sysctls: ["a=1", "kept=2", "b=3"] }, { sysctls: { a: 1 } }, { sysctls: ["a=1"] }, { sysctls: ["a=1", UNKNOWN] }].map(parameters)).toEqual([{ sysctls: { kept: 1 } }, { sysctls: ["kept=2"] }, {}, {}, { sysctls: [UNKNOWN] }]);
  });

  test("what is not known leaves a hole", () => {
    const holes = (service: object): readonly unknown[] => read({ services: { web: service } }).flatMap((model) => model.holes.map(({ path }) => path.join(".")));
    expect(holes({ volumes: [UNKNOWN], tmpfs: UNKNOWN, use_api_socket: UNKNOWN, volumes_from: UNKNOWN, build: UNKNOWN })).toEqual(["services.web.tmpfs", "services.web.volumes.0", "services.web.volumes_from", "services.web.use_api_socket", "services.web.build"]);
    expect(read({ services: UNKNOWN }).flatMap((model) => model.holes.map(({ about }) => about.includes("container")))).toEqual([true]);
    expect(read({ services: { a: UNKNOWN } }).map(({ holdsContainers, members }) => [holdsContainers, members?.length])).toEqual([[true, 1]]);
  });
});

test("credentials: written down, from elsewhere, in an argument of the build; never a value", () => {
  const secrets = (service: object): readonly unknown[] => [said(container(service).literalSecrets), said(container(service).secretVariables)];
  expect(secrets({ environment: { DB_PASSWORD: "hunter2", TOKEN: "${TOKEN}", API_KEY: null, URL: "postgres://u:hunter2@${HOST}/x", DSN: "postgres://u:${P}@h/x", LOG: "${LOG}" } })).toEqual([["DB_PASSWORD", "URL"], ["TOKEN", "API_KEY"]]);
  expect(secrets({ environment: ["DB_PASSWORD=hunter2", "TOKEN=${TOKEN}", "API_KEY", UNKNOWN] })).toEqual([[["DB_PASSWORD"], "..."], [["TOKEN", "API_KEY"], "..."]]);
  expect(secrets({ environment: { MYSQL_ROOT_PASSWORD: 12345678, KEY_SIZE: 2048 } })).toEqual([["MYSQL_ROOT_PASSWORD"], []]);
  expect(secrets({ environment: {}, env_file: "app.env" })).toEqual([[], "unknown"]);
  expect(subjects<Build>({ build: { context: ".", args: ["NPM_TOKEN", "V=1"], network: "host", privileged: "yes", entitlements: ["network.host", "security.insecure"] } }, "build").map(({ secretArguments, hostNetwork, privileges }) => [secretArguments, hostNetwork, privileges].map(said))).toEqual([[["NPM_TOKEN"], true, ["security.insecure", "privileged"]]]);
  expect(JSON.stringify(read({ services: { web: { environment: { DB_PASSWORD: "hunter2" }, build: { args: { TOKEN: "hunter2" } }, command: "app --password hunter2" } } }))).not.toContain("hunter2");
});

describe("namespaces and networks", () => {
  test.each<readonly [object, Partial<Record<keyof Pod, unknown>>]>([
    [{ network_mode: "service:db", pid: "container:x", ipc: "service:db" }, { joinedNetwork: "db", joinedPid: "x", joinedIpc: "db", hostNetwork: false }],
    [{ network_mode: "host", pid: "host", ipc: "host", uts: "host", cgroup: "host", userns_mode: "host" }, { hostNetwork: true, hostPid: true, hostIpc: true, hostUtsNamespace: true, hostCgroupNamespace: true, hostUserNamespace: true }],
    [{ network_mode: "bridge" }, { defaultBridge: true }], [{}, { defaultBridge: false, hostNetwork: "unset" }], [{ extra_hosts: { a: "1.1.1.1" }, sysctls: ["a=1"], group_add: [0] }, { hostAliases: ["a"], sysctls: ["a"], supplementaryGroups: ["0"] }],
    [{ networks: UNKNOWN }, { hostNetwork: "unknown" }],
  ])("%j", (service, expected) => {
    const found = pod(service);
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, said(found[key as keyof Pod] as Field<unknown>)]))).toEqual(expected);
  });

  test("of an external network whose name is not known it is not known whether it is the host's", () => {
    for (const network of [{ external: true, name: UNKNOWN }, { external: { name: UNKNOWN } }, { external: UNKNOWN, name: "host" }, UNKNOWN]) expect([said(pod({ networks: ["outside"] }, { networks: { outside: network } }).hostNetwork), network]).not.toEqual(["unset", network]);
    expect(said(pod({ networks: ["outside"] }, { networks: { outside: { name: UNKNOWN } } }).hostNetwork)).toBe("unset");
  });

  test("an external network named host is the host's", () => {
    for (const networks of [{ outside: { external: true, name: "host" } }, { outside: { external: { name: "host" } } }]) expect(said(pod({ networks: ["outside"] }, { networks }).hostNetwork)).toBe(true);
    expect(said(pod({ networks: ["outside"] }, { networks: { outside: { name: "host" } } }).hostNetwork)).toBe("unset");
  });

  test("names are the project's own, unless a network has one, or is made elsewhere", () => {
    const members = read({ name: "shop", services: { a: {}, b: { networks: ["x", "y", "z"] }, c: { network_mode: "none" } }, networks: { x: {}, y: { name: "shared" }, z: { external: true } } }).flatMap((model) => model.members ?? []);
    expect(members.map((member) => (member.about === "attachment" ? said(member.networks) : member.about === "containerNetwork" ? said(member.name) : member.about))).toEqual([["shop_default"], ["shop_x", "shared", "z"], "unset", "shop_x", "shared", "shop_default"]);
  });
});

test("what is run, restarted and checked", () => {
  const { restart, restartAttempts, healthcheck, shellProbes, ulimits, logDriver, logSizeLimited, startsSshServer, deviceRequests } = container({
    restart: "on-failure:5", healthcheck: { test: "curl -f localhost" }, ulimits: { nproc: 64, nofile: { soft: 1, hard: 2 } }, logging: { driver: "json-file", options: { "max-size": "1m" } }, command: "sshd -D", gpus: "all",
  });
  expect([restart, restartAttempts, healthcheck, shellProbes, ulimits, logDriver, logSizeLimited, startsSshServer, deviceRequests].map(said)).toEqual(["on-failure", 5, true, ["healthcheck"], [{ name: "nproc", hard: 64 }, { name: "nofile", hard: 2 }], "json-file", true, true, ["gpus"]]);
  expect(said(container({ deploy: { restart_policy: { condition: "any", max_attempts: 3 } } }).restart)).toBe("always");
  const both = container({ restart: "on-failure:3", deploy: { restart_policy: { condition: "any", max_attempts: 9 } } });
  expect([both.restart, both.restartAttempts].map(said)).toEqual(["always", 9]);
  expect([{ disable: true }, { test: ["NONE"] }, { test: ["CMD", "true"] }, {}].map((check) => said(container({ healthcheck: check }).healthcheck))).toEqual([false, false, true, "unset"]);
});

test("what Compose does not run, or stands on what is not here, is not examined", () => {
  const models = read({ services: { a: { provider: { type: "awesomecloud" } }, b: { extends: { file: "git@example.com:x.git", service: "x" }, privileged: false } } });
  expect(models.filter(({ resource }) => resource.kind === "Service").map(({ notExamined, holdsContainers, subjects: found }) => [notExamined.length, holdsContainers, found.length])).toEqual([[1, true, 0], [1, true, 0]]);
});

test("a password in an argument, also of the health check, and in names that are one word", () => {
  const named = (service: object): unknown => said(container(service).secretArguments);
  expect([{ command: ["redis-server", "--requirepass", "hunter2x"] }, { command: "env PGPASSWORD=hunter2x psql" }, { healthcheck: { test: "mysqladmin ping --password=hunter2x" } }, { command: "pg_dump --no-password shop" }, { healthcheck: { test: ["CMD", "mysqladmin", "--password=$ROOT"] } }].map(named)).toEqual([["requirepass"], ["PGPASSWORD"], ["password"], [], []]);
  expect(said(container({ environment: { PGPASSWORD: "hunter2x", dbPassword: "hunter2x", REDIS_URL: "redis://:hunter2x@db", MONKEY: "banana", PASSWORD_FILE: "/x" } }).literalSecrets)).toEqual(["PGPASSWORD", "dbPassword", "REDIS_URL"]);
});

test("a user without a name is the image's own; its group counts", () => {
  const { user, group, nonRoot } = container({ user: ":0" });
  expect([user, group, nonRoot].map(said)).toEqual(["unset", "0", "unset"]);
});

test("a disk of the host under a volume's name", () => {
  const paths = (options: object): readonly unknown[] => read({ services: {}, volumes: { disk: { driver_opts: options } } }).flatMap((model) => model.subjects.map((subject) => said((subject as Volume).hostPath)));
  expect([{ type: "ext4", device: "/dev/sda1" }, { type: "nfs", o: "addr=10.0.0.1", device: ":/export" }, { type: "none", o: "bind", device: "/etc" }].flatMap(paths)).toEqual(["/dev/sda1", "unset", "/etc"]);
});

test("labels exempt", () => {
  const [model] = read({ services: { web: { labels: ["exempt.bulkhead.dev/no-privileged=owner=a; expires=2027-01-01; reason=x"] } } });
  expect(model?.exemptions?.map(({ rule }) => rule)).toEqual(["no-privileged"]);
});

test("a config whose content is a private key is a credential that was written down", () => {
  const key = "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n";
  const named = (service: object, configs: object): unknown => said(subjects<Container>(service, "container", { configs })[0]?.literalSecrets);
  expect(named({ configs: ["tls", { source: "app" }], environment: { API_KEY: "hunter2" } }, { tls: { content: key }, app: { content: "log: info" }, other: { content: key } })).toEqual(["API_KEY", "tls"]);
  expect([named({ configs: ["tls"] }, { tls: { content: UNKNOWN } }), named({ configs: ["tls"] }, { tls: { file: "./tls.key" } }), named({ configs: ["pw"] }, { pw: { content: "${PASSWORD}" } })]).toEqual(["unknown", [], []]);
});

test("exemptions stand among the labels of the containers, or of the service under deploy", () => {
  const value = (owner: string): string => `owner=${owner}; expires=2027-03-31; reason=because`;
  const [model] = read({ services: { web: { labels: { "exempt.bulkhead.dev/no-host-pid": value("a") }, deploy: { labels: [`exempt.bulkhead.dev/no-host-ipc=${value("b")}`] } } } });
  expect(model?.exemptions?.map(({ rule, terms, path }) => [rule, terms?.owner, path.join(".")])).toEqual([["no-host-pid", "a", "services.web.labels.exempt.bulkhead.dev/no-host-pid"], ["no-host-ipc", "b", "services.web.deploy.labels.0"]]);
});
