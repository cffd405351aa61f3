import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseStatement, type VerifiedStatement, verifiedStatement } from "../statement.ts";
import type { ReadOptions } from "./conclude.ts";
import { readReport } from "./read-report.ts";
import { readStatement } from "./read-statement.ts";
import type { ProvenanceReading, Reading } from "./reading.ts";

const hex = "1".repeat(64);
const digest = `sha256:${hex}`;
const other = `sha256:${"3".repeat(64)}`;
const at = "2026-10-01T10:00:00Z";
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const statement = (predicateType: string, predicate: unknown, subject: unknown = [{ name: "app", digest: { sha256: hex } }]): unknown => ({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate });

function verified(value: unknown, signedAt?: string): VerifiedStatement {
  return verifiedStatement(parseStatement(bytes(value), "s.json"), { signer: { kind: "key", key: other, ...(signedAt === undefined ? {} : { signedAt }) }, document: other, name: "ghcr.io/acme/app" });
}

const read = (type: string, predicate: unknown, options: ReadOptions = {}, signedAt?: string): Reading => readStatement(verified(statement(type, predicate), signedAt), options);

const trivy = { SchemaVersion: 2, CreatedAt: at, ArtifactType: "container_image", Metadata: { RepoDigests: [`app@${other}`] }, Results: [{ Class: "os-pkgs", Vulnerabilities: [{ VulnerabilityID: "CVE-1", Severity: "HIGH" }] }] };
const vuln = "https://cosign.sigstore.dev/attestation/vuln/v1";
const cosignVuln = (result: unknown, metadata: object = { scanStartedOn: "2026-11-20T00:00:00Z", scanFinishedOn: "2026-11-20T00:00:00Z" }, scanner: object = {}): unknown => ({ scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: {}, result, ...scanner }, metadata });

test("a statement that no verification made is not read", () => {
  const forged = { ...verified(statement(vuln, cosignVuln(trivy))) } as VerifiedStatement;
  expect(() => readStatement(forged)).toThrow("the statement was not verified");
});

describe("cosign's vulnerability attestation", () => {
  test("is of its subject, whatever the report within says, and as old as that report", () => {
    const reading = read(vuln, cosignVuln(trivy));
    expect(reading).toMatchObject({ kind: "scan", digests: [digest], origin: { format: "cosign-vuln", name: "ghcr.io/acme/app", document: other }, scan: { scannedAt: at, scanner: { name: "trivy", version: "0.70.0" }, vulnerabilities: { high: { unfixed: ["CVE-1"] } } } });
    expect(reading.kind === "scan" && reading.content.subjects).toEqual([{ digest, kind: "image" }]);
  });

  test.each([
    ["a report without its own time", cosignVuln({ ...trivy, CreatedAt: undefined }), "restamped"],
    ["a report of a directory", cosignVuln({ ...trivy, ArtifactType: "filesystem" }), "not-an-image"],
    ["a report of no known format", cosignVuln({ a: 1 }), "unsupported"],
    ["no report", cosignVuln(null), "unsupported"],
    ["a malicious scanner around it", cosignVuln(trivy, undefined, { version: "0.69.4" }), "denied-scanner"],
    ["a malicious scanner in its URI", cosignVuln(trivy, undefined, { version: "", uri: "pkg:github/aquasecurity/trivy@0.69.4" }), "denied-scanner"],
    ["a malicious scanner within it", cosignVuln({ ...trivy, Trivy: { Version: "0.69.4" } }), "denied-scanner"],
    ["zero times", cosignVuln({ matches: [], descriptor: { name: "grype" }, source: { type: "image" } }, { scanStartedOn: "0001-01-01T00:00:00Z", scanFinishedOn: "0001-01-01T00:00:00Z" }), "no-time"],
  ])("with %s is no evidence", (_, predicate, reason) => {
    expect(read(vuln, predicate)).toMatchObject({ kind: "none", reason });
  });

  test("with a report of Grype without a time is as old as the attestation says", () => {
    expect(read(vuln, cosignVuln({ matches: [], descriptor: { name: "grype", version: "1" }, source: { type: "image" } }, { scanFinishedOn: at }, { uri: "grype", version: "1" }))).toMatchObject({ kind: "scan", scan: { scannedAt: at, scanner: { name: "grype" } } });
  });

  test("that claims a scan after it was signed is refused", () => {
    expect(read(vuln, cosignVuln(trivy), {}, "2026-10-01T09:55:00Z")).toMatchObject({ kind: "scan" });
    expect(read(vuln, cosignVuln(trivy), {}, "2026-10-01T09:54:59Z")).toMatchObject({ kind: "none", reason: "future", message: expect.stringContaining("signed at 2026-10-01T09:54:59Z already") });
  });

  test("has several subjects, each once; one without a sha256 is none", () => {
    const subject = [{ digest: { sha256: "3".repeat(64) } }, { digest: { sha256: hex } }, { digest: { sha256: hex } }];
    expect(readStatement(verified(statement(vuln, cosignVuln(trivy), subject)))).toMatchObject({ digests: [digest, other] });
    expect(readStatement(verified(statement(vuln, cosignVuln(trivy), [{ digest: { sha512: "1".repeat(128) } }])))).toMatchObject({ kind: "none", reason: "no-digest" });
  });

  test("without a signature is read too, for whoever trusts a file; its origin names no signer", () => {
    const value = statement(vuln, cosignVuln(trivy));
    expect(readReport(bytes(value), "s.json")).toMatchObject({ kind: "scan", digests: [digest] });
  });

  test("does not become another kind of statement by its type", () => {
    expect(() => read("https://slsa.dev/provenance/v1", cosignVuln(trivy))).toThrow("ghcr.io/acme/app: predicate.buildDefinition: expected an object, found nothing");
    expect(() => read(vuln, { buildDefinition: {} })).toThrow("predicate.scanner: expected an object, found nothing");
    expect(read("https://cosign.sigstore.dev/attestation/v1", cosignVuln(trivy))).toMatchObject({ kind: "none", reason: "unsupported" });
    expect(read("https://cosign.sigstore.dev/attestation/vuln/v1?", cosignVuln(trivy))).toMatchObject({ kind: "none", reason: "unsupported" });
    expect(read("https://scout.docker.com/vulnerabilities/v0.1", {})).toMatchObject({ kind: "none", reason: "unsupported" });
    expect(() => read(vuln, [])).toThrow("predicate: expected an object");
  });
});

