import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { Cosign, type CosignWay, type KeyPair } from "./cosign-support.ts";
import { LoopbackRegistry } from "./registry-support.ts";
import { missing, Project, root, sharedData, verdicts, yamlTools } from "./support.ts";

const reportFile = join(sharedData, "scan-reports/defectdojo/unittests/scans/trivy/issue_9333.json");
if (!existsSync(reportFile)) process.stderr.write(`skipped for want of ${reportFile}\n`);
const cli = join(root, "packages/cli/dist/main.js");
const day = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * day).toISOString();
const containerType = "docker:index/container:Container";

interface Trivy {
  CreatedAt: string;
  Metadata: { RepoDigests: readonly string[] };
  Results: readonly { readonly Vulnerabilities?: readonly { Severity: string }[] }[];
  Trivy?: object;
}

interface Case {
  readonly tag: string;
  /** Days since the scan; 1 unless told. */
  readonly scanned?: number;
  /** Days since the database was built; one more than since the scan unless told. */
  readonly database?: number;
  readonly critical?: boolean;
  readonly signedBy?: "stranger";
  readonly scannedBy?: "stranger";
}

/** A report that Trivy has written of another image, with the digest, the times and the severity of the case. */
function reportOf(host: string, digest: string, { scanned = 1, database = scanned + 1, critical = false }: Case): Trivy {
  const report = JSON.parse(readFileSync(reportFile, "utf8")) as Trivy;
  report.CreatedAt = daysAgo(scanned);
  report.Metadata.RepoDigests = [`${host}/team/app@${digest}`];
  report.Trivy = { Version: "0.70.0", Server: { VulnerabilityDB: { UpdatedAt: daysAgo(database) } } };
  const first = report.Results.find(({ Vulnerabilities = [] }) => Vulnerabilities.length > 0)?.Vulnerabilities?.[0];
  if (first === undefined) throw new Error("the report has no vulnerability");
  if (critical) first.Severity = "CRITICAL";
  return report;
}

const builder = "https://ci.example.com/builder";
const provenance = { buildDefinition: { buildType: "https://ci.example.com/build/v1", externalParameters: {}, resolvedDependencies: [{ uri: "git+https://git.example.com/team/app", digest: { gitCommit: "a".repeat(40) } }] }, runDetails: { builder: { id: builder } } };

