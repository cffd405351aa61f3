import { severityOf, vulnerabilities } from "./findings";
import type { Node } from "./node";
import type { Finding, ScanDraft } from "./reading";
import { subjectOfReference } from "./reference";

const partial = { reason: "scanner-failed", message: "one page of several: give the whole answer" } as const;

/** `aws ecr describe-image-scan-findings`. */
export function isEcr(document: Node): boolean {
  return document.has("imageScanFindings") && document.has("imageId");
}

/** Basic scanning ends COMPLETE; enhanced scanning (Inspector) stays ACTIVE while it keeps looking. Nothing else has a result. */
export function readEcr(document: Node, maxFindings: number): ScanDraft {
  const findings = document.at("imageScanFindings");
  const status = document.at("imageScanStatus").at("status").text();
  const done = status === "COMPLETE" || status === "ACTIVE";
  return {
    format: "ecr",
    scanner: { name: findings.at("enhancedFindings").isList ? "amazon-inspector" : "amazon-ecr" },
    times: [timeOf(findings.at("imageScanCompletedAt"))],
    databaseBuiltAt: timeOf(findings.at("vulnerabilitySourceUpdatedAt")),
    subjects: [subjectOfReference(document.at("imageId").at("imageDigest").text()) ?? []].flat(),
    findings: [...vulnerabilities(findings.at("findings"), maxFindings).map(basicFinding), ...vulnerabilities(findings.at("enhancedFindings"), maxFindings).flatMap(enhancedFinding)],
    refusal: done ? (document.at("nextToken").present ? partial : undefined) : { reason: "scanner-failed", message: `ECR has no result of a scan (${status ?? "no status"})` },
  };
}

/** Seconds on the wire, text from the command line. */
function timeOf(value: Node): number | undefined {
  return typeof value.value === "number" ? value.epoch() : value.instant();
}

/** Basic scanning does not say whether a version mends it, so it counts as if one did. */
function basicFinding(entry: Node): Finding {
  return { id: entry.at("name").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: true };
}

function enhancedFinding(entry: Node): readonly Finding[] {
  if (entry.at("status").text() === "CLOSED") return [];
  const details = entry.at("packageVulnerabilityDetails");
  return [{ id: details.at("vulnerabilityId").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: entry.at("fixAvailable").text() !== "NO" }];
}

/** Google's occurrences: an answer of the API, a list of them, or `gcloud artifacts docker images describe`. */
export function occurrencesOf(document: Node): readonly Node[] | undefined {
  if (document.has("occurrences")) return document.at("occurrences").items();
  if (document.has("discovery_summary") && document.has("image_summary")) {
    const byseverity = document.at("package_vulnerability_summary").at("vulnerabilities");
    return [...document.at("discovery_summary").at("discovery").items(), ...byseverity.names.flatMap((name) => byseverity.at(name).items())];
  }
  const members = document.isList ? document.items() : [];
  return members.length > 0 && members.every((member) => member.has("resourceUri") && member.has("kind")) ? members : undefined;
}

