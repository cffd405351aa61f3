import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { guardInputs } from "../src/docker/link-guard";
import { readLinkGuardArgs } from "../src/docker/link-guard-args";
import type { GuardArgs, LinkGuardArgs } from "../src/index";
import { HardenedContainer, LinkGuard } from "../src/index";
import type { Registered } from "./support";
import { exempted, found, judge, register } from "./support";

const image = "registry.example.com/shop/app:1.4.2@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const least = { image, memory: "128Mi" };
const healthcheck = { command: ["/bin/app", "healthy"] };
const token = "docker:index/container:Container";

describe("children", () => {
  // Another name or parent is another URN: the next update would replace every user's running containers.
  test("of a link with a guard, which keeps the caller on the network that it has without one", async () => {
    const resources = await register(() => {
      const [web, db] = ["web", "db"].map((name) => new HardenedContainer(name, least)) as [HardenedContainer, HardenedContainer];
      web.allowTo(db, { port: 5432, guard: { image, connections: 10 } });
    });
    const named = (name: string) => resources.filter((resource) => resource.name === name).map(({ type, parent }) => `${type} < ${parent}`);
    expect([named("web-db"), named("web-db-guarded")]).toEqual([
      ["bulkhead:index:LinkGuard < bulkhead:index:HardenedContainer web", "docker:index/container:Container < bulkhead:index:LinkGuard web-db", "docker:index/network:Network < bulkhead:index:HardenedContainer web", "pulumi-nodejs:dynamic/bulkhead:PidsLimit < bulkhead:index:LinkGuard web-db"],
      ["docker:index/network:Network < bulkhead:index:HardenedContainer web"],
    ]);
    const inputs = (type: string, name: string) => resources.find((resource) => resource.type === type && resource.name === name)?.inputs;
    expect(["web", "web-db", "db"].map((name) => inputs(token, name)?.["networksAdvanced"])).toEqual([[{ name: "web-db" }], [{ name: "web-db", aliases: ["db"] }, { name: "web-db-guarded" }], [{ name: "web-db-guarded", aliases: ["guarded"] }]]);
    expect(inputs(token, "web-db")?.["command"]).toEqual(["-t60", "TCP-LISTEN:5432,fork,reuseaddr,keepalive,max-children=10", "TCP:guarded:5432,keepalive"]);
    expect(inputs("pulumi-nodejs:dynamic/bulkhead:PidsLimit", "web-db")).toMatchObject({ limit: 38 });
    expect(["web-db", "web-db-guarded"].map((name) => inputs("docker:index/network:Network", name)?.["internal"])).toEqual([true, true]);
  });

  test.each<readonly [string, object, readonly string[]]>([
    ["UDP", { protocol: "udp" }, ["-T60", "UDP-LISTEN:53,fork,reuseaddr,max-children=100", "UDP:db.back:53"]],
    ["another program", { entrypoint: ["/forward"], command: ["{port}", "--to={target}:{port}/{protocol}", "-n{connections}", "{other}"], targetAlias: pulumi.output("store") }, ["53", "--to=store:53/tcp", "-n100", "{other}"]],
    ["a program that needs no argument", { entrypoint: ["/forward"] }, []],
    ["names that are known later", { target: pulumi.output("db"), targetNetwork: Promise.resolve("back") }, ["-t60", "TCP-LISTEN:53,fork,reuseaddr,keepalive,max-children=100", "TCP:db.back:53,keepalive"]],
  ])("what the guard of %s is told", async (_, args, command) => {
    const resources = await register(() => void new LinkGuard("guard", { image, target: "db", port: 53, clientNetwork: "front", targetNetwork: "back", ...args }));
    expect(resources.find(({ type }) => type === token)?.inputs["command"]).toEqual(command);
  });
});

describe("rules and components prove each other", () => {
  test("both ends and the guard satisfy every rule of strict", async () => {
    const outcomes = judge(await register(() => {
      const web = new HardenedContainer("web", { ...least, healthcheck, publish: [{ port: 8080 }] });
      web.allowTo(new HardenedContainer("db", { ...least, healthcheck, user: 10_002 }), { port: 5432, guard: { image, healthcheck, user: 10_003 } });
    }), "strict");
    expect([found(outcomes), exempted(outcomes), outcomes.flatMap(({ undecided }) => undecided.map(({ rule }) => rule.id))]).toEqual([[], [], []]);
  });

  test("1,000 guards with arguments at random satisfy restricted", () => {
    const seed = Number(process.env["BULKHEAD_SEED"] ?? Date.now() % 2 ** 31);
    process.stderr.write(`guards: seed ${seed}\n`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
      return ((state ^ (state >>> 13)) >>> 0) % below;
    };
    const pick = <T>(...choices: readonly T[]): T => choices[random(choices.length)] as T;
    const maybe = <T>(value: () => T): T | undefined => (random(3) === 0 ? value() : undefined);
    const guards = Array.from({ length: 1000 }, (_, index): Registered => {
      const given = {
        image, target: pick("db", "db-1a2b3c4"), port: 1 + random(65_535), clientNetwork: `front${index}`, targetNetwork: `back${index}`, protocol: maybe(() => pick("tcp", "udp")), targetAlias: maybe(() => "guarded"), command: maybe(() => ["{port}", "{target}"]), entrypoint: maybe(() => ["/b"]),
        connections: maybe(() => 1 + random(1000)), memory: maybe(() => pick("6Mi", "1.5Gi")), cpu: maybe(() => pick("10m", "4")), user: maybe(() => 1 + random(70_000)), group: maybe(() => 1 + random(70_000)), healthcheck: maybe(() => healthcheck), labels: maybe(() => ({ a: "b" })),
      };
      const inputs = guardInputs(readLinkGuardArgs(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), `g${index}: args`));
      return { type: token, name: `g${index}`, urn: `urn:pulumi:test::shop::${token}::g${index}`, parent: "", inputs: { name: `g${index}`, ...inputs } };
    });
    expect(found(judge(guards, "restricted"))).toEqual([]);
  });
});

describe("bad input", () => {
  test.each<readonly [object, string]>([
    [{ connections: 0 }, "guard: args.connections: expected a whole number from 1 to 1000, found 0"],
    [{ clientNetwork: "back" }, 'guard: args.targetNetwork: expected another network than clientNetwork, found "back"'],
    [{ clientNetwork: "host" }, "guard: args.clientNetwork: expected the name of a network that is made for it"],
    [{ target: "d".repeat(64) }, "guard: args.target: expected a container's name of at most 63 characters"],
    [{ targetNetwork: "d".repeat(64) }, "guard: args.targetNetwork: expected a network's name of at most 63 characters, or a targetAlias"],
    [{ target: "db,fork" }, "guard: args.target: expected a container's name"],
    [{ runAsRoot: { reason: "x" } }, 'found the unknown argument "runAsRoot"'],
  ])("a guard with %j", (args, message) => {
    expect(() => new LinkGuard("guard", { image, target: "db", port: 53, clientNetwork: "front", targetNetwork: "back", ...args } as LinkGuardArgs)).toThrow(message);
  });

  test("a guard of a link", async () => {
    await register(() => {
      const [web, db] = ["web", "db"].map((name) => new HardenedContainer(name, least)) as [HardenedContainer, HardenedContainer];
      expect(() => web.allowTo(db, { port: 1, guard: {} as GuardArgs })).toThrow("web: allowTo.args.guard.image: expected an image reference");
      expect(() => web.allowTo(db, { port: 1, guard: { image, privileged: true } as GuardArgs })).toThrow('found the unknown argument "privileged"');
    });
  });
});
