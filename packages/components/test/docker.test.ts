import { weakenable } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { containerExemptions, containerInputs } from "../src/docker/container-inputs";
import { readContainerArgs } from "../src/docker/container-args";
import type { HardenedContainerArgs, HardenedServiceArgs } from "../src/index";
import { HardenedContainer, HardenedService, PrivateNetwork } from "../src/index";
import { hardenings, without } from "../src/posture";
import { dockerWeakenings } from "../src/posture/docker-weakenings";
import { kubernetesWeakenings } from "../src/posture/kubernetes-weakenings";
import type { Registered } from "./support";
import { exempted, found, judge, register, reported } from "./support";

const image = "registry.example.com/shop/app:1.4.2@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const least = { image, memory: "128Mi" };
const healthcheck = { command: ["/bin/app", "healthy"] };
const token = "docker:index/container:Container";
const tree = async (program: () => void): Promise<readonly string[]> => (await register(program)).map(({ type, name, parent }) => `${type} ${name}${parent === "" ? "" : ` < ${parent}`}`);

describe("children", () => {
  // Another name or parent is another URN: the next update would replace every user's running containers.
  test("a container's", async () => {
    expect(await tree(() => void new HardenedContainer("web", least))).toEqual([
      "bulkhead:index:HardenedContainer web",
      "docker:index/container:Container web < bulkhead:index:HardenedContainer web",
      "pulumi-nodejs:dynamic/bulkhead:PidsLimit web < bulkhead:index:HardenedContainer web",
    ]);
  });

  test("of containers that are linked, and publish", async () => {
    expect(await tree(() => {
      const web = new HardenedContainer("web", { ...least, publish: [{ port: 8080 }] });
      const db = new HardenedContainer("db", least);
      web.allowTo(db, { port: 5432 });
    })).toEqual(expect.arrayContaining(["docker:index/network:Network web-db < bulkhead:index:HardenedContainer web", "docker:index/network:Network web-published < bulkhead:index:HardenedContainer web"]));
  });

  test("a service's, and a network's", async () => {
    expect(await tree(() => {
      new HardenedService("web", least);
      new PrivateNetwork("back");
    })).toEqual([
      "bulkhead:index:HardenedService web", "bulkhead:index:PrivateNetwork back",
      "docker:index/network:Network back < bulkhead:index:PrivateNetwork back", "docker:index/service:Service web < bulkhead:index:HardenedService web",
    ]);
  });

  test("the hardened inputs, as they are sent", async () => {
    const resources = await register(() => void new HardenedContainer("web", { ...least, scratch: [{ path: "/tmp" }], environment: { MODE: "prod" }, volumes: [{ volume: "data", path: "/data" }] }));
    expect(resources.find(({ type }) => type === token)?.inputs).toEqual({
      name: "web", image, memory: 128, memorySwap: 128, cpus: "0.5", user: "10001:10001", capabilities: { drops: ["ALL"] }, securityOpts: ["no-new-privileges:true"], readOnly: true,
      ipcMode: "private", cgroupnsMode: "private", init: true, restart: "on-failure", maxRetryCount: 5, logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" },
      ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 4096, hard: 4096 }], networkMode: "none", networksAdvanced: [], start: false, mustRun: false, stopTimeout: 10, destroyGraceSeconds: 10,
      tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=67108864,uid=10001,gid=10001,mode=0700" }, mounts: [{ type: "volume", source: "data", target: "/data", readOnly: false }], envs: ["MODE=prod"],
    });
    expect(resources.find(({ name, type }) => type.endsWith(":PidsLimit") && name === "web")?.inputs).toMatchObject({ limit: 128, start: true, mustRun: true });
  });

  test("a container that nobody links has no network; linked ones have one internal network for each link, and no other", async () => {
    const resources = await register(() => {
      const [web, api, db] = ["web", "api", "db"].map((name) => new HardenedContainer(name, least)) as [HardenedContainer, HardenedContainer, HardenedContainer];
      web.allowTo(api, { port: 8080 });
      api.allowTo(db, { port: 5432, protocol: "tcp" });
      new HardenedContainer("alone", least);
    });
    const networks = Object.fromEntries(resources.filter(({ type }) => type === token).map(({ name, inputs }) => [name, [inputs["networkMode"], ...(inputs["networksAdvanced"] as { readonly name: string }[]).map((network) => network.name)]]));
    expect(networks).toEqual({ web: ["bridge", "web-api"], api: ["bridge", "web-api", "api-db"], db: ["bridge", "api-db"], alone: ["none"] });
    expect(resources.filter(({ type }) => type.endsWith(":Network")).map(({ inputs }) => [inputs["internal"], inputs["labels"]])).toEqual([[true, [{ label: "bulkhead.dev/link", value: "api->db" }]], [true, [{ label: "bulkhead.dev/link", value: "web->api" }]]]);
  });

  test("a container may be told the name of the one that it is linked to, though that waits for the link's network", async () => {
    const resources = await register(() => {
      const db = new HardenedContainer("db", least);
      const web = new HardenedContainer("web", { ...least, environment: { DATABASE: db.containerName }, command: ["serve", db.containerName] });
      web.allowTo(db, { port: 5432 });
    });
    expect(resources.find(({ type, name }) => type === token && name === "web")?.inputs).toMatchObject({ envs: [expect.stringMatching(/^DATABASE=./)], networkMode: "bridge" });
  });
});

