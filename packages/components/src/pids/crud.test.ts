import { mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { PidsLimitProperties } from "./crud";
import { check, create, diff, read, unknown, update } from "./crud";
import { negotiate } from "./engine";

/** A daemon with one container. `answers` replaces what it would say to a method and a path. */
class FakeDaemon {
  readonly folder = mkdtempSync(join(tmpdir(), "bulkhead-engine-"));
  readonly host = `unix://${this.folder}/docker.sock`;
  readonly log: string[] = [];
  readonly container = { limit: 0 as number | null, running: false };
  version: object = { ApiVersion: "1.41", MinAPIVersion: "1.12", Version: "20.10.24" };
  info: object = { PidsLimit: true, CgroupVersion: "1", CgroupDriver: "cgroupfs" };
  /** The minor number of the oldest API that is answered. */
  floor: number | undefined;
  answers: Record<string, readonly [number, unknown]> = {};
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const line = `${request.method} ${(request.url ?? "").replace("/containers/0123456789abcdef", "")}`;
      this.log.push(line);
      const [status, body] = this.answer(line, Buffer.concat(chunks).toString("utf8"));
      response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? undefined : JSON.stringify(body));
    });
  });

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(`${this.folder}/docker.sock`, resolve));
  }

  close(): void {
    this.server.close();
    rmSync(this.folder, { recursive: true });
  }

  private answer(line: string, body: string): readonly [number, unknown] {
    const what = line.replace(/ \/v[\d.]+/, " ");
    const spoken = /\/v([\d.]+)\//.exec(line)?.[1];
    // As Engine 29 does: daemon/server/middleware/version.go.
    if (this.floor !== undefined && spoken !== undefined && Number(spoken.slice(2)) < this.floor) return [400, { message: `client version ${spoken} is too old. Minimum supported API version is 1.${this.floor}, please upgrade your client to a newer version` }];
    const fixed = this.answers[what];
    if (fixed !== undefined) return fixed;
    if (what === "GET /version") return [200, this.version];
    if (what === "GET /info") return [200, this.info];
    if (what === "GET /json") return [200, { HostConfig: { PidsLimit: this.container.limit }, State: { Running: this.container.running } }];
    if (what === "POST /update") this.container.limit = (JSON.parse(body) as { readonly PidsLimit: number }).PidsLimit;
    else this.container.running = what === "POST /start";
    return what === "POST /update" ? [200, { Warnings: null }] : [204, undefined];
  }
}

const daemons: FakeDaemon[] = [];
afterEach(() => {
  for (const daemon of daemons.splice(0)) daemon.close();
});

async function daemon(change: Partial<Pick<FakeDaemon, "version" | "info" | "answers" | "floor">> = {}): Promise<FakeDaemon> {
  const made = Object.assign(new FakeDaemon(), change);
  await made.listen();
  daemons.push(made);
  return made;
}

const inputsFor = ({ host }: { readonly host: string }, more: Partial<PidsLimitProperties> = {}): PidsLimitProperties => ({ containerId: "0123456789abcdef", containerName: "web", limit: 64, start: true, mustRun: true, daemon: { host }, ...more });
const failure = (promise: Promise<unknown>): Promise<string> => promise.then(() => "no failure", (error: Error) => error.message);

