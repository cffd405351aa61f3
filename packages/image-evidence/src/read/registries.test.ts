import { describe, expect, test } from "vitest";
import type { ReadOptions } from "./conclude.ts";
import { readReport } from "./read-report.ts";
import type { Reading } from "./reading.ts";

const digest = `sha256:${"1".repeat(64)}`;
const other = `sha256:${"3".repeat(64)}`;
const read = (value: unknown, options?: ReadOptions): Reading => readReport(new TextEncoder().encode(JSON.stringify(value)), "r.json", options);
const at = "2026-10-01T10:00:00Z";

describe("Harbor", () => {
  const report = { generated_at: at, scanner: { name: "Trivy", vendor: "Aqua", version: "v0.70.0" }, severity: "High", vulnerabilities: [{ id: "CVE-2026-0001", severity: "High", fix_version: "2" }, { id: "CVE-2026-0002", severity: "Negligible" }] };
  const type = "application/vnd.security.vulnerability.report; version=1.1";

  test("answers with a report of the digest that was asked for", () => {
    expect(read({ [type]: report })).toMatchObject({ kind: "none", reason: "no-digest" });
    expect(read({ [type]: report }, { askedFor: digest })).toMatchObject({ kind: "scan", digests: [digest], scan: { scanner: { name: "trivy", version: "0.70.0" }, scannedAt: at, vulnerabilities: { high: { fixable: ["CVE-2026-0001"] }, negligible: { unfixed: ["CVE-2026-0002"] } } } });
  });

  test("has scanners whose own report names the artifact, whatever was asked for", () => {
    expect(read({ ...report, artifact: { repository: "library/app", digest } }, { askedFor: other })).toMatchObject({ kind: "scan", digests: [digest] });
    expect(read({ ...report, artifact: { digest }, scanner: { name: "Trivy", version: "v0.69.4" } })).toMatchObject({ kind: "none", reason: "denied-scanner" });
  });

  const artifact = (change: object): unknown => ({ digest, scan_overview: { [type]: { scan_status: "Success", complete_percent: 100, start_time: at, end_time: "2026-10-01T10:01:00Z", scanner: { name: "Trivy", version: "v0.70.0" }, summary: { total: 0 }, ...change } } });

  test.each([
    ["clean", {}, { kind: "scan", digests: [digest], scan: { scannedAt: at, vulnerabilities: {} } }],
    ["with vulnerabilities that it does not name", { summary: { total: 2 } }, { kind: "none", reason: "not-a-scan" }],
    ["without a summary", { summary: null }, { kind: "none", reason: "not-a-scan" }],
    ["failed", { scan_status: "Error" }, { kind: "none", reason: "scanner-failed" }],
    ["half done", { complete_percent: 50 }, { kind: "none", reason: "scanner-failed" }],
  ])("lists an artifact: %s", (_, change, expected) => {
    expect(read(artifact(change))).toMatchObject(expected);
  });
});

describe("ECR", () => {
  const ecr = (status: string, findings: object, rest: object = {}): unknown => ({ registryId: "1", repositoryName: "app", imageId: { imageDigest: digest }, imageScanStatus: { status }, imageScanFindings: { imageScanCompletedAt: at, vulnerabilitySourceUpdatedAt: "2026-09-30T00:00:00+00:00", ...findings }, ...rest });

  test("basic: what it does not say of fixes counts as if there were one", () => {
    expect(read(ecr("COMPLETE", { findings: [{ name: "CVE-2026-0001", severity: "CRITICAL" }, { name: "CVE-2026-0002", severity: "UNDEFINED" }] }))).toMatchObject({ kind: "scan", digests: [digest], scan: { scannedAt: at, databaseBuiltAt: "2026-09-30T00:00:00Z", vulnerabilities: { critical: { fixable: ["CVE-2026-0001"] }, unknown: { fixable: ["CVE-2026-0002"] } } } });
    expect(read(ecr("COMPLETE", { imageScanCompletedAt: 1790848800.5 }))).toMatchObject({ kind: "scan", scan: { scannedAt: new Date(1790848800500).toISOString() } });
  });

  test("enhanced: closed findings do not count", () => {
    const finding = (id: string, fixAvailable: string, status: string): unknown => ({ status, severity: "INFORMATIONAL", fixAvailable, firstObservedAt: "2020-01-01T00:00:00Z", packageVulnerabilityDetails: { vulnerabilityId: id } });
    expect(read(ecr("ACTIVE", { enhancedFindings: [finding("CVE-1", "YES", "ACTIVE"), finding("CVE-2", "NO", "ACTIVE"), finding("CVE-3", "YES", "CLOSED")] }))).toMatchObject({ scan: { scanner: { name: "amazon-inspector" }, vulnerabilities: { negligible: { fixable: ["CVE-1"], unfixed: ["CVE-2"] } } } });
  });

  test.each(["SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE", "UNSUPPORTED_IMAGE", "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "FAILED", "PENDING", "IN_PROGRESS", "ANYTHING"])("%s is no result", (status) => {
    expect(read(ecr(status, {}))).toMatchObject({ kind: "none", reason: "scanner-failed", message: `ECR has no result of a scan (${status})` });
  });

  test("one page of several is no result", () => {
    expect(read(ecr("COMPLETE", {}, { nextToken: "x" }))).toMatchObject({ kind: "none", reason: "scanner-failed" });
  });
});