describe("rules and components prove each other", () => {
  const says = async (program: () => void) => {
    const outcomes = judge(await register(program), "strict");
    return { found: found(outcomes), exempted: exempted(outcomes), undecided: outcomes.flatMap(({ undecided }) => undecided.map(({ rule }) => rule.id)) };
  };

  test("the least that can be written satisfies every rule of strict but the health check, which nobody else can know", async () => {
    expect(await says(() => void new HardenedContainer("web", least))).toEqual({ found: ["require-healthcheck"], exempted: [], undecided: [] });
    expect(await says(() => void new HardenedContainer("web", { ...least, healthcheck, scratch: [{ path: "/tmp" }], publish: [{ port: 8080 }] }))).toEqual({ found: [], exempted: [], undecided: [] });
  });

  test("a network with a way out is the reason of each container on it", async () => {
    const on = (args: Partial<HardenedContainerArgs>) => says(() => {
      const network = new PrivateNetwork("out", { internet: { reason: "crawls" } });
      new HardenedContainer("web", { ...least, healthcheck, networks: [network.networkName], ...args });
    });
    expect(await on({})).toEqual({ found: ["internal-backend-network"], exempted: [], undecided: [] });
    expect(await on({ leadingNetworks: { reason: "crawls" } })).toEqual({ found: [], exempted: ["internal-backend-network"], undecided: [] });
    expect(await on({ publish: [{ port: 8080 }] })).toEqual({ found: [], exempted: [], undecided: [] });
  });

  test("linked containers do", async () => {
    const linked = await says(() => {
      const web = new HardenedContainer("web", { ...least, healthcheck, publish: [{ port: 8080 }] });
      web.allowTo(new HardenedContainer("db", { ...least, healthcheck, user: 10_002 }), { port: 5432 });
    });
    expect(linked).toEqual({ found: [], exempted: [], undecided: [] });
  });

  test.each<readonly [string, Partial<HardenedContainerArgs>, readonly string[]]>([
    ["capabilities", { capabilities: { add: ["CHOWN"], reason: "x" } }, ["only-allowed-capabilities"]],
    ["a capability that restricted allows", { capabilities: { add: ["NET_BIND_SERVICE"], reason: "x" } }, []],
    ["a capability that is not ordinary", { capabilities: { add: ["CAP_IPC_LOCK"], reason: "x" } }, ["only-allowed-capabilities", "only-default-capabilities"]],
    ["NET_RAW", { capabilities: { add: ["NET_RAW"], reason: "x" } }, ["only-allowed-capabilities", "only-default-capabilities"]],
    ["a writable root", { writableRootFilesystem: { reason: "x" } }, ["read-only-root-filesystem"]],
    ["root", { runAsRoot: { reason: "x" } }, ["no-low-group-id", "no-low-user-id", "no-root-group", "no-root-user"]],
    ["the internet", { internet: { reason: "x" } }, ["internal-backend-network"]],
    ["a network that leads outside", { networks: ["elsewhere"], leadingNetworks: { reason: "x" } }, ["internal-backend-network"]],
    ["such a network, of one that publishes", { networks: ["elsewhere"], leadingNetworks: { reason: "x" }, publish: [{ port: 80 }] }, []],
    ["the internet, of one that publishes", { internet: { reason: "x" }, publish: [{ port: 80 }] }, []],
    ["restarts", { restartAlways: { reason: "x" } }, ["bounded-restarts"]],
    ["scratch space that can be run", { scratch: [{ path: "/tmp", executable: { reason: "x" } }, { path: "/run", executable: { reason: "y" } }] }, ["no-executable-scratch", "no-executable-scratch"]],
    ["every interface", { publish: [{ port: 8080, interface: "0.0.0.0", reason: "x" }] }, ["bind-published-ports"]],
    ["a low port", { publish: [{ port: 8080, hostPort: 80, reason: "x" }] }, ["no-privileged-host-port"]],
  ])("what %s weakens is exempted, and nothing else is found", async (_, args, rules) => {
    const resources = await register(() => void new HardenedContainer("web", { ...least, healthcheck, owner: "team-a", ...args }));
    const outcomes = judge(resources, "strict");
    const said = outcomes.flatMap((outcome) => outcome.exempted.flatMap(({ rule, also = [] }: { readonly rule: { readonly id: string }; readonly also?: readonly { readonly id: string }[] }) => [rule, ...also].map(({ id }) => id)));
    expect({ found: found(outcomes), exempted: said.sort() }).toEqual({ found: [], exempted: rules });
    const inputs = resources.find(({ type }) => type === "bulkhead:index:HardenedContainer")?.inputs["exemptions"] as readonly { readonly rule: string; readonly owner: string }[] | undefined;
    expect([...new Set((inputs ?? []).map(({ rule }) => rule))].sort()).toEqual([...new Set(rules)].sort());
  });

  test.each(hardenings.filter(({ docker, from }) => docker !== undefined || from !== undefined).map((hardening) => [hardening.id, hardening] as const))("without %s, exactly its rules find it", (_, hardening) => {
    const settings = readContainerArgs({ ...least, healthcheck }, "web: args");
    const judged = (chosen: typeof hardenings) => reported(judge([{ type: token, name: "web", urn: "urn:pulumi:test::shop::x::web", parent: "", inputs: { name: "web", ...containerInputs(settings, chosen), ...(chosen.some(({ id }) => id === "private-network") ? { networkMode: "none" } : {}) } as never }], "strict"));
    // The pids limit is a resource of its own, beside the container.
    const expected = hardening.id === "pids-limit" ? [] : hardening.rules.docker;
    expect(judged(hardenings).filter((id) => id !== "require-pids-limit")).toEqual([]);
    expect(judged(without(hardening.id)).filter((id) => id !== "require-pids-limit")).toEqual([...expected].sort());
  });
});

