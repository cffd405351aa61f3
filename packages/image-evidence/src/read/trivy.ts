import type { Suppression } from "@bulkhead/core";
import { severityOf, vulnerabilities } from "./findings";
import type { Node } from "./node";
import type { Finding, ScanDraft, SubjectDigest } from "./reading";
import { platformOf, subjectOfReference } from "./reference";
import { isDigest } from "../digest";
import { toolOf } from "./scanner";

export function isTrivyReport(document: Node): boolean {
  return document.has("SchemaVersion") && ["ArtifactName", "ArtifactType", "Results", "Metadata"].some((name) => document.has(name));
}

/**
 * Trivy's JSON, schema 2 (`trivy image --format json`). `CreatedAt` is the only time that is one of the scan: `created` of
 * the image's config is when it was built.
 */
export function readTrivyReport(document: Node, maxFindings: number): ScanDraft {
  const version = document.at("SchemaVersion");
  if (version.value !== 2) throw version.error("version 2 of Trivy's report");
  const metadata = document.at("Metadata");
  const createdAt = document.at("CreatedAt");
  const config = metadata.at("ImageConfig");
  const results = document.at("Results").items();
  const trivy = document.at("Trivy");
  return {
    format: "trivy-json",
    scanner: toolOf("trivy", trivy.at("Version").textIfAny()),
    times: [typeof createdAt.value === "number" ? createdAt.epoch() : createdAt.instant()],
    databaseBuiltAt: trivy.at("Server").at("VulnerabilityDB").at("UpdatedAt").instant(),
    subjects: trivySubjects(metadata),
    platform: platformOf(config.at("os").textIfAny(), config.at("architecture").textIfAny(), config.at("variant").textIfAny()),
    findings: readTrivyFindings(results, maxFindings),
    suppressed: results.flatMap((result) => result.at("ExperimentalModifiedFindings").items().flatMap(suppression)),
    refusal: refusal(document.at("ArtifactType"), results),
  };
}

/** `RepoDigests` may be of the index, though one platform was scanned; `ImageID` is the digest of the config. */
function trivySubjects(metadata: Node): readonly SubjectDigest[] {
  const repository = metadata.at("RepoDigests").items().flatMap((digest) => subjectOfReference(digest.text()) ?? []);
  const id = metadata.at("ImageID").text();
  return id !== undefined && isDigest(id) ? [...repository, { digest: id, kind: "config" }] : repository;
}

function readTrivyFindings(results: readonly Node[], maxFindings: number): readonly Finding[] {
  const findings: Finding[] = [];
  for (const result of results) {
    for (const entry of vulnerabilities(result.at("Vulnerabilities"), maxFindings)) {
      const purl = entry.at("PkgIdentifier").at("PURL").textIfAny();
      const aliases = entry.at("VendorIDs").items().flatMap((alias) => alias.textIfAny() ?? []);
      findings.push({
        id: entry.at("VulnerabilityID").requiredText(),
        severity: severityOf(entry.at("Severity").text()),
        fixable: entry.at("FixedVersion").text() !== undefined,
        ...(aliases.length === 0 ? {} : { aliases }),
        ...(purl === undefined ? {} : { purl }),
      });
    }
  }
  return findings;
}

/** What Trivy found and was told not to count. Its `Statement` is free text, and is not kept. */
function suppression(entry: Node): readonly Suppression[] {
  if (entry.at("Type").text() !== "vulnerability") return [];
  const status = entry.at("Status").text() ?? "ignored";
  return [{ id: entry.at("Finding").at("VulnerabilityID").requiredText(), by: "scanner", status: /^[a-z_]{1,32}$/.test(status) ? status : "ignored" }];
}

function refusal(type: Node, results: readonly Node[]): ScanDraft["refusal"] {
  const artifact = type.text();
  if (artifact !== undefined && artifact !== "container_image") return { reason: "not-an-image", message: `a scan of another kind of artifact (${artifact}), not of an image` };
  const classes = results.map((result) => result.at("Class").text());
  const looked = classes.length === 0 || classes.some((name) => name === undefined || name.endsWith("-pkgs"));
  return looked ? undefined : { reason: "not-a-scan", message: `Trivy looked for ${[...new Set(classes)].sort().join(", ")} and not for vulnerabilities: scan with --scanners vuln` };
}

/** `trivy k8s`: of a cluster. */
export function isTrivyCluster(document: Node): boolean {
  return document.has("ClusterName") && ["Resources", "Findings", "Vulnerabilities", "Misconfigurations"].some((name) => document.has(name));
}

/** Trivy before schema 2: a list of targets. */
export function isLegacyTrivy(document: Node): boolean {
  const members = document.isList ? document.items() : [];
  return members.length > 0 && members.every((member) => member.has("Target") && (member.has("Vulnerabilities") || member.has("Type")));
}

/** Kept by the operator in the cluster (`kubectl get vulnerabilityreport -o json`). */
export function isTrivyOperator(document: Node): boolean {
  return document.has("apiVersion") && document.at("apiVersion").textIfAny()?.startsWith("aquasecurity.github.io/") === true && document.has("kind");
}

export function readTrivyOperator(document: Node, maxFindings: number): ScanDraft {
  const kind = document.at("kind").text();
  const report = document.at("report");
  const artifact = report.at("artifact");
  const digest = artifact.at("digest").text();
  const scanner = report.at("scanner");
  const isReport = kind === "VulnerabilityReport";
  const repository = artifact.at("repository").textIfAny();
  const server = report.at("registry").at("server").textIfAny();
  const reference = repository === undefined || digest === undefined ? digest : `${server === undefined || server === "index.docker.io" ? "" : `${server}/`}${repository}@${digest}`;
  return {
    format: "trivy-operator",
    scanner: toolOf(scanner.at("name").textIfAny() ?? "trivy", scanner.at("version").textIfAny()),
    times: [isReport ? report.at("updateTimestamp").instant() : undefined],
    subjects: isReport ? [subjectOfReference(reference) ?? []].flat() : [],
    findings: isReport
      ? vulnerabilities(report.at("vulnerabilities"), maxFindings).map((entry) => ({ id: entry.at("vulnerabilityID").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: entry.at("fixedVersion").text() !== undefined }))
      : [],
    refusal: isReport ? undefined : { reason: "not-an-image", message: `a ${kind ?? "report"} of Trivy's operator, not a VulnerabilityReport` },
  };
}
