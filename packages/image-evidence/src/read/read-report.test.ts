import { describe, expect, test } from "vitest";
import type { NoEvidence, Reading, SbomReading, ScanReading } from "./reading.ts";
import type { ReadOptions } from "./conclude.ts";
import { DocumentError } from "./document-error.ts";
import { readReport } from "./read-report.ts";

const index = `sha256:${"1".repeat(64)}`;
const config = `sha256:${"2".repeat(64)}`;
const other = `sha256:${"3".repeat(64)}`;
const read = (value: unknown, options?: ReadOptions): Reading => readReport(new TextEncoder().encode(JSON.stringify(value)), "r.json", options);
const scan = (value: unknown, options?: ReadOptions): ScanReading => {
  const reading = read(value, options);
  if (reading.kind !== "scan") throw new Error(JSON.stringify(reading));
  return reading;
};
const refusal = (value: unknown, options?: ReadOptions): Pick<NoEvidence, "reason" | "message"> => {
  const reading = read(value, options);
  if (reading.kind !== "none") throw new Error(`taken for evidence: ${JSON.stringify(reading)}`);
  return { reason: reading.reason, message: reading.message };
};

const trivy = {
  SchemaVersion: 2,
  CreatedAt: "2026-10-01T12:00:00+02:00",
  ArtifactName: "registry.example.com/app:1",
  ArtifactType: "container_image",
  Trivy: { Version: "0.70.0" },
  Metadata: { ImageID: config, RepoDigests: [`registry.example.com/app@${index}`], ImageConfig: { architecture: "arm64", os: "linux", variant: "v8", created: "2020-01-01T00:00:00Z" } },
  Results: [
    {
      Target: "app",
      Class: "os-pkgs",
      Vulnerabilities: [
        { VulnerabilityID: "CVE-2026-0002", PkgName: "b", Severity: "HIGH", FixedVersion: "" },
        { VulnerabilityID: "CVE-2026-0001", PkgName: "a", Severity: "LOW", FixedVersion: "1.1" },
        { VulnerabilityID: "CVE-2026-0001", PkgName: "b", Severity: "CRITICAL" },
        { VulnerabilityID: "CVE-2026-0003", PkgName: "c", Severity: "A WORD OF ANOTHER SCANNER" },
      ],
      ExperimentalModifiedFindings: [{ Type: "vulnerability", Status: "not_affected", Statement: "free text", Finding: { VulnerabilityID: "CVE-2026-0009" } }, { Type: "misconfiguration", Status: "ignored", Finding: {} }],
    },
  ],
};
const grype = {
  matches: [{ vulnerability: { id: "GHSA-aaaa-bbbb-cccc", severity: "High", fix: { state: "fixed", versions: ["2"] } }, relatedVulnerabilities: [{ id: "CVE-2026-0004" }], artifact: { purl: "pkg:npm/a@1" } }],
  ignoredMatches: [{ vulnerability: { id: "CVE-2026-0005" }, appliedIgnoreRules: [{ "vex-status": "fixed" }] }, { vulnerability: { id: "CVE-2026-0006" }, appliedIgnoreRules: [{ reason: "free text" }] }],
  source: { type: "image", target: { repoDigests: [`debian@${index}`], manifestDigest: other, imageID: config, os: "linux", architecture: "amd64" } },
  descriptor: { name: "grype", version: "0.90.0", timestamp: "2026-10-01T08:00:00-02:00", db: { status: { built: "2026-09-30T01:00:00Z" } } },
};