test("several weakenings of one rule are one exemption, until the first of them ends", () => {
  const settings = readContainerArgs({ ...least, publish: [{ port: 80, interface: "0.0.0.0", reason: "a" }, { port: 81, interface: "0.0.0.0", reason: "b", owner: "team-b", expires: "2027-03-31" }], owner: "team-a" }, "web: args");
  expect(containerExemptions(settings)).toEqual([{ rule: "bind-published-ports", reason: "b, and a", owner: "team-b", expires: "2027-03-31" }]);
});

test.each([["500m", { cpus: "0.5" }], ["1", { cpus: "1.0" }], ["2", { cpus: "2.0" }], ["10", { cpus: "10." }], ["1.5", { cpus: "1.5" }], ["250m", { cpus: "0.25" }], ["50m", { cpuPeriod: 100_000, cpuQuota: 5000 }], ["10m", { cpuPeriod: 100_000, cpuQuota: 1000 }]])("%s of CPU is said as the provider reads it back", (cpu, inputs) => {
  expect(containerInputs(readContainerArgs({ ...least, cpu }, "web: args"))).toMatchObject(inputs);
});

test("the rules that a component may be exempted from are those that its weakenings name", () => {
  const named = [...Object.values(dockerWeakenings).flatMap(({ rules }) => rules as readonly string[]), ...kubernetesWeakenings.flatMap(({ rules }) => rules.map(({ rule }) => rule))];
  expect([...new Set(named)].sort()).toEqual([...weakenable].sort());
});