describe("a container is limited, then started", () => {
  test("in this order", async () => {
    const fake = await daemon();
    await create(inputsFor(fake));
    expect(fake.log).toEqual(["GET /version", "POST /v1.41/update", "GET /v1.41/json", "POST /v1.41/start"]);
    expect(fake.container).toEqual({ limit: 64, running: true });
  });

  test("not started where that is not wanted", async () => {
    const fake = await daemon();
    await create(inputsFor(fake, { start: false }));
    expect(fake.container).toEqual({ limit: 64, running: false });
  });

  test("a new number leaves it running; a stopped one is started, but a job is not run again", async () => {
    const fake = await daemon();
    await create(inputsFor(fake));
    await update(inputsFor(fake), inputsFor(fake, { limit: 32 }));
    expect(fake.container).toEqual({ limit: 32, running: true });
    fake.container.running = false;
    await update(inputsFor(fake, { mustRun: false }), inputsFor(fake, { mustRun: false, limit: 31 }));
    expect(fake.container).toEqual({ limit: 31, running: false });
    await update(inputsFor(fake), inputsFor(fake, { limit: 30 }));
    expect(fake.container).toEqual({ limit: 30, running: true });
  });

  test.each([
    ["1.44", 44, "1.44"],
    ["1.56", 44, "1.44"],
    ["1.60", 50, "1.50"],
  ])("by an engine of API %s that refuses what is older than 1.%s", async (newest, floor, spoken) => {
    const fake = await daemon({ floor, version: { ApiVersion: newest, MinAPIVersion: `1.${floor}`, Version: "29.0.0" } });
    await create(inputsFor(fake));
    expect(fake.log).toEqual(["GET /version", `POST /v${spoken}/update`, `GET /v${spoken}/json`, `POST /v${spoken}/start`]);
    expect(await read(inputsFor(fake))).toEqual(inputsFor(fake));
    expect(fake.container).toEqual({ limit: 64, running: true });
  });

  test("an engine that refuses more than it says: its own words", async () => {
    const fake = await daemon({ floor: 45, version: { ApiVersion: "1.56", Version: "29.0.0" } });
    expect(await failure(create(inputsFor(fake)))).toMatch(/cannot set the pids limit to 64 .*the daemon answered 400: client version 1\.44 is too old\. Minimum supported API version is 1\.45/);
    expect(fake.container).toEqual({ limit: 0, running: false });
  });

  test("it is read as it is found", async () => {
    const fake = await daemon();
    fake.container.limit = null;
    expect(await read(inputsFor(fake))).toEqual(inputsFor(fake, { limit: 0, start: false }));
    expect(await read(inputsFor(fake, { mustRun: false }))).toEqual(inputsFor(fake, { limit: 0, mustRun: false }));
    fake.answers = { "GET /json": [404, { message: "No such container" }] };
    expect(await read(inputsFor(fake))).toBeUndefined();
  });
});

