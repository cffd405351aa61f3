import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageName, importImage, importSocatImage } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { installPackages, pidsTools, Stack } from "./pids-support.ts";
import { missing, root } from "./support.ts";

const name = `bulkhead-guard-${process.pid}`;
const minute = 60_000;

/** Answers on the linked port, and on one that nobody is linked to. */
const serve = "busybox nc -ll -p 9999 -e /bin/busybox echo other & exec busybox nc -ll -p 5432 -e /bin/busybox echo hello";
const socat = { image: "bulkhead-test-socat:1", memory: "64Mi" };

/** The ends of links with a guard, seen from inside their containers. */
class Links {
  readonly stack: Stack;
  private made: { readonly [key: string]: string } = {};

  constructor(files: { readonly [name: string]: string }) {
    this.stack = new Stack(files, name);
  }

  async up(): Promise<void> {
    await importImage(this.stack.project.env);
    const socatImage = await importSocatImage(this.stack.project.env);
    if ("missing" in socatImage) throw new Error(socatImage.missing);
    await this.stack.pulumi(["stack", "init", "test"]);
    await this.again();
  }

  async again(): Promise<void> {
    const { code, said } = await this.stack.up();
    expect(code, said).toBe(0);
    this.made = JSON.parse((await this.stack.pulumi(["stack", "output", "--json"])).stdout) as { readonly [key: string]: string };
  }

  async remove(): Promise<void> {
    await this.stack.pulumi(["destroy", "--yes", "--skip-preview"]);
    await this.stack.remove();
  }

  name(container: string): string {
    return this.made[container] ?? "";
  }

  shell(container: string, script: string): Promise<Result> {
    return this.stack.docker("exec", this.name(container), "/bin/sh", "-c", script);
  }

  /** What a server says to who connects; nothing where it cannot be reached. */
  async ask(from: string, host: string, port: number): Promise<string> {
    return (await this.shell(from, `busybox nc -w 3 ${host} ${port} < /dev/null`)).stdout;
  }