describe("bad input", () => {
  const refuse = (args: unknown): string => {
    try {
      readContainerArgs(args, "web: args");
      return "accepted";
    } catch (error) {
      return (error as Error).message;
    }
  };

  test.each<readonly [object, string]>([
    [{ ...least, image: "" }, "web: args.image: expected an image reference"],
    [{ ...least, memory: "128" }, 'web: args.memory: expected an amount with its unit, such as 128Mi or 1Gi, found "128"'],
    [{ image }, "web: args.memory: expected an amount with its unit, such as 128Mi or 1Gi, found nothing"],
    [{ ...least, privileged: true }, 'found the unknown argument "privileged"'],
    [{ ...least, pidMode: "host" }, 'found the unknown argument "pidMode"'],
    [{ ...least, user: 0 }, "web: args.user: expected a whole number from 1 to"],
    [{ ...least, capabilities: { add: ["SYS_ADMIN"], reason: "x" } }, "web: args.capabilities.add[0]: expected a capability that leaves the container isolated from the host, found SYS_ADMIN"],
    [{ ...least, capabilities: { add: [], reason: "x" } }, "web: args.capabilities.add: expected a list that is not empty"],
    [{ ...least, capabilities: { add: ["CHOWN"] } }, "web: args.capabilities.reason: expected some text, found nothing"],
    [{ ...least, publish: [{ port: 0 }] }, "web: args.publish[0].port: expected a whole number from 1 to 65535, found 0"],
    [{ ...least, publish: [{ port: 80, interface: "0.0.0.0" }] }, "web: args.publish[0].reason: expected a reason for publishing on all interfaces (0.0.0.0), found nothing"],
    [{ ...least, publish: [{ port: 80, interface: "::" }] }, "a reason for publishing on all interfaces (::)"],
    [{ ...least, publish: [{ port: 80, hostPort: 443 }] }, "a reason for a port of the host below 1024 (443)"],
    [{ ...least, publish: [{ port: 80, reason: "x" }] }, "weakens nothing"],
    [{ ...least, publish: [{ port: 80, owner: "x" }] }, "web: args.publish[0].reason: expected a reason, where an owner or an expiry is given"],
    [{ ...least, networks: ["host"] }, "web: args.networks[0]: expected the name of a network that is made for it"],
    [{ ...least, networks: ["container:db"] }, "web: args.networks[0]: expected the name of a network"],
    [{ ...least, volumes: [{ volume: "/etc", path: "/x" }] }, "web: args.volumes[0].volume: expected a volume's name, which a path of the host is not"],
    [{ ...least, volumes: [{ volume: "a", path: "/x" }], scratch: [{ path: "/x" }] }, "web: args.volumes[0].path: expected a path of its own, found /x, which is mounted already"],
    [{ ...least, runAsRoot: { reason: "x" }, user: 5 }, "web: args.runAsRoot: expected no user and no group beside it"],
    [{ ...least, leadingNetworks: { reason: "x" } }, "web: args.leadingNetworks: expected networks beside it"],
    [{ ...least, restartAlways: { reason: "x" }, restart: "no" }, "web: args.restartAlways: expected no restart beside it"],
    [{ ...least, pidsLimit: 0 }, "web: args.pidsLimit: expected a whole number from 1 to 4194304, found 0"],
    [{ ...least, environment: { "DB_PASSWORD=hunter2": "" } }, "found a text that is none"],
    [{ ...least, environment: "DB_PASSWORD=hunter2" }, "web: args.environment: expected an object, found a string"],
    [{ ...least, labels: { "exempt.bulkhead.dev/no-privileged": "owner=a; expires=never; reason=x" } }, ": expected a label that exempts from nothing"],
    [{ ...least, publish: [{ port: 80, interface: "::ffff:0:0" }] }, "a reason for publishing on all interfaces (::ffff:0:0)"],
    [{ ...least, publish: [{ port: 80, interface: "999.1.1.1" }] }, "web: args.publish[0].interface: expected the address of an interface"],
    [{ ...least, environment: { "A B": "hunter2" } }, "web: args.environment.A B: expected a variable's name as the key, found a text that is none"],
  ])("%j", (args, message) => {
    expect(refuse(args)).toContain(message);
    expect(refuse(args)).not.toContain("hunter2");
  });

  test("stops the program before anything is registered", async () => {
    const resources = await register(() => expect(() => new HardenedContainer("web", { image, memory: "x" })).toThrow("web: args.memory"));
    expect(resources).toEqual([]);
  });

  test("links", async () => {
    await register(async () => {
      const web = new HardenedContainer("web", least);
      const db = new HardenedContainer("db", least);
      expect(() => web.allowTo(web, { port: 1 })).toThrow("web: allowTo: expected another container, found the same one");
      expect(() => web.allowTo({} as HardenedContainer, { port: 1 })).toThrow("web: allowTo: expected a HardenedContainer, found an object");
      web.allowTo(db, { port: 2 });
      expect(() => web.allowTo(db, { port: 3 })).toThrow("expected one link for each pair of containers, found a second one to db");
      expect(() => web.allowTo(db, { port: 70_000 })).toThrow("web: allowTo.args.port: expected a whole number from 1 to 65535, found 70000");
      await new Promise(setImmediate);
      await new Promise(setImmediate);
      expect(() => db.allowTo(web, { port: 1 })).toThrow("declared in the same turn as its two containers");
    });
  });

  test("a service's ports need a reason, and low ones have none", () => {
    expect(() => new HardenedService("web", { ...least, publish: [{ port: 80 } as never] })).toThrow("web: args.publish[0].reason: expected some text, found nothing");
    expect(() => new HardenedService("web", { ...least, publish: [{ port: 80, publishedPort: 80, reason: "x" }] } satisfies HardenedServiceArgs)).toThrow("a whole number from 1024 to 65535, found 80");
  });
});

