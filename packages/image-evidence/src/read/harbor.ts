import type { Digest } from "@bulkhead/core";
import { severityOf, vulnerabilities } from "./findings";
import type { Node } from "./node";
import type { ScanDraft } from "./reading";
import { subjectOfReference } from "./reference";
import { toolOf } from "./scanner";

const reportTypes = ["application/vnd.security.vulnerability.report; version=1.1", "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0"] as const;

function reportType(value: Node): string | undefined {
  return reportTypes.find((type) => value.has(type));
}

/** What `GET .../artifacts/{digest}/additions/vulnerabilities` answers, or a scanner adapter's own report. */
export function isHarborReport(document: Node): boolean {
  return reportType(document) !== undefined || ["generated_at", "scanner", "severity", "vulnerabilities"].every((name) => document.has(name));
}

/** The API's answer names no artifact: it belongs to the digest that was asked for. A scanner adapter's report names it. */
export function readHarborReport(document: Node, maxFindings: number, askedFor: Digest | undefined): ScanDraft {
  const type = reportType(document);
  const report = type === undefined ? document : document.at(type);
  const scanner = report.at("scanner");
  const artifact = report.at("artifact");
  return {
    format: "harbor-report",
    scanner: toolOf(scanner.at("name").textIfAny(), scanner.at("version").textIfAny()),
    times: [report.at("generated_at").instant()],
    subjects: [subjectOfReference(artifact.at("digest").text() ?? askedFor) ?? []].flat(),
    findings: vulnerabilities(report.at("vulnerabilities"), maxFindings).map((entry) => ({
      id: entry.at("id").requiredText(),
      severity: severityOf(entry.at("severity").text()),
      fixable: entry.at("fix_version").text() !== undefined,
    })),
  };
}

/** What `GET .../artifacts/{digest}?with_scan_overview=true` answers. */
export function isHarborArtifact(document: Node): boolean {
  return document.has("digest") && document.has("scan_overview");
}

/**
 * That and when Harbor scanned the artifact. What it counts has no ids, so it is evidence only of an artifact without
 * vulnerabilities; of others the report of `additions/vulnerabilities` is.
 */
export function readHarborArtifact(document: Node): ScanDraft {
  const overview = document.at("scan_overview");
  const type = reportType(overview);
  if (type === undefined) throw overview.error(`a summary of type ${reportTypes.join(" or ")}`);
  const summary = overview.at(type);
  const status = summary.at("scan_status").text();
  const percent = summary.at("complete_percent").value;
  const scanner = summary.at("scanner");
  return {
    format: "harbor-artifact",
    scanner: toolOf(scanner.at("name").textIfAny(), scanner.at("version").textIfAny()),
    times: [summary.at("start_time").instant(), summary.at("end_time").instant()],
    subjects: [subjectOfReference(document.at("digest").text()) ?? []].flat(),
    findings: [],
    refusal: refusal(status === "Success" && (percent === undefined || percent === 100), status, summary.at("summary").at("total").value === 0),
  };
}

function refusal(complete: boolean, status: string | undefined, clean: boolean): ScanDraft["refusal"] {
  if (!complete) return { reason: "scanner-failed", message: `Harbor's scan is not complete (${status ?? "no status"})` };
  return clean ? undefined : { reason: "not-a-scan", message: "it counts vulnerabilities without naming them: give Harbor's vulnerability report of the artifact" };
}