describe("a failure names the step, the container and the daemon, and leaves nothing running without a limit", () => {
  test("no daemon", async () => {
    expect(await failure(create(inputsFor({ host: "unix:///nowhere.sock" })))).toBe('cannot reach the daemon (container "web" 0123456789ab, Docker daemon unix:///nowhere.sock): there is no such socket; is the daemon running?');
  });

  test("no permission", async () => {
    const fake = await daemon();
    if (process.getuid?.() !== 0 || process.seteuid === undefined) return expect(process.getuid?.()).not.toBe(0);
    process.seteuid(65534);
    const message = await failure(create(inputsFor(fake))).finally(() => process.seteuid?.(0));
    expect(message).toMatch(/cannot reach the daemon .*permission denied; whoever runs pulumi must be allowed/);
  });

  test("an engine that is too old", async () => {
    const fake = await daemon({ version: { ApiVersion: "1.39", MinAPIVersion: "1.12", Version: "18.09.9" } });
    expect(await failure(create(inputsFor(fake)))).toMatch(/cannot set the pids limit .*Docker Engine 18\.09\.9 speaks API 1\.39; pids limits can be set since API 1\.40/);
    expect(fake.log).toEqual(["GET /version"]);
  });

  test("something else than a Docker daemon", async () => {
    const fake = await daemon({ answers: { "GET /version": [404, "what?"] } });
    expect(await failure(create(inputsFor(fake)))).toMatch(/it is not a Docker Engine: GET \/version was answered with 404 what\?$/);
  });

  test("a refused update", async () => {
    const fake = await daemon({ answers: { "POST /update": [409, { message: "Container is marked for removal" }] } });
    expect(await failure(create(inputsFor(fake)))).toBe(`cannot set the pids limit to 64 (container "web" 0123456789ab, Docker daemon ${fake.host}): the daemon answered 409: Container is marked for removal. Engine 20.10.24, cgroup v1, driver cgroupfs`);
    expect(fake.container.running).toBe(false);
    fake.answers = {};
    await create(inputsFor(fake));
    expect(fake.container).toEqual({ limit: 64, running: true });
  });

  test.each([
    ["1", /cgroup v1: the daemon's kernel has no pids controller/],
    ["2", /cgroup v2: the pids controller is not delegated/],
  ])("a limit that is dropped, cgroup v%s", async (version, message) => {
    const fake = await daemon({ info: { PidsLimit: false, CgroupVersion: version }, answers: { "POST /update": [200, { Warnings: ["PIDs limit discarded"] }] } });
    const said = await failure(create(inputsFor(fake)));
    expect(said).toMatch(/the daemon accepted the limit and does not keep it\. PIDs limit discarded/);
    expect(said).toMatch(message);
    expect(fake.log).not.toContain("POST /v1.41/start");
  });

  test("Windows containers", async () => {
    const fake = await daemon({ info: { OSType: "windows" }, answers: { "POST /update": [400, { message: "not supported" }] } });
    expect(await failure(create(inputsFor(fake)))).toMatch(/Windows containers, which have no pids limit/);
  });

  test("a container that someone started is stopped when it cannot be limited, and left when it has a limit", async () => {
    const fake = await daemon({ answers: { "POST /update": [500, { message: "no" }] } });
    fake.container.running = true;
    expect(await failure(create(inputsFor(fake)))).toMatch(/; it ran without a limit and was stopped$/);
    expect(fake.container.running).toBe(false);
    Object.assign(fake.container, { limit: 10, running: true });
    expect(await failure(update(inputsFor(fake, { limit: 10 }), inputsFor(fake)))).not.toMatch(/stopped/);
    expect(fake.container).toEqual({ limit: 10, running: true });
    fake.container.limit = -1;
    fake.answers["POST /stop?t=10"] = [500, { message: "stuck" }];
    expect(await failure(create(inputsFor(fake)))).toMatch(/RUNS WITHOUT A LIMIT: cannot stop the container .*stuck$/);
  });

  test("a container that is gone, and one that does not start", async () => {
    const fake = await daemon({ answers: { "POST /update": [404, { message: "No such container" }], "GET /json": [404, {}] } });
    expect(await failure(create(inputsFor(fake)))).toMatch(/: there is no such container: it was removed behind Pulumi's back\. `pulumi refresh`, then `pulumi up`, makes it anew$/);
    fake.answers = { "POST /start": [500, { message: "port is already allocated" }] };
    expect(await failure(create(inputsFor(fake)))).toMatch(/^cannot start the container .*the daemon answered 500: port is already allocated$/);
    expect(fake.container).toEqual({ limit: 64, running: false });
  });
});

test.each([
  ["1.41", "1.12", "1.41"],
  ["1.52", "1.44", "1.44"],
  ["1.60", "1.50", "1.50"],
  ["1.40", "1.12", "1.40"],
  ["1.39", "1.12", undefined],
])("the API that is spoken with a daemon of %s to %s", (newest, floor, expected) => {
  expect(negotiate(newest, floor)).toBe(expected);
});

describe("inputs", () => {
  const good = inputsFor({ host: "unix:///a" });
  test.each<[string, Record<string, unknown>, readonly string[]]>([
    ["good ones", {}, []],
    ["what is not known yet", { containerId: unknown, limit: unknown, daemon: unknown }, []],
    ["a host that is not known yet", { daemon: { host: unknown, keyMaterial: unknown } }, []],
    ["no container", { containerId: "" }, ["containerId"]],
    ["no limit", { limit: 0 }, ["limit"]],
    ["half a process", { limit: 1.5 }, ["limit"]],
    ["more than the kernel has", { limit: 4_194_305 }, ["limit"]],
    ["a text", { limit: "64" }, ["limit"]],
    ["no truth", { start: "yes", mustRun: 1 }, ["start", "mustRun"]],
    ["no daemon", { daemon: "unix:///a" }, ["daemon"]],
    ["a bad daemon", { daemon: { host: "fd://3", certPath: 1 } }, ["daemon.certPath", "daemon.host"]],
  ])("%s", (_, change, faults) => {
    expect(check({ ...good, ...change }).map(({ property }) => property)).toEqual(faults);
  });

  test.each<[string, Partial<PidsLimitProperties>, boolean, readonly string[]]>([
    ["nothing", {}, false, []],
    ["the URN and the name", { container: "urn:other", containerName: "other" }, false, []],
    ["the limit", { limit: 1 }, true, []],
    ["whether it is started", { start: false }, true, []],
    ["the daemon", { daemon: { host: "unix:///b" } }, true, []],
    ["empty settings of the daemon", { daemon: { host: "unix:///a", context: "" } }, false, []],
    ["the container", { containerId: unknown }, true, ["containerId"]],
  ])("%s changed", (_, change, changes, replaces) => {
    expect(diff(good, { ...good, ...change })).toEqual({ changes, replaces, deleteBeforeReplace: true });
  });
});