export function readGcp(document: Node, occurrences: readonly Node[], maxFindings: number): ScanDraft {
  if (occurrences.length > maxFindings) throw document.error(`at most ${maxFindings} occurrences`);
  const resources = [...new Set(occurrences.map((occurrence) => occurrence.at("resourceUri").text()))];
  const scans = occurrences.filter((occurrence) => occurrence.at("kind").text() === "DISCOVERY").map((occurrence) => occurrence.at("discovery")).filter((discovery) => discovery.at("analysisStatus").present);
  const times = scans.map((scan) => scan.at("lastScanTime").instant());
  const databases = scans.flatMap((scan) => scan.at("lastVulnerabilityUpdateTime").instant() ?? []);
  return {
    format: "gcp-artifact-analysis",
    scanner: { name: "gcp-artifact-analysis" },
    // A scan without a time leaves open how old the oldest is.
    times: times.includes(undefined) ? [] : times,
    databaseBuiltAt: databases.length === 0 ? undefined : Math.min(...databases),
    subjects: resources.flatMap((uri) => subjectOfReference(uri?.replace(/^https:\/\//, "")) ?? []),
    findings: occurrences.filter((occurrence) => occurrence.at("kind").text() === "VULNERABILITY").map(gcpFinding),
    refusal: gcpRefusal(document, scans, resources.length),
  };
}

function gcpFinding(occurrence: Node): Finding {
  const vulnerability = occurrence.at("vulnerability");
  return {
    id: vulnerability.at("shortDescription").textIfAny() ?? (occurrence.at("noteName").requiredText().split("/").at(-1) as string),
    severity: severityOf(vulnerability.at("effectiveSeverity").text() ?? vulnerability.at("severity").text()),
    fixable: vulnerability.at("fixAvailable").flag() ?? vulnerability.at("packageIssue").items().some((issue) => issue.at("fixAvailable").flag() === true),
  };
}

function gcpRefusal(document: Node, scans: readonly Node[], resources: number): ScanDraft["refusal"] {
  if (resources > 1) return { reason: "several-images", message: `occurrences of ${resources} resources: give those of one image` };
  if (document.has("nextPageToken") && document.at("nextPageToken").text() !== undefined) return partial;
  const failed = scans.find((scan) => scan.at("analysisStatus").text() !== "FINISHED_SUCCESS" || scan.at("archiveTime").present);
  return failed === undefined ? undefined : { reason: "scanner-failed", message: `the analysis did not finish (${failed.at("analysisStatus").text() ?? "no status"}) or was archived` };
}

/** Rows of Azure Resource Graph's `securityresources`: sub-assessments of container registry images. */
export function azureRowsOf(document: Node): readonly Node[] | undefined {
  const list = ["data", "value"].map((name) => (document.has(name) ? document.at(name) : undefined)).find((candidate) => candidate?.isList === true) ?? document;
  const rows = list.isList ? list.items() : [];
  const fits = (row: Node): boolean => row.has("properties") && row.at("properties").has("additionalData") && row.at("properties").at("additionalData").has("artifactDetails");
  return rows.length > 0 && rows.every(fits) ? rows : undefined;
}

/** An image without findings has no rows, as has one that was never scanned: nothing can be said of either. */
export function readAzure(document: Node, rows: readonly Node[], maxFindings: number): ScanDraft {
  if (rows.length > maxFindings) throw document.error(`at most ${maxFindings} rows`);
  const artifacts = rows.map((row) => row.at("properties").at("additionalData").at("artifactDetails"));
  const digests = new Set(artifacts.map((artifact) => artifact.at("digest").text()));
  const times = rows.map((row) => row.at("properties").at("timeGenerated").instant());
  return {
    format: "azure-defender",
    scanner: { name: "azure-defender" },
    times: times.includes(undefined) ? [] : times,
    subjects: [...digests].flatMap((digest) => subjectOfReference(digest) ?? []),
    findings: rows.filter((row) => row.at("properties").at("status").at("code").text() !== "Healthy").map(azureFinding),
    refusal: digests.size > 1 ? { reason: "several-images", message: `rows of ${digests.size} images: give those of one` } : truncated(document) ? partial : undefined,
  };
}

function truncated(document: Node): boolean {
  return ["$skipToken", "skipToken", "skip_token", "nextLink"].some((name) => document.has(name) && document.at(name).present) || (document.has("resultTruncated") && document.at("resultTruncated").value !== "false" && document.at("resultTruncated").value !== false);
}

function azureFinding(row: Node): Finding {
  const properties = row.at("properties");
  const data = properties.at("additionalData");
  const details = data.at("vulnerabilityDetails");
  const software = data.at("softwareDetails");
  return {
    id: details.at("cveId").text() ?? properties.at("id").requiredText(),
    severity: severityOf(details.at("severity").textIfAny() ?? properties.at("status").at("severity").text()),
    // Without a word on it, it counts as if a version mended it.
    fixable: software.at("fixStatus").textIfAny() !== "NoFixAvailable" || software.at("fixedVersion").textIfAny() !== undefined,
  };
}