describe.skipIf(missing(...yamlTools, "crane", "cosign-2", "docker-registry") || !existsSync(reportFile))("evidence, from the registry to the preview", () => {
  let registry: LoopbackRegistry;
  let elsewhere: LoopbackRegistry;
  let project: Project;
  const keys: { ci?: KeyPair; stranger?: KeyPair } = {};
  const digests: { [tag: string]: string } = {};

  /** Pushes an image, signs it, and attests its scan and its provenance. */
  async function release(entry: Case, at: LoopbackRegistry = registry, way: CosignWay = { tool: "cosign-2", format: "tag" }): Promise<string> {
    const digest = await at.pushImage(`team/app:${entry.tag}`, `${entry.tag} ${Math.random()}`, { oci: true });
    const reference = `${at.host}/team/app@${digest}`;
    const cosign = new Cosign(at, way);
    const { ci, stranger } = keys;
    if (ci === undefined || stranger === undefined) throw new Error("no keys");
    const report = reportOf(at.host, digest, entry);
    await cosign.sign(reference, entry.signedBy === "stranger" ? stranger : ci);
    await cosign.attest(reference, entry.scannedBy === "stranger" ? stranger : ci, "vuln", { invocation: { parameters: null, uri: "", event_id: "", "builder.id": "" }, scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "" }, result: report }, metadata: { scanStartedOn: report.CreatedAt, scanFinishedOn: report.CreatedAt } });
    await cosign.attest(reference, ci, "slsaprovenance1", provenance);
    digests[entry.tag] = digest;
    return digest;
  }

  const evidence = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli, "evidence", ...args, "--config", "bulkhead.json"], { cwd: project.program, env: { ...project.env, DOCKER_CONFIG: registry.dockerConfig }, timeout: 120_000 });
  const lock = (): EvidenceLock => JSON.parse(readFileSync(join(project.program, "bulkhead.evidence.json"), "utf8")) as EvidenceLock;
  /** Containers of the program, and a manifest with the same images, of which sync takes them. */
  const use = (images: { readonly [name: string]: string }): void => {
    const resources = Object.fromEntries(Object.entries(images).map(([name, image]) => [name, { type: containerType, properties: { name, image }, options: { provider: "${provider}" } }]));
    project.writeProgram("Pulumi.yaml", JSON.stringify({ name: "program", runtime: "yaml", resources: { provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } }, ...resources } }));
    project.writeProgram("pods.yaml", Object.entries(images).map(([name, image]) => JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name, image }] } })).join("\n---\n"));
  };
  const settings = { signers: { ci: { keyFile: "ci.pub" } } };
  const judge = () => {
    const signers = ["ci"];
    const on = (options: object = {}): object => ({ enforcementLevel: "mandatory", ...options });
    return project.judge({
      config: {
        all: "disabled", "bulkhead-coverage": "advisory", bulkhead: { evidence: settings }, "require-evidence-lockfile": on(), "require-scan-evidence": on({ signers, trust: "signed" }), "no-severe-vulnerabilities": on({ signers }), "no-moved-tag": on(),
        "require-image-signature": on({ signers }), "require-provenance": on({ signers, builders: [builder] }), "allowed-registries": on({ registries: [registry.host] }),
      },
    });
  };

  beforeAll(async () => {
    [registry, elsewhere] = await Promise.all([LoopbackRegistry.start("docker-registry"), LoopbackRegistry.start("docker-registry")]);
    project = new Project({ "Pulumi.yaml": "{}", "bulkhead.json": JSON.stringify({ evidence: settings }) });
    const cosign = new Cosign(registry, { tool: "cosign-2", format: "tag" });
    keys.ci = await cosign.keyPair("ci");
    keys.stranger = await cosign.keyPair("stranger");
    writeFileSync(join(project.program, "ci.pub"), keys.ci.publicKey);
  }, 240_000);
  afterAll(async () => {
    await Promise.all([registry?.stop(), elsewhere?.stop()]);
    project?.remove();
  });

  test("without a lockfile the preview is refused once; with what sync collects it passes", async () => {
    await release({ tag: "good" });
    use({ good: `${registry.host}/team/app:good`, again: `${registry.host}/team/app:good` });
    const before = await judge();
    expect(verdicts(before.events, "mandatory")).toEqual(["require-evidence-lockfile pulumi:pulumi:Stack::program-test"]);
    const synced = await evidence("sync", "--from", "manifests", "--require-signed", "pods.yaml");
    expect(synced, synced.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining("1 scan, 1 signature, 1 of provenance") });
    expect(lock().references).toMatchObject({ [`${registry.host}/team/app:good`]: { digest: digests["good"] } });
    expect(await evidence("verify", "--require-signed")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
    const { code, events, everything } = await judge();
    expect(verdicts(events, "mandatory")).toEqual([]);
    expect(code, everything).toBe(0);
  }, 600_000);

  test("each fault is refused by its own rule, and by no other", async () => {
    const host = registry.host;
    for (const entry of [{ tag: "stale", scanned: 61 }, { tag: "database", database: 30 }, { tag: "critical", critical: true }, { tag: "signer", signedBy: "stranger" }, { tag: "scanner", scannedBy: "stranger" }, { tag: "other" }] as const) await release(entry);
    // The attestations of another image, put where those of this one are looked for.
    const bare = await registry.pushImage("team/app:swapped", "swapped", { oci: true });
    const tagOf = (digest = ""): string => digest.replace(":", "-");
    await new Cosign(registry, { tool: "cosign-2", format: "tag" }).sign(`${host}/team/app@${bare}`, keys.ci as KeyPair);
    await registry.use("crane", "tag", `${host}/team/app:${tagOf(digests["other"])}.att`, `${tagOf(bare)}.att`);
    const foreign = await release({ tag: "foreign" }, elsewhere);
    await release({ tag: "moved" });
    const pinned = (tag: string): string => `${host}/team/app@${digests[tag] ?? ""}`;
    use({
      good: `${host}/team/app:good`, stale: pinned("stale"), database: pinned("database"), critical: pinned("critical"), signer: pinned("signer"), scanner: pinned("scanner"), swapped: `${host}/team/app@${bare}`,
      moved: `${host}/team/app:moved`, foreign: `${elsewhere.host}/team/app@${foreign}`,
    });
    expect((await evidence("sync", "pods.yaml")).code).toBe(0);
    const locked = digests["moved"];
    await release({ tag: "moved" });
    const synced = await evidence("sync", "pods.yaml", "--format", "json");
    expect(synced.code, synced.stderr).toBe(1);
    expect(lock().references[`${host}/team/app:moved`]).toMatchObject({ digest: locked, moved: { digest: digests["moved"] } });
    const refused = (JSON.parse(synced.stdout) as { readonly images: readonly { readonly refused: readonly { readonly code: string; readonly image: string }[] }[] }).images.flatMap((image) => image.refused).map(({ code, image }) => `${code} ${image}`).sort();
    expect(refused).toEqual([`untrusted-signer ${digests["signer"]}`, `untrusted-signer ${digests["scanner"]}`, `wrong-subject ${bare}`, `wrong-subject ${bare}`].sort());
    const { code, events } = await judge();
    expect(code).not.toBe(0);
    expect(verdicts(events, "mandatory")).toEqual([
      `require-scan-evidence ${containerType}::stale`, `require-scan-evidence ${containerType}::database`, `no-severe-vulnerabilities ${containerType}::critical`, `require-image-signature ${containerType}::signer`,
      `require-scan-evidence ${containerType}::scanner`, `require-scan-evidence ${containerType}::swapped`, `require-provenance ${containerType}::swapped`, `no-moved-tag ${containerType}::moved`, `allowed-registries ${containerType}::foreign`,
    ].sort());
    const messageOf = (name: string): string => events.find(({ resourceUrn = "", enforcementLevel }) => resourceUrn.endsWith(`::${name}`) && enforcementLevel === "mandatory")?.message ?? "";
    expect(messageOf("stale")).toContain("61 days ago");
    expect(messageOf("database")).toContain("with a database of at most 7 days");
    expect((await evidence("sync", "pods.yaml", "--accept-moved")).code).toBe(0);
    expect(lock().references[`${host}/team/app:moved`]).not.toHaveProperty("moved");
  }, 900_000);

  test("what is used no more is pruned, and the rest verifies", async () => {
    use({ good: `${registry.host}/team/app:good` });
    expect((await evidence("prune", "pods.yaml")).code).toBe(0);
    expect(Object.keys(lock().images)).toEqual([digests["good"]]);
    expect(await evidence("verify")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
  }, 240_000);
});