test("in-toto's vulnerability predicate, in each shape of its two versions", () => {
  const predicate = { scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", db: { lastUpdate: "2026-09-30T00:00:00Z" }, result: [{ id: "CVE-1", severity: [{ method: "nvd", score: "HIGH" }, { method: "CVSS_V3", score: 9.8 }, { method: "EPSS", score: "0.01" }] }, { vulnerability: { id: "CVE-2", severity: [{ method: "CVSS_V3", score: "4.5" }] } }, { vulnerability: { id: "CVE-3" } }] }, metadata: { scanStartedOn: at, scanFinishedOn: "2026-10-01T10:02:00Z" } };
  for (const version of ["v0.1", "v0.2"]) {
    expect(read(`https://in-toto.io/attestation/vulns/${version}`, predicate)).toMatchObject({ kind: "scan", digests: [digest], scan: { scannedAt: at, databaseBuiltAt: "2026-09-30T00:00:00Z", scanner: { name: "trivy", version: "0.70.0" }, vulnerabilities: { critical: { fixable: ["CVE-1"] }, medium: { fixable: ["CVE-2"] }, unknown: { fixable: ["CVE-3"] } } } });
  }
  expect(read("https://in-toto.io/attestation/vulns/v0.2", { ...predicate, metadata: { scanStartedOn: at } })).toMatchObject({ kind: "none", reason: "no-time" });
  expect(() => read("https://in-toto.io/attestation/vulns/v0.2", { ...predicate, scanner: { uri: "x" } })).toThrow("predicate.scanner.result: expected a list of vulnerabilities, found nothing");
});

describe("a signed verdict", () => {
  const svr = { verifier: { id: "https://example.com/scanner/v3" }, timeCreated: at, properties: ["SLSA_BUILD_LEVEL_3", "ACME_VULN_SCANNED"] };
  const vsa = { verifier: { id: "https://example.com/v" }, timeVerified: at, verificationResult: "PASSED", verifiedLevels: ["ACME_VULN_SCANNED"] };

  test("is a scan only by a property that is named for it", () => {
    const options = { scanProperties: ["ACME_VULN_SCANNED"] };
    expect(read("https://in-toto.io/attestation/svr/v0.2", svr, options)).toMatchObject({ kind: "scan", scan: { verdictOnly: true, scannedAt: at, scanner: { name: "https://example.com/scanner/v3" }, vulnerabilities: {} } });
    expect(read("https://slsa.dev/verification_summary/v1", vsa, options)).toMatchObject({ kind: "scan", scan: { verdictOnly: true } });
    expect(read("https://in-toto.io/attestation/svr/v0.2", svr)).toMatchObject({ kind: "none", reason: "not-a-scan", message: expect.stringContaining("SLSA_BUILD_LEVEL_3, ACME_VULN_SCANNED") });
    expect(read("https://slsa.dev/verification_summary/v1", { ...vsa, verifiedLevels: ["SLSA_BUILD_LEVEL_3"] }, options)).toMatchObject({ kind: "none", reason: "not-a-scan" });
    expect(read("https://slsa.dev/verification_summary/v1", { ...vsa, verificationResult: "FAILED" }, options)).toMatchObject({ kind: "none", reason: "not-a-scan" });
  });
});

test("cosign's signature of an image is no other statement about it", () => {
  expect(read("https://sigstore.dev/cosign/sign/v1", {})).toMatchObject({ kind: "signature", digests: [digest] });
});

test("an attested list of components is of the statement's subject, and may be wrapped as early cosign did", () => {
  const bom = { bomFormat: "CycloneDX", metadata: { timestamp: at, component: { type: "container", version: other } }, components: [] };
  for (const predicate of [bom, { Data: bom, Timestamp: at }]) expect(read("https://cyclonedx.org/bom", predicate)).toMatchObject({ kind: "sbom", digests: [digest], baseImages: [] });
  expect(read("https://spdx.dev/Document", { spdxVersion: "SPDX-2.3", packages: [{ SPDXID: "a" }] })).toMatchObject({ kind: "sbom", digests: [digest] });
  const analysed = { ...bom, vulnerabilities: [{ id: "CVE-1", analysis: { state: "not_affected", justification: "code_not_reachable" }, affects: [{ ref: "pkg:deb/debian/tar@1" }] }] };
  expect(read("https://cyclonedx.org/bom", analysed)).toMatchObject({ kind: "vex", vex: { statements: [{ names: ["CVE-1"], status: "not_affected", justification: "code_not_reachable", products: [{ digests: [digest], subcomponents: ["pkg:deb/debian/tar@1"] }] }] } });
});

describe("SLSA provenance", () => {
  const provenance = (type: string, predicate: unknown): ProvenanceReading["provenance"] => {
    const reading = read(type, predicate);
    if (reading.kind !== "provenance") throw new Error(JSON.stringify(reading));
    expect(reading.digests).toEqual([digest]);
    return reading.provenance;
  };

  test("1 of a GitHub workflow", () => {
    const predicate = { buildDefinition: { buildType: "https://actions.github.io/buildtypes/workflow/v1", externalParameters: { workflow: { ref: "refs/heads/main", repository: "https://github.com/acme/app", path: ".github/workflows/release.yml" } }, resolvedDependencies: [{ uri: "git+https://github.com/acme/app@refs/heads/main", digest: { gitCommit: "a".repeat(40) } }] }, runDetails: { builder: { id: "https://github.com/actions/runner/github-hosted" } } };
    expect(provenance("https://slsa.dev/provenance/v1", predicate)).toEqual({ builder: "https://github.com/actions/runner/github-hosted", buildType: "https://actions.github.io/buildtypes/workflow/v1", source: "https://github.com/acme/app", sourceRef: "refs/heads/main", commit: "a".repeat(40), materials: [{ uri: "git+https://github.com/acme/app@refs/heads/main", digest: `gitCommit:${"a".repeat(40)}` }] });
  });

  const images = [
    { uri: "pkg:docker/debian@13?platform=linux%2Famd64", digest: { sha256: "2".repeat(64) } },
    { uri: "pkg:docker/ghcr.io/acme/tools@1.2?platform=linux%2Famd64", digest: { sha256: "4".repeat(64) } },
    { uri: "pkg:docker/docker/dockerfile@1", digest: { sha256: "5".repeat(64) } },
  ];
  const bases = [
    { from: "provenance", reference: "docker.io/library/debian:13", digest: `sha256:${"2".repeat(64)}` },
    { from: "provenance", reference: "ghcr.io/acme/tools:1.2", digest: `sha256:${"4".repeat(64)}` },
  ];

  test("1 of BuildKit: source, and the images that it built on, without the one that reads Dockerfiles", () => {
    const predicate = { buildDefinition: { buildType: "https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md", externalParameters: { configSource: { uri: "https://user:secret@github.com/acme/app.git#refs/heads/main", digest: { sha1: "a".repeat(40) }, path: "Dockerfile" } }, resolvedDependencies: images }, runDetails: { builder: { id: "" } } };
    expect(() => provenance("https://slsa.dev/provenance/v1", predicate)).toThrow("predicate.runDetails.builder.id: expected text");
    const read = provenance("https://slsa.dev/provenance/v1", { ...predicate, runDetails: { builder: { id: "https://ci.example.com" } } });
    expect(read).toMatchObject({ source: "https://github.com/acme/app.git", sourceRef: "refs/heads/main", commit: "a".repeat(40), baseImages: bases });
    expect(read.materials).toHaveLength(3);
    expect(JSON.stringify(read)).not.toContain("secret");
  });

  test("0.2 of BuildKit and of GitHub", () => {
    const predicate = { builder: { id: "https://github.com/acme/app/actions/runs/1" }, buildType: "https://mobyproject.org/buildkit@v1", invocation: { configSource: { uri: "git+https://github.com/acme/app@refs/tags/v1", entryPoint: "Dockerfile" } }, materials: [...images, { uri: "git+https://github.com/acme/app@refs/tags/v1", digest: { sha1: "b".repeat(40) } }] };
    expect(provenance("https://slsa.dev/provenance/v0.2", predicate)).toMatchObject({ builder: "https://github.com/acme/app/actions/runs/1", source: "https://github.com/acme/app", sourceRef: "refs/tags/v1", commit: "b".repeat(40), baseImages: bases });
    expect(() => provenance("https://slsa.dev/provenance/v0.2", { builder: {} })).toThrow("predicate.builder.id: expected text, found nothing");
  });

  test("says no source where its parameters name none", () => {
    const predicate = { buildDefinition: { buildType: "x", externalParameters: {}, resolvedDependencies: [{ uri: "git+https://github.com/acme/library@main", digest: { gitCommit: "a".repeat(40) } }] }, runDetails: { builder: { id: "y" } } };
    expect(provenance("https://slsa.dev/provenance/v1", predicate)).not.toHaveProperty("source");
  });
});

const bundles = join(import.meta.dirname, "../../../../../shared/data/sigstore");
const files = existsSync(bundles) ? readdirSync(bundles, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith(".json")).map((entry) => join(entry.parentPath, entry.name)) : [];
if (files.length === 0) process.stderr.write("skipped for want of ../shared/data/sigstore: real provenance\n");

test.skipIf(files.length === 0)("real provenance in sigstore's bundles", () => {
  const seen: string[] = [];
  for (const file of files) {
    const bundle = parsed(file);
    const payload = bundle?.dsseEnvelope?.payload;
    if (payload === undefined) continue;
    const found = JSON.parse(Buffer.from(payload, "base64").toString()) as { predicateType: string; subject: unknown };
    // npm's subjects have sha512: given one of an image, the predicate must read.
    if (!found.predicateType.startsWith("https://slsa.dev/provenance/")) continue;
    const reading = readStatement(verified({ ...found, subject: [{ digest: { sha256: hex } }] }));
    expect(reading).toMatchObject({ kind: "provenance", provenance: { builder: expect.stringMatching(/^https:/), source: expect.stringMatching(/^https:\/\/github\.com\//), commit: expect.stringMatching(/^[0-9a-f]{40}$/) } });
    expect(readStatement(verified(found))).toMatchObject({ kind: expect.stringMatching(/none|provenance/) });
    seen.push(found.predicateType);
  }
  process.stderr.write(`provenance in sigstore's bundles: ${seen.length} read\n`);
  expect(seen.length).toBeGreaterThan(5);
});

function parsed(file: string): { readonly dsseEnvelope?: { readonly payload?: string } } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