describe("Trivy's report", () => {
  test("gives one scan, with findings by id", () => {
    const reading = scan(trivy);
    expect(reading.digests).toEqual([index]);
    expect(reading.content.subjects).toEqual([{ digest: index, kind: "image", repository: "registry.example.com/app" }, { digest: config, kind: "config" }]);
    expect(reading.scan).toEqual({
      scanner: { name: "trivy", version: "0.70.0" },
      scannedAt: "2026-10-01T10:00:00Z",
      platform: "linux/arm64/v8",
      vulnerabilities: { critical: { fixable: ["CVE-2026-0001"] }, high: { unfixed: ["CVE-2026-0002"] }, unknown: { unfixed: ["CVE-2026-0003"] } },
      suppressed: [{ id: "CVE-2026-0009", by: "scanner", status: "not_affected" }],
    });
    expect(reading.origin).toMatchObject({ format: "trivy-json", name: "r.json" });
  });

  test.each([
    ["no digest", { Metadata: { RepoDigests: [] } }, "no-digest", "scan the image in its registry"],
    ["a digest cut short", { Metadata: { RepoDigests: [`app@${index.slice(0, -1)}`] } }, "no-digest", ""],
    ["a digest of another algorithm", { Metadata: { RepoDigests: [`app@sha512:${"1".repeat(128)}`] } }, "no-digest", ""],
    ["a digest in capitals", { Metadata: { RepoDigests: [`app@sha256:${"A".repeat(64)}`] } }, "no-digest", ""],
    ["the digest of the config only", { Metadata: { ImageID: config } }, "no-digest", `only by ${config}, a digest of the image's config`],
    ["no time", { CreatedAt: undefined }, "no-time", "does not say when"],
    ["Go's zero time", { CreatedAt: "0001-01-01T00:00:00Z" }, "no-time", ""],
    ["a repository", { ArtifactType: "repository" }, "not-an-image", "(repository)"],
    ["no look for vulnerabilities", { Results: [{ Target: "x", Class: "secret" }] }, "not-a-scan", "Trivy looked for secret"],
    ["a malicious release", { Trivy: { Version: "v0.69.5" } }, "denied-scanner", "made by trivy 0.69.5, a version that is known to be bad"],
  ])("with %s is no evidence", (_, change, reason, message) => {
    const refused = refusal({ ...trivy, ...change });
    expect(refused.reason).toBe(reason);
    expect(refused.message).toContain(message);
  });

  test.each([
    [{ CreatedAt: "yesterday" }, 'r.json: CreatedAt: expected a date with time and zone (RFC 3339), found "yesterday"'],
    [{ CreatedAt: "2026-10-01T12:00:00" }, "r.json: CreatedAt: expected a date"],
    [{ SchemaVersion: 3 }, "r.json: SchemaVersion: expected version 2 of Trivy's report, found 3"],
    [{ Results: [{ Vulnerabilities: [{ VulnerabilityID: 1 }] }] }, "r.json: Results[0].Vulnerabilities[0].VulnerabilityID: expected text, found 1"],
    [{ Results: {} }, "r.json: Results: expected a list, found an empty object"],
  ])("%# that does not fit is refused by its place", (change, message) => {
    expect(() => read({ ...trivy, ...change })).toThrow(message);
  });

  test("without a fault in it has no findings", () => {
    expect(scan({ ...trivy, Results: [{ Target: "x", Class: "os-pkgs" }] }).scan.vulnerabilities).toEqual({});
  });

  test("of a local image counts where the manifest of its config is known", () => {
    const local = { ...trivy, Metadata: { ImageID: config } };
    expect(scan(local, { manifestOf: ({ digest, kind }) => (digest === config && kind === "config" ? other : undefined) }).digests).toEqual([other]);
  });

  test("names each digest once", () => {
    expect(scan({ ...trivy, Metadata: { RepoDigests: [`a@${index}`, `b@${index}`, `a@${other}`] } }).digests).toEqual([index, other]);
  });

  test("from the future is refused where now is known, with five minutes for clocks that differ", () => {
    const at = Date.UTC(2026, 9, 1, 10);
    expect(scan(trivy, { now: at - 5 * 60_000 }).scan.scannedAt).toBe("2026-10-01T10:00:00Z");
    expect(refusal(trivy, { now: at - 5 * 60_000 - 1 })).toMatchObject({ reason: "future" });
  });

  test("may have further versions denied", () => {
    expect(refusal(trivy, { deniedScanners: [{ scanner: "trivy", versions: ["0.70.0"] }] }).reason).toBe("denied-scanner");
    expect(refusal({ ...trivy, Trivy: { Version: "0.69.4" } }, { deniedScanners: [{ scanner: "grype", versions: ["1"] }] }).reason).toBe("denied-scanner");
  });

  test("is refused with more findings than allowed", () => {
    expect(() => read(trivy, { maxFindings: 3 })).toThrow("Results[0].Vulnerabilities: expected at most 3 vulnerabilities, found a list of 4");
  });
});

test("a report does not become one of another prototype", () => {
  const text = `{"__proto__":{"Metadata":{"RepoDigests":["app@${index}"]},"CreatedAt":"2026-10-01T12:00:00Z"},"SchemaVersion":2,"ArtifactType":"container_image"}`;
  expect(readReport(new TextEncoder().encode(text), "r.json")).toMatchObject({ kind: "none", reason: "no-digest" });
});

