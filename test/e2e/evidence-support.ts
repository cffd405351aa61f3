import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Cosign, type CosignWay, type KeyPair } from "./cosign-support.ts";
import type { LoopbackRegistry } from "./registry-support.ts";
import { sharedData } from "./support.ts";

const reportFile = join(sharedData, "scan-reports/defectdojo/unittests/scans/trivy/issue_9333.json");
/** Whether the report that the tests begin with is missing. */
export const missesReport = !existsSync(reportFile);
if (missesReport) process.stderr.write(`skipped for want of ${reportFile}\n`);

const day = 86_400_000;
const daysAgo = (days: number): string => new Date(Date.now() - days * day).toISOString();
export const containerType = "docker:index/container:Container";
export const builder = "https://ci.example.com/builder";
export const provenance = { buildDefinition: { buildType: "https://ci.example.com/build/v1", externalParameters: {}, resolvedDependencies: [{ uri: "git+https://git.example.com/team/app", digest: { gitCommit: "a".repeat(40) } }] }, runDetails: { builder: { id: builder } } };

interface Trivy {
  CreatedAt: string;
  Metadata: { RepoDigests: readonly string[] };
  Results: readonly { readonly Vulnerabilities?: readonly { Severity: string }[] }[];
  Trivy?: object;
}

/** An image with its evidence, and what is wrong with it. */
export interface Case {
  readonly tag: string;
  /** Days since the scan; 1 unless told. */
  readonly scanned?: number;
  /** Days since the database was built; one more than since the scan unless told. */
  readonly database?: number;
  readonly critical?: boolean;
  readonly signedBy?: "stranger";
  readonly scannedBy?: "stranger";
}

export interface Keys {
  readonly ci: KeyPair;
  readonly stranger: KeyPair;
}

export async function makeKeys(registry: LoopbackRegistry, way: CosignWay = { tool: "cosign-2", format: "tag" }): Promise<Keys> {
  const cosign = new Cosign(registry, way);
  return { ci: await cosign.keyPair("ci"), stranger: await cosign.keyPair("stranger") };
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

/** Pushes an image `team/app` under the tag, signs it, and attests its scan and its provenance; its digest. */
export async function release(registry: LoopbackRegistry, { ci, stranger }: Keys, entry: Case, way: CosignWay = { tool: "cosign-2", format: "tag" }): Promise<string> {
  const digest = await registry.pushImage(`team/app:${entry.tag}`, `${entry.tag} ${Math.random()}`, { oci: true });
  const reference = `${registry.host}/team/app@${digest}`;
  const cosign = new Cosign(registry, way);
  const report = reportOf(registry.host, digest, entry);
  await cosign.sign(reference, entry.signedBy === "stranger" ? stranger : ci);
  await cosign.attest(reference, entry.scannedBy === "stranger" ? stranger : ci, "vuln", { invocation: { parameters: null, uri: "", event_id: "", "builder.id": "" }, scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "" }, result: report }, metadata: { scanStartedOn: report.CreatedAt, scanFinishedOn: report.CreatedAt } });
  await cosign.attest(reference, ci, "slsaprovenance1", provenance);
  return digest;
}

/** A program of containers by name, with their images. */
export function programOf(images: { readonly [name: string]: string }): string {
  const resources = Object.fromEntries(Object.entries(images).map(([name, image]) => [name, { type: containerType, properties: { name, image }, options: { provider: "${provider}" } }]));
  return JSON.stringify({ name: "program", runtime: "yaml", resources: { provider: { type: "pulumi:providers:docker", properties: { disableDockerDaemonCheck: true } }, ...resources } });
}

/** The rules about evidence, each mandatory, and no other. */
export function evidenceConfig(evidence: object, registries: readonly string[]): object {
  const signers = ["ci"];
  const on = (options: object = {}): object => ({ enforcementLevel: "mandatory", ...options });
  return {
    all: "disabled", "bulkhead-coverage": "advisory", bulkhead: { evidence }, "require-evidence-lockfile": on(), "require-scan-evidence": on({ signers, trust: "signed" }), "no-severe-vulnerabilities": on({ signers }), "no-moved-tag": on(),
    "require-image-signature": on({ signers }), "require-provenance": on({ signers, builders: [builder] }), "allowed-registries": on({ registries }),
  };
}