  async addresses(container: string): Promise<readonly string[]> {
    return (await this.stack.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", this.name(container))).stdout.trim().split(" ");
  }

  async networks(container: string): Promise<readonly string[]> {
    return Object.keys(JSON.parse((await this.stack.docker("inspect", "--format", "{{json .NetworkSettings.Networks}}", this.name(container))).stdout) as object).sort();
  }

  /** The container of a guard, which is called as its link is. */
  async guard(link: string): Promise<string> {
    return (await this.stack.docker("ps", "--quiet", "--no-trunc", "--filter", `name=^${link}-[0-9a-f]{7}$`)).stdout.trim();
  }
}

const skipped = missing(...pidsTools) || (await withoutSocat());

async function withoutSocat(): Promise<boolean> {
  const probe = new Stack({}, name);
  const found = await importSocatImage(probe.project.env);
  probe.project.remove();
  if ("missing" in found) process.stderr.write(`skipped: ${found.missing}\n`);
  return "missing" in found;
}

const program = (port: string): string => `
  const { HardenedContainer } = require("@bulkhead/components");
  const base = { image: ${JSON.stringify(imageName)}, memory: "64Mi" };
  const make = (key, args) => new HardenedContainer("${name}-" + key, { ...base, ...args });
  const web = make("web", { command: ["sleep", "1000"] });
  const job = make("job", { command: ["sleep", "1000"] });
  const alone = make("alone", { command: ["sleep", "1000"] });
  const db = make("db", { command: ["sh", "-c", ${JSON.stringify(serve)}] });
  const time = make("time", { image: "${socat.image}", command: ["-T5", "UDP-LISTEN:5353,fork,reuseaddr", "EXEC:/bin/cat"] });
  const asker = make("asker", { image: "${socat.image}", entrypoint: ["/bin/sleep"], command: ["1000"] });
  web.allowTo(db, { port: ${port}, guard: { image: "${socat.image}", connections: 10 } });
  job.allowTo(db, { port: 5432, guard: { image: base.image, command: ["busybox", "nc", "-ll", "-p", "{port}", "-e", "/bin/busybox", "nc", "{target}", "{port}"] } });
  asker.allowTo(time, { port: 5353, protocol: "udp", guard: { image: "${socat.image}" } });
  module.exports = Object.fromEntries(Object.entries({ web, job, alone, db, time, asker }).map(([key, { containerName }]) => [key, containerName]));
`;

describe.skipIf(skipped)("links with a guard on a live daemon", { timeout: 5 * minute }, () => {
  let links: Links;
  beforeAll(async () => {
    links = new Links({ "Pulumi.yaml": "name: program\nruntime: nodejs\n", "package.json": '{ "main": "program.js" }', "program.js": program("5432") });
    installPackages(links.stack.project.program, "linked");
    await links.up();
  }, 5 * minute);
  afterAll(() => links.remove(), 2 * minute);

  test("the linked port is reached by the target's name", async () => {
    expect(await links.ask("web", links.name("db"), 5432)).toBe("hello\n");
    expect(await links.ask("job", links.name("db"), 5432)).toBe("hello\n");
  });

  test("no other port is, by any name or address, though the target listens on it", async () => {
    expect(await links.ask("db", "127.0.0.1", 9999)).toBe("other\n");
    for (const from of ["web", "job"]) {
      for (const host of [links.name("db"), ...(await links.addresses("db")), await address(`${name}-${from}-${name}-db`)]) expect(await links.ask(from, host, 9999), `${from} to ${host}`).toBe("");
      for (const host of await links.addresses("db")) expect(await links.ask(from, host, 5432), `${from} to ${host}`).toBe("");
    }
  });

  test("the guard listens on that port alone", async () => {
    const guard = await links.guard(`${name}-web-${name}-db`);
    // State 0A is listening; 0B00007F is Docker's own name server, on an address that only the guard itself has.
    const listening = (await links.stack.docker("exec", guard, "/bin/cat", "/proc/net/tcp", "/proc/net/udp")).stdout.split("\n").map((line) => line.trim().split(/\s+/)).filter(([, local = "", , state = ""]) => local.includes(":") && !local.startsWith("0B00007F") && ["0A", "07"].includes(state));
    expect(listening.map(([, local]) => local)).toEqual(["00000000:1538"]);
    expect((await links.stack.docker("exec", guard, "/bin/cat", "/proc/net/tcp6")).stdout.split("\n").filter((line) => / 0A /.test(line))).toEqual([]);
    expect(await links.stack.kernelLimit(guard)).toBe("38");
    const status = (await links.stack.docker("exec", guard, "/bin/cat", "/proc/1/status")).stdout;
    for (const said of [/^CapBnd:\s*0000000000000000$/m, /^NoNewPrivs:\s*1$/m, /^Uid:\s*10001\s/m]) expect(status).toMatch(said);
  });

  test("neither end shares a network with the other, nor with the other caller; who has no link reaches nobody", async () => {
    const [web, job, db, alone] = await Promise.all(["web", "job", "db", "alone"].map((container) => links.networks(container)));
    expect(web?.filter((network) => [...(db ?? []), ...(job ?? [])].includes(network))).toEqual([]);
    expect([web?.length, job?.length, db?.length, alone]).toEqual([1, 1, 2, ["none"]]);
    for (const host of [links.name("db"), ...(await links.addresses("db")), await address(`${name}-web-${name}-db`)]) expect(await links.ask("alone", host, 5432)).toBe("");
  });

  test("the target does not reach the caller through the guard", async () => {
    expect(await links.ask("db", links.name("web"), 5432)).toBe("");
    for (const host of await links.addresses("web")) expect((await links.shell("db", `busybox ping -c 1 -W 2 ${host}`)).code).not.toBe(0);
  });

  test("UDP", async () => {
    expect((await links.shell("asker", `echo ping | socat -t2 - UDP:${links.name("time")}:5353`)).stdout).toBe("ping\n");
    expect((await links.shell("asker", `echo ping | socat -t2 - UDP:${links.name("time")}:5354`)).stdout).toBe("");
  });

  test("as many connections as were asked for, and the guard goes on afterwards", async () => {
    const many = await links.shell("web", `i=0; while [ $i -lt 30 ]; do (busybox nc -w 5 ${links.name("db")} 5432 < /dev/null; true) & i=$((i+1)); done; wait`);
    expect(many.stdout.split("\n").filter((line) => line === "hello")).toHaveLength(30);
    expect(await links.ask("web", links.name("db"), 5432)).toBe("hello\n");
  });

  test("another up and a refresh find nothing to do", async () => {
    for (const command of ["up", "refresh"]) {
      const { code, said } = await links.stack.pulumi([command, "--yes", "--skip-preview", "--expect-no-changes"]);
      expect(code, said).toBe(0);
    }
  });

  test("another port replaces the guard, and neither a network nor an end", async () => {
    const before = await Promise.all(["web", "db"].map((container) => links.stack.docker("inspect", "--format", "{{.Id}}{{json .NetworkSettings.Networks}}", links.name(container))));
    links.stack.project.writeProgram("program.js", program("9999"));
    await links.again();
    expect(await Promise.all(["web", "db"].map((container) => links.stack.docker("inspect", "--format", "{{.Id}}{{json .NetworkSettings.Networks}}", links.name(container))))).toEqual(before);
    expect(await links.ask("web", links.name("db"), 9999)).toBe("other\n");
    expect(await links.ask("web", links.name("db"), 5432)).toBe("");
  });

  /** The first address of a guard. */
  async function address(link: string): Promise<string> {
    return (await links.stack.docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}", await links.guard(link))).stdout.split(" ")[0] ?? "";
  }
});

describe.skipIf(skipped || missing("pulumi-language-yaml"))("a guard in a YAML program", { timeout: 5 * minute }, () => {
  let links: Links;
  beforeAll(async () => {
    const end = (command: readonly string[], network: string): object => ({ type: "bulkhead:HardenedContainer", properties: { image: imageName, memory: "64Mi", command, networks: [network] } });
    links = new Links({
      "Pulumi.yaml": JSON.stringify({
        name: "program", runtime: "yaml", packages: { bulkhead: join(root, "packages/components/plugin") },
        resources: {
          [`${name}-front`]: { type: "bulkhead:PrivateNetwork" }, [`${name}-back`]: { type: "bulkhead:PrivateNetwork" },
          [`${name}-yweb`]: end(["sleep", "1000"], `\${${name}-front.networkName}`),
          [`${name}-ydb`]: end(["sh", "-c", serve], `\${${name}-back.networkName}`),
          [`${name}-guard`]: { type: "bulkhead:LinkGuard", properties: { image: socat.image, target: `\${${name}-ydb.containerName}`, port: 5432, clientNetwork: `\${${name}-front.networkName}`, targetNetwork: `\${${name}-back.networkName}` } },
        },
        outputs: { web: `\${${name}-yweb.containerName}`, db: `\${${name}-ydb.containerName}`, guard: `\${${name}-guard.containerName}` },
      }),
    });
    await links.up();
  }, 5 * minute);
  afterAll(() => links.remove(), 2 * minute);

  test("lets the port through, and no other", async () => {
    expect(await links.ask("web", links.name("db"), 5432)).toBe("hello\n");
    expect(await links.ask("web", links.name("guard"), 5432)).toBe("hello\n");
    expect(await links.ask("db", "127.0.0.1", 9999)).toBe("other\n");
    for (const host of [links.name("db"), links.name("guard"), ...(await links.addresses("db"))]) expect(await links.ask("web", host, 9999), host).toBe("");
  });
});