test("1,000 containers with arguments at random satisfy restricted", async () => {
  const seed = Number(process.env["BULKHEAD_SEED"] ?? Date.now() % 2 ** 31);
  process.stderr.write(`hardened containers: seed ${seed}\n`);
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
  const pick = <T>(...choices: readonly T[]): T => choices[random(choices.length)] as T;
  const maybe = <T>(value: () => T): T | undefined => (random(3) === 0 ? value() : undefined);
  const weakening = () => ({ reason: pick("x", "binds port 80"), ...pick({}, { owner: "team-a" }, { expires: "2027-03-31" }) });
  const some = <T>(make: (index: number) => T): T[] => Array.from({ length: random(4) }, (_, index) => make(index));
  const args = (): HardenedContainerArgs => {
    const given = {
      image, memory: pick("6Mi", "128Mi", "1.5Gi", "500M"), cpu: maybe(() => pick("10m", "0.5", "4")), pidsLimit: maybe(() => 1 + random(1000)), command: maybe(() => ["a"]), entrypoint: maybe(() => ["/b"]), environment: maybe(() => ({ MODE: "x" })),
      scratch: maybe(() => some((index) => ({ path: `/scratch${index}`, ...pick({}, { size: "1Mi" }, { executable: weakening() }) }))), volumes: maybe(() => some((index) => ({ volume: `v${index}`, path: `/v${index}`, readOnly: pick(true, false) }))),
      publish: maybe(() => some((index) => pick<object>({ port: 80 + index }, { port: 80, hostPort: 2000 + index, interface: "10.0.0.1" }, { port: 80, interface: "0.0.0.0", ...weakening() }, { port: 1, hostPort: 80 + index, ...weakening() }))),
      networks: maybe(() => some((index) => `net${index}`)), healthcheck: maybe(() => healthcheck), keepRunning: maybe(() => false), stopTimeout: maybe(() => random(60)), labels: maybe(() => ({ a: "b" })), owner: maybe(() => "team-b"),
      capabilities: maybe(() => ({ add: [pick("CHOWN", "NET_BIND_SERVICE", "CAP_KILL", "IPC_LOCK")], ...weakening() })), writableRootFilesystem: maybe(weakening), internet: maybe(weakening),
      ...pick<object>({ runAsRoot: weakening() }, { user: 1 + random(70_000) }, { user: 5, group: 7 }, {}), ...pick<object>({ restartAlways: weakening() }, { restart: "no" }, { restart: "on-failure" }, {}),
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as HardenedContainerArgs;
  };
  const all = Array.from({ length: 1000 }, args);
  // What the component sends, without the time that the SDK takes for each of a thousand resources.
  const resources = all.map((given, index): Registered => {
    const settings = readContainerArgs(given, `c${index}: args`);
    return { type: token, name: `c${index}`, urn: `urn:pulumi:test::shop::${token}::c${index}`, parent: "", inputs: { name: `c${index}`, ...containerInputs(settings), networksAdvanced: [{ name: "own" }] } };
  });
  const exemptions = all.map((given, index) => containerExemptions(readContainerArgs(given, `c${index}: args`)));
  const parents = exemptions.map((list, index): Registered => ({ type: "bulkhead:index:HardenedContainer", name: `c${index}`, urn: "", parent: "", inputs: { exemptions: list } }));
  const outcomes = judge([...parents, ...resources.map((resource, index) => ({ ...resource, parent: `bulkhead:index:HardenedContainer c${index}` }))], "restricted");
  expect(found(outcomes)).toEqual([]);
  expect(exempted(outcomes).length).toBeGreaterThan(100);
});