describe.skipIf(missing("crane", "cosign-3", "referrers-registry") || !existsSync(reportFile))("evidence that cosign 3 attached, as bundles by the referrers API", () => {
  test("is collected, and verified again", async () => {
    const registry = await LoopbackRegistry.start("referrers-registry");
    const project = new Project({ "bulkhead.json": JSON.stringify({ evidence: { signers: { ci: { keyFile: "ci.pub" } } } }) });
    try {
      const cosign = new Cosign(registry, { tool: "cosign-3", format: "bundle" });
      const key = await cosign.keyPair("ci");
      writeFileSync(join(project.program, "ci.pub"), key.publicKey);
      const digest = await registry.pushImage("team/app:1", "bundle", { oci: true });
      const reference = `${registry.host}/team/app@${digest}`;
      await cosign.sign(reference, key);
      const report = reportOf(registry.host, digest, { tag: "1" });
      await cosign.attest(reference, key, "vuln", { invocation: { parameters: null, uri: "", event_id: "", "builder.id": "" }, scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "" }, result: report }, metadata: { scanStartedOn: report.CreatedAt, scanFinishedOn: report.CreatedAt } });
      await cosign.attest(reference, key, "slsaprovenance1", provenance);
      const evidence = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli, "evidence", ...args, "--config", "bulkhead.json"], { cwd: project.program, env: { ...project.env, DOCKER_CONFIG: registry.dockerConfig }, timeout: 120_000 });
      expect(await evidence("sync", "--image", `${registry.host}/team/app:1`)).toMatchObject({ code: 0, stdout: expect.stringContaining("1 scan, 1 signature, 1 of provenance") });
      expect(await evidence("verify")).toMatchObject({ code: 0, stdout: "3 records verified, 0 rejected, 0 that nobody signed\n" });
    } finally {
      await registry.stop();
      project.remove();
    }
  }, 300_000);
});