describe("Google's Artifact Analysis", () => {
  const uri = `https://europe-docker.pkg.dev/p/r/app@${digest}`;
  const discovery = (change: object = {}): unknown => ({ kind: "DISCOVERY", resourceUri: uri, discovery: { analysisStatus: "FINISHED_SUCCESS", lastScanTime: at, lastVulnerabilityUpdateTime: "2026-09-30T00:00:00Z", ...change } });
  const vulnerability = { kind: "VULNERABILITY", resourceUri: uri, noteName: "projects/goog-vulnz/notes/CVE-2026-0001", vulnerability: { effectiveSeverity: "MINIMAL", fixAvailable: false } };

  test("in each form in which it is written", () => {
    const expected = { kind: "scan", digests: [digest], content: { subjects: [{ repository: "europe-docker.pkg.dev/p/r/app" }] }, scan: { scannedAt: at, databaseBuiltAt: "2026-09-30T00:00:00Z", vulnerabilities: { negligible: { unfixed: ["CVE-2026-0001"] } } } };
    expect(read({ occurrences: [discovery(), vulnerability] })).toMatchObject(expected);
    expect(read([discovery(), vulnerability])).toMatchObject(expected);
    expect(read({ image_summary: {}, discovery_summary: { discovery: [discovery()] }, package_vulnerability_summary: { vulnerabilities: { MINIMAL: [vulnerability] } } })).toMatchObject(expected);
  });

  test.each([
    ["no discovery", [vulnerability], "no-time"],
    ["a discovery without a time", [discovery(), discovery({ lastScanTime: undefined })], "no-time"],
    ["a failed analysis", [discovery({ analysisStatus: "FINISHED_FAILED" })], "scanner-failed"],
    ["an archived one", [discovery({ archiveTime: at })], "scanner-failed"],
    ["two images", [discovery(), { ...vulnerability, resourceUri: uri.replace(digest, other) }], "several-images"],
  ])("with %s is no evidence", (_, occurrences, reason) => {
    expect(read(occurrences)).toMatchObject({ kind: "none", reason });
  });
});

describe("Azure's Defender", () => {
  const row = (change: object = {}, artifact: object = {}): unknown => ({
    properties: { id: "CVE-2026-0001", timeGenerated: at, status: { code: "Unhealthy", severity: "High" }, additionalData: { artifactDetails: { registryHost: "a.azurecr.io", repositoryName: "app", digest, ...artifact }, vulnerabilityDetails: { cveId: "CVE-2026-0001", severity: "High" }, softwareDetails: { fixStatus: "FixAvailable" } }, ...change },
  });

  test("rows of one image", () => {
    expect(read({ data: [row(), row({ timeGenerated: "2026-10-02T00:00:00Z" })] })).toMatchObject({ kind: "scan", digests: [digest], scan: { scannedAt: at, vulnerabilities: { high: { fixable: ["CVE-2026-0001"] } } } });
    expect(read([row({ status: { code: "Healthy" } })])).toMatchObject({ kind: "scan", scan: { vulnerabilities: {} } });
  });

  test("no rows say nothing; rows of two images, of no time or of one page are no evidence", () => {
    expect(() => read({ data: [], count: 0 })).toThrow("expected a report");
    expect(read([row(), row({}, { digest: other })])).toMatchObject({ kind: "none", reason: "several-images" });
    expect(read([row(), row({ timeGenerated: null })])).toMatchObject({ kind: "none", reason: "no-time" });
    expect(read({ data: [row()], $skipToken: "x" })).toMatchObject({ kind: "none", reason: "scanner-failed" });
  });
});

test("an operator's VulnerabilityReport names the digest that runs", () => {
  const report = { apiVersion: "aquasecurity.github.io/v1alpha1", kind: "VulnerabilityReport", report: { updateTimestamp: at, registry: { server: "index.docker.io" }, artifact: { repository: "library/nginx", digest }, scanner: { name: "Trivy", version: "0.70.0" }, vulnerabilities: [{ vulnerabilityID: "CVE-2026-0001", severity: "LOW", fixedVersion: "" }] } };
  expect(read(report)).toMatchObject({ kind: "scan", digests: [digest], content: { subjects: [{ repository: "docker.io/library/nginx" }] }, scan: { vulnerabilities: { low: { unfixed: ["CVE-2026-0001"] } } } });
  expect(read({ ...report, kind: "ConfigAuditReport" })).toMatchObject({ kind: "none", reason: "not-an-image" });
});

