import { spawn } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { JsonReport } from "@bulkhead/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { attested, newKey, openVex, slsa, slsaPredicate, trivyReport, vexPredicate, vulns, vulnsPredicate } from "../../../image-evidence/test/signing";
import type { Blob } from "../../../image-evidence/test/test-registry";
import { secret, status, TestRegistry } from "../../../image-evidence/test/test-registry";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

const now = "2026-06-01T00:00:00Z";
const at = "2026-05-20T04:00:00Z";
const [ci, stranger] = [newKey(), newKey()];
const evidenceRules = ["require-evidence-lockfile", "require-scan-evidence", "no-severe-vulnerabilities", "require-provenance", "no-moved-tag"];

interface Judged {
  readonly code: number | null;
  readonly stderr: string;
  /** `rule name-of-pod`, sorted. */
  readonly found: readonly string[];
  readonly messages: readonly string[];
  readonly report: JsonReport;
}

let cli: Cli;
beforeAll(() => {
  cli = createCli();
});
afterAll(() => cli.remove());

describe("check, with registries that are asked during the run", () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await TestRegistry.start();
  });
  afterEach(() => registry.stop());

  const configuration = (live: unknown): string => JSON.stringify({
    evidence: { signers: { ci: { key: ci.publicKey } }, vexAuthors: ["ci"], live },
    rules: { "require-scan-evidence": { signers: ["ci"], trust: "signed" }, "no-severe-vulnerabilities": { signers: ["ci"] }, "require-provenance": { signers: ["ci"], builders: ["https://builder.example.com"] } },
  });
  const podsOf = (images: { readonly [name: string]: string }): string => Object.entries(images).map(([name, image]) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name, image }] } })).join("\n---\n");
  const folderOf = (images: { readonly [name: string]: string }, live: unknown = { timeoutSeconds: 20 }, more: { readonly [name: string]: string } = {}): string => cli.folder({ "pods.yaml": podsOf(images), "bulkhead.json": configuration(live), ...more });

  /** The registry answers in this process: it must not wait for the other one. */
  async function run(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    const child = spawn(process.execPath, [cli.bundle, ...args], { cwd: folder, env: { ...process.env, DOCKER_CONFIG: folder, NODE_DISABLE_COMPILE_CACHE: "1", ...env } });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => void out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => void err.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
  }

  async function judge(folder: string, env: NodeJS.ProcessEnv = {}): Promise<Judged> {
    const { code, stdout, stderr } = await run(folder, ["check", "--config", "bulkhead.json", "--now", now, "--format", "json", ...evidenceRules.flatMap((rule) => ["--rule", rule]), "pods.yaml"], env);
    const report = JSON.parse(stdout) as JsonReport;
    expect(stdout + stderr).not.toContain(secret);
    return { code, stderr, report, found: report.findings.map(({ rule, subject }) => `${rule} ${subject.name}`).sort(), messages: report.findings.map(({ message }) => message) };
  }

  /** An image with a scan and provenance, attached as cosign 2 does. */
  function release(tag: string, { key = ci, scanned = at, created = at }: { readonly key?: typeof ci; readonly scanned?: string; readonly created?: string } = {}): Blob {
    const image = registry.image({ tag, created, labels: { tag } });
    attach(image, attested(key, image.digest, vulns, vulnsPredicate(scanned)), attested(key, image.digest, slsa, slsaPredicate));
    return image;
  }
  function attach(image: Blob, ...envelopes: readonly Buffer[]): void {
    const layers = envelopes.map((envelope) => registry.blob(envelope, "application/vnd.dsse.envelope.v1+json"));
    registry.manifest({ config: registry.blob("{}", "application/vnd.oci.empty.v1+json"), layers }, `${image.digest.replace(":", "-")}.att`);
  }
  const named = (tag: string): string => `${registry.host}/team/app:${tag}`;
  const failing = (name: string): readonly string[] => ["no-moved-tag", "no-severe-vulnerabilities", "require-provenance", "require-scan-evidence"].map((rule) => `${rule} ${name}`);

  test("without a lockfile images pass by what their registry has; nothing is written, and each is asked for once", async () => {
    const good = release("good");
    const folder = folderOf({ a: named("good"), b: named("good"), c: `${registry.host}/team/app@${good.digest}` });
    const before = readdirSync(folder);
    const { code, found, stderr, report } = await judge(folder);
    expect([code, found, stderr, report.undecided]).toEqual([0, [], "", []]);
    expect(readdirSync(folder)).toEqual(before);
    expect(registry.asked("GET /v2/team/app/manifests/good")).toBe(1);
  });

  test("what others have signed, or nobody, and what is too old is refused by its own rule", async () => {
    release("stale", { scanned: "2026-03-01T00:00:00Z" });
    release("stranger", { key: stranger });
    registry.image({ tag: "bare", labels: { tag: "bare" } });
    const { code, found, messages } = await judge(folderOf({ stale: named("stale"), stranger: named("stranger"), bare: named("bare") }));
    expect(code).toBe(1);
    expect(found).toEqual(["require-provenance bare", "require-provenance stranger", "require-scan-evidence bare", "require-scan-evidence stale", "require-scan-evidence stranger"]);
    expect(messages.filter((message) => message.includes("attached and not taken"))).toHaveLength(2);
  });

  test("a tag that moved is judged by what it names now, and found by the lockfile", async () => {
    const first = release("1");
    const folder = folderOf({ a: named("1") });
    expect(await run(folder, ["evidence", "sync", "--config", "bulkhead.json", "--now", at, "pods.yaml"])).toMatchObject({ code: 0 });
    expect((await judge(folder)).found).toEqual([]);
    const second = release("1", { scanned: "2026-03-01T00:00:00Z", created: "2026-05-21T00:00:00Z" });
    const { found, messages } = await judge(folder);
    expect(found).toEqual(["no-moved-tag a", "require-scan-evidence a"]);
    for (const message of messages) expect(message).toContain(`${named("1")} (${second.digest.slice(0, 19)}..., which the tag names now)`);
    expect(messages.find((message) => message.includes("locked to"))).toContain(`locked to on 2026-05-20, ${first.digest.slice(0, 19)}...`);
  });

  test("what the lockfile has of the same image counts as well; it does not stand in for an answer", async () => {
    const image = registry.image({ tag: "local" });
    const folder = cli.folder({ "pods.yaml": podsOf({ a: named("local") }), "bulkhead.json": JSON.stringify({ evidence: { live: true } }), "report.json": JSON.stringify(trivyReport(image.digest, at)) });
    expect((await judge(folder)).found).toEqual(["require-scan-evidence a"]);
    expect(await run(folder, ["evidence", "add", "--now", now, "report.json"])).toMatchObject({ code: 0 });
    expect((await judge(folder)).found).toEqual([]);
    registry.on("GET /v2/team/app/manifests/local", status(403, {}, secret));
    const { code, found, messages } = await judge(folder);
    expect([code, found]).toEqual([1, failing("a").filter((entry) => !entry.startsWith("require-provenance"))]);
    for (const message of messages) expect(message).toContain(`asking its registry failed: ${named("local")} (fetching the manifest): status 403`);
  });

  test("VEX that is attached now counts for a scan of the lockfile, and VEX of the lockfile for a scan that is attached", async () => {
    const image = registry.image({ tag: "vex", labels: { tag: "vex" } });
    const [scan, vex, provenance] = [attested(ci, image.digest, vulns, vulnsPredicate(at, "CVE-2026-1")), attested(ci, image.digest, openVex, vexPredicate(image.digest, "CVE-2026-1", at)), attested(ci, image.digest, slsa, slsaPredicate)];
    for (const [attached, kept, found] of [[scan, undefined, ["no-severe-vulnerabilities a"]], [scan, vex, []], [vex, scan, []]] as const) {
      attach(image, attached, provenance);
      const folder = folderOf({ a: named("vex") }, true, kept === undefined ? {} : { "kept.json": kept.toString() });
      if (kept !== undefined) expect(await run(folder, ["evidence", "add", "--config", "bulkhead.json", "--now", now, "kept.json"])).toMatchObject({ code: 0 });
      expect((await judge(folder)).found).toEqual(found);
    }
  });

  test("a lockfile that cannot be read turns nothing off", async () => {
    release("good");
    const { found, messages } = await judge(folderOf({ a: named("good") }, true, { "bulkhead.evidence.json": "{" }));
    expect(found).toEqual([...failing("a"), "require-evidence-lockfile evidence"].sort());
    expect(messages.filter((message) => message.includes("cannot be held against the lockfile bulkhead.evidence.json, which cannot be read"))).toHaveLength(4);
  });

  test.each([
    ["429", (tag: string) => registry.on(`GET /v2/team/app/manifests/${tag}`, status(429, { "retry-after": "600" })), "status 429, and it asks to wait for 600 s"],
    ["a 500 for what is attached", (_: string, image: Blob) => registry.on(`GET /v2/team/app/manifests/${image.digest.replace(":", "-")}.att`, status(500, {}, secret)), "(fetching cosign's attestations): status 500, asked 3 times"],
    ["another image than was asked for", (tag: string, image: Blob) => registry.on(`GET /v2/team/app/manifests/${tag}`, (_, response) => response.writeHead(200, { "content-type": image.mediaType, "docker-content-digest": `sha256:${"0".repeat(64)}` }).end('{"schemaVersion":2}')), "and the registry says sha256:000"],
  ])("%s: every rule that needs evidence is broken, and another image is judged as ever", async (_, misbehave, reason) => {
    release("good");
    misbehave("bad", release("bad"));
    const { code, found, messages, report } = await judge(folderOf({ bad: named("bad"), good: named("good") }));
    expect([code, found, report.undecided]).toEqual([1, failing("bad"), []]);
    for (const message of messages) expect(message).toContain(reason);
  });

  test("a login that is not accepted is said, and never shown", async () => {
    registry.on("GET /v2/team/app/manifests/1", status(401, { "www-authenticate": `Basic realm="${secret}"` }, secret));
    const login = Buffer.from(`user:${secret}`).toString("base64");
    const { stderr, found, messages } = await judge(folderOf({ a: named("1") }, true, { "config.json": JSON.stringify({ auths: { [registry.host]: { auth: login } } }) }));
    expect(found).toEqual(failing("a"));
    for (const message of messages) expect(message).toContain("status 401: the credential of Docker's configuration is not accepted");
    expect(stderr + messages.join("")).not.toContain(login);
  });

  test("a credential helper of docker's is asked for the login, by the thread that asks", async () => {
    release("1");
    const authorization = `Basic ${Buffer.from(`user:${secret}`).toString("base64")}`;
    registry.guard((request, response) => {
      if (request.headers.authorization === authorization) return false;
      response.writeHead(401, { "www-authenticate": "Basic realm=\"x\"" }).end();
      return true;
    });
    const helper = `#!/bin/sh\nread server\n[ "$server" = "${registry.host}" ] && echo '{"Username":"user","Secret":"${secret}"}'\n`;
    const folder = folderOf({ a: named("1") }, true, { "config.json": JSON.stringify({ credHelpers: { [registry.host]: "live-test" } }), "docker-credential-live-test": helper });
    chmodSync(join(folder, "docker-credential-live-test"), 0o755);
    expect((await judge(folder, { PATH: `${folder}:${process.env["PATH"] ?? ""}` })).found).toEqual([]);
    expect((await judge(folder)).found).toEqual(failing("a"));
  });

  test("where nobody listens each image fails, and a registry that was silent is not waited for again", async () => {
    const host = await freePort();
    const images = Object.fromEntries(Array.from({ length: 40 }, (_, number) => [`p${number}`, `${host}/team/app:${number}`]));
    const { code, found, messages } = await judge(folderOf(images));
    expect(code).toBe(1);
    expect(found).toEqual(Object.keys(images).flatMap(failing).sort());
    expect(messages.filter((message) => message.includes("ECONNREFUSED"))).toHaveLength(found.length);
    expect(messages.filter((message) => message.includes("gave no answer before"))).toHaveLength(8 * 4);
  });

  test("a registry that hangs uses up the time of the whole run, and no more; what was answered counts", async () => {
    release("good");
    registry.on("GET /v2/team/app/manifests/hangs", () => undefined);
    registry.on("GET /v2/team/app/manifests/hangs-too", () => undefined);
    const { code, found, messages } = await judge(folderOf({ good: named("good"), hangs: named("hangs"), too: named("hangs-too") }, { timeoutSeconds: 4 }));
    expect([code, found]).toEqual([1, [...failing("hangs"), ...failing("too")].sort()]);
    for (const message of messages) expect(message).toContain("the 4 s for the whole run were used up");
  });

  test("without live, and where no rule needs evidence, nothing is asked", async () => {
    release("good");
    expect((await judge(folderOf({ a: named("good") }, false))).found).toEqual(["require-evidence-lockfile evidence"]);
    const folder = folderOf({ a: named("good") });
    expect((await run(folder, ["check", "--config", "bulkhead.json", "--rule", "no-latest-tag", "pods.yaml"])).code).toBe(0);
    expect(registry.requests).toEqual([]);
  });
});

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}