test("Grype's report: its own times, aliases and exceptions; a manifest that it computed is not one of a registry", () => {
  const reading = scan(grype);
  expect(reading.digests).toEqual([index]);
  expect(reading.content.subjects).toEqual([{ digest: index, kind: "image", repository: "docker.io/library/debian" }, { digest: other, kind: "computed" }, { digest: config, kind: "config" }]);
  expect(reading.scan).toEqual({
    scanner: { name: "grype", version: "0.90.0" },
    scannedAt: "2026-10-01T10:00:00Z",
    databaseBuiltAt: "2026-09-30T01:00:00Z",
    platform: "linux/amd64",
    vulnerabilities: { high: { fixable: ["GHSA-aaaa-bbbb-cccc"] } },
    suppressed: [{ id: "CVE-2026-0005", by: "scanner", status: "fixed" }, { id: "CVE-2026-0006", by: "scanner", status: "ignored" }],
  });
  expect(reading.content.findings[0]).toMatchObject({ aliases: ["CVE-2026-0004"], purl: "pkg:npm/a@1" });
  expect(refusal({ ...grype, descriptor: { name: "grype" } }).reason).toBe("no-time");
  expect(refusal({ ...grype, source: { type: "directory", target: "." } }).reason).toBe("not-an-image");
});

const predicate = { invocation: {}, scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "" }, result: trivy }, metadata: { scanStartedOn: "2026-11-20T00:00:00Z", scanFinishedOn: "2026-11-20T00:00:00Z" } };

test("trivy --format cosign-vuln: the time of the report within counts, not that of the conversion", () => {
  expect(scan(predicate).scan.scannedAt).toBe("2026-10-01T10:00:00Z");
  expect(refusal({ ...predicate, scanner: { ...predicate.scanner, result: { ...trivy, CreatedAt: undefined } } })).toMatchObject({ reason: "restamped" });
  expect(scan({ ...predicate, metadata: { scanStartedOn: "2026-01-01T00:00:00Z", scanFinishedOn: "2026-11-20T00:00:00Z" } }).scan.scannedAt).toBe("2026-01-01T00:00:00Z");
  expect(refusal({ ...predicate, scanner: { ...predicate.scanner, version: "0.69.6" } }).reason).toBe("denied-scanner");
  expect(refusal({ ...predicate, scanner: { ...predicate.scanner, result: { ...trivy, Trivy: { Version: "0.69.6" } } } }).reason).toBe("denied-scanner");
  expect(refusal({ ...predicate, scanner: { ...predicate.scanner, result: { a: 1 } } }).reason).toBe("unsupported");
});

const sarif = {
  version: "2.1.0",
  runs: [{ tool: { driver: { name: "Trivy", version: "0.70.0", rules: [{ id: "CVE-2026-0001", properties: { tags: ["vulnerability", "security", "HIGH"], "security-severity": "9.9" } }, { id: "CVE-2026-0002-pkg", properties: { "security-severity": "5.0" } }] } }, properties: { imageName: "app", repoDigests: [`app@${index}`], imageID: config }, results: [{ ruleId: "CVE-2026-0001", message: { text: "Fixed Version: 2" } }, { ruleId: "CVE-2026-0002-pkg", message: { text: "Fixed Version: " } }], invocations: [{ endTimeUtc: "2026-11-20T00:00:00Z" }] }],
};

test("SARIF gives findings and never says when an image was scanned, whatever time is in it", () => {
  const reading = read(sarif);
  expect(reading).toMatchObject({ kind: "none", reason: "no-time", content: { subjects: [{ digest: index, kind: "image" }, { digest: config, kind: "config" }], time: "2026-11-20T00:00:00Z", findings: [{ id: "CVE-2026-0001", severity: "high", fixable: true }, { id: "CVE-2026-0002", severity: "medium", fixable: false }] } });
  expect(refusal({ ...sarif, runs: [{ tool: { driver: { name: "CodeQL" } } }] })).toMatchObject({ reason: "unsupported" });
});

const cyclonedx = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  metadata: {
    timestamp: "2026-11-20T00:00:00Z",
    tools: { components: [{ name: "trivy", version: "0.70.0" }] },
    component: { "bom-ref": "image", type: "container", purl: `pkg:oci/app@${encodeURIComponent(index)}?repository_url=registry.example.com%2Fapp&arch=amd64`, properties: [{ name: "aquasecurity:trivy:ImageID", value: config }, { name: "aquasecurity:trivy:Labels:org.opencontainers.image.base.name", value: "debian:13" }] },
  },
  components: [{ "bom-ref": "p", purl: "pkg:deb/debian/tar@1" }],
  vulnerabilities: [{ id: "CVE-2026-0001", source: { name: "debian" }, ratings: [{ source: { name: "nvd" }, severity: "critical" }, { source: { name: "debian" }, severity: "low" }], recommendation: "Upgrade tar", affects: [{ ref: "p" }] }],
};