describe("other scanners", () => {
  test("Aqua: a local image's digest is none of a registry", () => {
    const aqua = { image: "app", scan_started: { seconds: 1790848800 }, data_date: 1790800000, digest, resources: [{ vulnerabilities: [{ name: "CVE-2026-0001", aqua_severity: "high", fix_version: "2" }] }] };
    expect(read(aqua)).toMatchObject({ kind: "scan", digests: [digest], scan: { vulnerabilities: { high: { fixable: ["CVE-2026-0001"] } } } });
    expect(read({ ...aqua, local: true })).toMatchObject({ kind: "none", reason: "no-digest" });
    expect(read({ ...aqua, digest: digest.slice(7) })).toMatchObject({ kind: "none", reason: "no-digest" });
  });

  test("GitLab: UTC without a zone, Trivy's version is looked at, the image is named by each finding", () => {
    const gitlab = (change: object = {}, image = `app@${digest}`): unknown => ({ version: "15.0.0", vulnerabilities: [{ id: "x", severity: "High", solution: "Upgrade a to 2", location: { image }, identifiers: [{ value: "CVE-2026-0001" }] }, { id: "y", severity: "Info", location: { image: `app@${digest}` }, identifiers: [] }], scan: { type: "container_scanning", status: "success", start_time: "2026-10-01T10:00:00", end_time: "2026-10-01T10:01:00", scanner: { id: "trivy", name: "Trivy", version: "0.70.0" }, ...change } });
    expect(read(gitlab())).toMatchObject({ kind: "scan", digests: [digest], scan: { scannedAt: at, vulnerabilities: { high: { fixable: ["CVE-2026-0001"] }, negligible: { unfixed: ["y"] } } } });
    expect(read(gitlab({ scanner: { id: "trivy", version: "0.69.4" } }))).toMatchObject({ reason: "denied-scanner" });
    expect(read(gitlab({ status: "failure" }))).toMatchObject({ reason: "scanner-failed" });
    expect(read(gitlab({ type: "sast" }))).toMatchObject({ reason: "not-an-image" });
    expect(read(gitlab({}, `app@${other}`))).toMatchObject({ reason: "several-images" });
  });

  test("Sysdig, Wiz and Prisma", () => {
    expect(read({ info: { scanTime: at }, scanner: { name: "sysdig-cli-scanner", version: "1" }, result: { metadata: { digest, imageId: other, createdAt: "2020-01-01T00:00:00Z", os: "linux", architecture: "amd64" }, packages: [{ vulns: [{ name: "CVE-1", severity: { value: "High" }, fixedInVersion: "2" }] }] } })).toMatchObject({ kind: "scan", digests: [digest], scan: { scannedAt: at, platform: "linux/amd64", vulnerabilities: { high: { fixable: ["CVE-1"] } } } });
    const wiz = (state: string): unknown => ({ createdAt: at, startedAt: "0001-01-01T00:00:00Z", status: { state }, scanOriginResource: { digest }, result: { libraries: [{ vulnerabilities: [{ name: "CVE-1", severity: "INFORMATIONAL" }] }] } });
    expect(read(wiz("SUCCESS"))).toMatchObject({ kind: "scan", digests: [digest], scan: { vulnerabilities: { negligible: { unfixed: ["CVE-1"] } } } });
    expect(read(wiz("FAILED"))).toMatchObject({ kind: "none", reason: "scanner-failed" });
    const prisma = { id: other, vulnerabilityDistribution: {}, scanTime: at, vulnerabilities: [{ id: "CVE-1", severity: "important", status: "fixed in 2" }] };
    expect(read({ results: [prisma] })).toMatchObject({ kind: "none", reason: "no-digest", content: { subjects: [{ digest: other, kind: "config" }] } });
    expect(read({ results: [{ ...prisma, repoDigests: [`app@${digest}`] }] })).toMatchObject({ kind: "scan", scan: { vulnerabilities: { high: { fixable: ["CVE-1"] } } } });
    expect(read({ results: [prisma, prisma] })).toMatchObject({ kind: "none", reason: "several-images" });
  });

  test("Snyk and Clair never say when", () => {
    expect(read({ ok: true, projectName: "x", path: `app@${digest}`, docker: {}, vulnerabilities: [{ id: "SNYK-1", severity: "high", severityWithCritical: "critical", identifiers: { CVE: ["CVE-1"] }, nearestFixedInVersion: "2" }] })).toMatchObject({ kind: "none", reason: "no-time", content: { findings: [{ id: "CVE-1", severity: "critical", fixable: true, aliases: ["SNYK-1"] }] } });
    expect(read({ ok: true, packageManager: "npm", vulnerabilities: [] })).toMatchObject({ kind: "none", reason: "not-an-image" });
    expect(read({ image: `app@${digest}`, unapproved: [], vulnerabilities: [{ vulnerability: "CVE-1", severity: "Defcon1" }] })).toMatchObject({ kind: "none", reason: "no-time", content: { findings: [{ severity: "critical" }] } });
  });
});