describe("a list of components", () => {
  test("in CycloneDX is of an image and its base, and no scan though it lists vulnerabilities", () => {
    const reading = read(cyclonedx) as SbomReading;
    expect(reading).toMatchObject({ kind: "sbom", digests: [index], baseImages: [{ from: "sbom", reference: "docker.io/library/debian:13" }], content: { subjects: [{ digest: index, kind: "image", repository: "registry.example.com/app" }, { kind: "config" }], findings: [{ id: "CVE-2026-0001", severity: "low", fixable: true, purl: "pkg:deb/debian/tar@1" }] } });
    const without = { ...cyclonedx, metadata: { ...cyclonedx.metadata, component: { ...cyclonedx.metadata.component, properties: [] } } };
    expect(refusal(without).reason).toBe("restamped");
    expect(refusal({ ...cyclonedx, metadata: { ...cyclonedx.metadata, tools: [{ name: "trivy", version: "0.69.4" }] } }).reason).toBe("denied-scanner");
    expect(refusal({ ...cyclonedx, metadata: { component: { type: "application" } } }).reason).toBe("not-an-image");
  });

  test("by Syft has a digest that Syft computed", () => {
    const syft = { ...cyclonedx, metadata: { component: { type: "container", name: "app", version: other } }, vulnerabilities: [] };
    expect(refusal(syft)).toMatchObject({ reason: "no-digest", message: expect.stringContaining("that the scanner computed") });
    expect(read(syft, { manifestOf: ({ digest }) => digest })).toMatchObject({ kind: "sbom", digests: [other] });
  });

  test("in SPDX describes an image that descends from another", () => {
    const purl = (name: string, digest: string): unknown => ({ referenceType: "purl", referenceLocator: `pkg:oci/${name}@${digest}?repository_url=registry.example.com/${name}` });
    const spdx = {
      spdxVersion: "SPDX-2.3",
      creationInfo: { created: "2026-11-20T00:00:00Z", creators: ["Tool: syft-1.0.0"] },
      packages: [{ SPDXID: "a", externalRefs: [purl("app", index)] }, { SPDXID: "b", externalRefs: [purl("base", other)] }],
      relationships: [{ spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: "a" }, { spdxElementId: "a", relationshipType: "DESCENDANT_OF", relatedSpdxElement: "b" }],
    };
    expect(read(spdx)).toMatchObject({ kind: "sbom", digests: [index], baseImages: [{ from: "sbom", reference: "registry.example.com/base", digest: other }] });
    expect(refusal({ ...spdx, creationInfo: { creators: ["Tool: trivy-0.69.4"] } }).reason).toBe("denied-scanner");
  });
});

describe("what is not evidence as it stands", () => {
  test.each([
    ["dsse", { payloadType: "application/vnd.in-toto+json", payload: "e30=", signatures: [] }],
    ["dsse", { payloadType: "text/plain", payload: "e30=", signatures: [] }],
    ["sigstore-bundle", { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", dsseEnvelope: {} }],
    ["cosign-simple-signing", { critical: { type: "cosign container image signature" }, optional: null }],
  ])("%s is handed over for its signature", (format, value) => {
    expect(read(value)).toMatchObject({ kind: "envelope", format, value });
    // A report beside an envelope does not make it one.
    expect(read({ ...trivy, ...value })).toMatchObject({ kind: "envelope", format });
  });

  test.each([
    [{ "@graph": [], "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld" }, "unsupported"],
    [{ document: { csaf_version: "2.0" } }, "unsupported"],
    [{ ClusterName: "k", Resources: [] }, "not-an-image"],
    [[{ Target: "app", Vulnerabilities: null }], "no-digest"],
  ])("%# is recognised", (value, reason) => {
    expect(refusal(value).reason).toBe(reason);
  });

  test.each([
    [{ hello: 1, password: "hunter2" }, 'in one of the formats that are read, found an object with "hello", "password"'],
    [[], "found an empty list"],
    [null, "found null"],
    ["text", 'found "text"'],
  ])("%# is an error with what is there", (value, message) => {
    expect(() => read(value)).toThrow(DocumentError);
    expect(() => read(value)).toThrow(message);
    expect(() => read(value)).toThrow(/^(?!.*hunter)/);
  });
});
