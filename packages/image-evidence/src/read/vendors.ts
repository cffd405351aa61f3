import { parseInstant } from "../instant";
import { severityOf, vulnerabilities, worst } from "./findings";
import type { Node } from "./node";
import { isDigest } from "../digest";
import type { Finding, ScanDraft, SubjectDigest } from "./reading";
import { platformOf, subjectOfReference } from "./reference";
import { toolOf } from "./scanner";

const severalImages = { reason: "several-images", message: "a report of several images: give one of each" } as const;

/** Aqua's scanner; also as a list with one image, as its Azure DevOps task writes it. */
export function aquaReportOf(document: Node): Node | undefined {
  const whole = document.isList && document.items().length === 1 && document.items()[0]?.has("results") ? document.items()[0]?.at("results") : document;
  return whole?.has("scan_started") && whole.has("resources") ? whole : undefined;
}

/** Aqua gives the digest of the image as it had it, without the algorithm or of a local image, unless it names it for a registry. */
export function readAqua(report: Node, maxFindings: number): ScanDraft {
  const digest = report.at("digest").text();
  const prefixed = digest !== undefined && /^[0-9a-f]{64}$/.test(digest) ? `sha256:${digest}` : digest;
  const ofRegistry = prefixed === digest && report.at("local").value !== true;
  const repository = report.at("metadata").at("repo_digests").items().flatMap((entry) => subjectOfReference(entry.text()) ?? []);
  const own: SubjectDigest[] = prefixed !== undefined && isDigest(prefixed) ? [{ digest: prefixed, kind: ofRegistry ? "image" : "computed" }] : [];
  return {
    format: "aqua",
    scanner: { name: "aqua" },
    times: [report.at("scan_started").at("seconds").epoch()],
    databaseBuiltAt: report.at("data_date").epoch(),
    subjects: [...repository, ...own],
    findings: report.at("resources").items().flatMap((resource) => vulnerabilities(resource.at("vulnerabilities"), maxFindings).map((entry) => ({ id: entry.at("name").requiredText(), severity: severityOf(entry.at("aqua_severity").text() ?? entry.at("nvd_severity").text()), fixable: entry.at("fix_version").text() !== undefined }))),
  };
}

/** clair-scanner, and Klar: neither says when or what by digest. */
export function isClair(document: Node): boolean {
  return (document.has("unapproved") && document.has("vulnerabilities") && document.has("image")) || (document.has("LayerCount") && document.has("Vulnerabilities"));
}

export function readClair(document: Node, maxFindings: number): ScanDraft {
  const bySeverity = document.at("Vulnerabilities");
  const klar = bySeverity.names.flatMap((name) => vulnerabilities(bySeverity.at(name), maxFindings));
  return {
    format: "clair",
    scanner: { name: "clair" },
    times: [],
    subjects: [subjectOfReference(document.at("image").textIfAny()) ?? []].flat(),
    findings: [
      ...klar.map((entry) => ({ id: entry.at("Name").requiredText(), severity: severityOf(entry.at("Severity").text()), fixable: entry.at("FixedBy").text() !== undefined })),
      ...vulnerabilities(document.at("vulnerabilities"), maxFindings).map((entry) => ({ id: entry.at("vulnerability").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: entry.at("fixedby").text() !== undefined })),
    ],
  };
}

/** GitLab's container scanning report, of Trivy or another scanner. */
export function isGitLab(document: Node): boolean {
  return document.has("scan") && document.has("vulnerabilities") && document.at("scan").has("scanner") && document.at("scan").has("type");
}

/** Its schema has no zone in a time: they are UTC. The image is named by each vulnerability, so a clean report names none. */
export function readGitLab(document: Node, maxFindings: number): ScanDraft {
  const scan = document.at("scan");
  const entries = vulnerabilities(document.at("vulnerabilities"), maxFindings);
  const images = new Set(entries.map((entry) => entry.at("location").at("image").textIfAny()));
  const type = scan.at("type").text();
  const status = scan.at("status").text();
  return {
    format: "gitlab",
    scanner: toolOf(scan.at("scanner").at("id").textIfAny(), scan.at("scanner").at("version").textIfAny()),
    times: [utc(scan.at("start_time")), utc(scan.at("end_time"))],
    subjects: [...images].flatMap((image) => subjectOfReference(image) ?? []),
    findings: entries.map((entry) => {
      const names = entry.at("identifiers").items().flatMap((identifier) => identifier.at("value").textIfAny() ?? []);
      const id = names[0] ?? entry.at("id").requiredText();
      return { id, severity: severityOf(entry.at("severity").text()), fixable: entry.at("solution").textIfAny()?.startsWith("Upgrade ") === true, ...(names.length > 1 ? { aliases: names.slice(1) } : {}) };
    }),
    refusal: type !== "container_scanning" ? { reason: "not-an-image", message: `a report of ${type ?? "another kind"}, not of container scanning` } : status !== "success" ? { reason: "scanner-failed", message: `the scan did not succeed (${status ?? "no status"})` } : images.size > 1 ? severalImages : undefined,
  };
}

function utc(time: Node): number | undefined {
  const text = time.text();
  if (text === undefined) return undefined;
  const at = parseInstant(/T\d\d:\d\d:\d\d$/.test(text) ? `${text}Z` : text);
  if (at === undefined) throw time.error("a date with time");
  return at;
}

/** JFrog Xray's report: rows of many artifacts, named by tag. */
export function isXray(document: Node): boolean {
  return document.has("rows") && document.at("rows").items().some((row) => row.has("artifact_scan_time") && row.has("impacted_artifact"));
}

export function readXray(document: Node, maxFindings: number): ScanDraft {
  const rows = vulnerabilities(document.at("rows"), maxFindings);
  const artifacts = new Set(rows.map((row) => row.at("impacted_artifact").text()));
  const image = [...artifacts].every((artifact) => artifact?.startsWith("docker://") === true);
  return {
    format: "jfrog-xray",
    scanner: { name: "jfrog-xray" },
    times: rows.map((row) => row.at("artifact_scan_time").instant()),
    subjects: [...artifacts].flatMap((artifact) => subjectOfReference(artifact?.replace(/^docker:\/\//, "")) ?? []),
    findings: rows.flatMap(xrayFindings),
    refusal: image ? (artifacts.size > 1 ? severalImages : undefined) : { reason: "not-an-image", message: "a report of packages or builds, not of an image" },
  };
}

function xrayFindings(row: Node): readonly Finding[] {
  const severity = severityOf(row.at("severity").text());
  const fixable = row.at("fixed_versions").items().length > 0;
  const ids = row.at("cves").items().flatMap((cve) => cve.at("cve").text() ?? []);
  return (ids.length === 0 ? [row.at("issue_id").requiredText()] : ids).map((id) => ({ id, severity, fixable }));
}

/** sysdig-cli-scanner. */
export function isSysdig(document: Node): boolean {
  return document.has("info") && document.has("result") && document.at("info").has("scanTime");
}

/** `createdAt` is that of the image. */
export function readSysdig(document: Node, maxFindings: number): ScanDraft {
  const scanner = document.at("scanner");
  const metadata = document.at("result").at("metadata");
  const id = metadata.at("imageId").text();
  return {
    format: "sysdig",
    scanner: toolOf(scanner.at("name").textIfAny() ?? "sysdig", scanner.at("version").textIfAny()),
    times: [document.at("info").at("scanTime").instant()],
    subjects: [...[subjectOfReference(metadata.at("digest").text()) ?? []].flat(), ...(id !== undefined && isDigest(id) ? [{ digest: id, kind: "config" } as const] : [])],
    platform: platformOf(metadata.at("os").textIfAny(), metadata.at("architecture").textIfAny()),
    findings: document.at("result").at("packages").items().flatMap((entry) => vulnerabilities(entry.at("vulns"), maxFindings).map((found) => ({ id: found.at("name").requiredText(), severity: severityOf(found.at("severity").at("value").text()), fixable: found.at("fixedInVersion").text() !== undefined }))),
  };
}

/** Prisma Cloud's twistcli. */
export function isPrisma(document: Node): boolean {
  return document.has("results") && document.at("results").isList && document.at("results").items().some((result) => result.has("vulnerabilityDistribution") || result.has("complianceDistribution"));
}

/** `id` is the digest of the image's config. */
export function readPrisma(document: Node, maxFindings: number): ScanDraft {
  const results = document.at("results").items();
  const ids = results.flatMap((result) => {
    const id = result.at("id").text();
    return id !== undefined && isDigest(id) ? [{ digest: id, kind: "config" } as const] : [];
  });
  return {
    format: "prisma",
    scanner: { name: "prisma" },
    times: results.map((result) => result.at("scanTime").instant()),
    subjects: [...results.flatMap((result) => result.at("repoDigests").items().flatMap((digest) => subjectOfReference(digest.text()) ?? [])), ...ids],
    findings: results.flatMap((result) => vulnerabilities(result.at("vulnerabilities"), maxFindings).map((entry) => ({ id: entry.at("id").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: entry.at("status").textIfAny()?.startsWith("fixed in") === true }))),
    refusal: results.length > 1 ? severalImages : undefined,
  };
}

/** Wiz's command line, of an image. */
export function isWiz(document: Node): boolean {
  return document.has("scanOriginResource") && document.has("status") && document.has("result");
}

export function readWiz(document: Node, maxFindings: number): ScanDraft {
  const state = document.at("status").at("state").text();
  const result = document.at("result");
  return {
    format: "wiz",
    scanner: { name: "wiz" },
    times: [document.at("createdAt").instant(), document.at("startedAt").instant()],
    subjects: [subjectOfReference(document.at("scanOriginResource").at("digest").text()) ?? []].flat(),
    findings: ["osPackages", "libraries", "applications", "cpes"].flatMap((name) => result.at(name).items().flatMap((entry) => vulnerabilities(entry.at("vulnerabilities"), maxFindings))).map((entry) => ({ id: entry.at("name").requiredText(), severity: severityOf(entry.at("severity").text()), fixable: entry.at("fixedVersion").text() !== undefined })),
    refusal: state === "SUCCESS" ? undefined : { reason: "scanner-failed", message: `the scan did not succeed (${state ?? "no state"})` },
  };
}

/** `snyk container test --json`, of one project or several. */
export function snykProjectsOf(document: Node): readonly Node[] | undefined {
  const projects = document.isList ? document.items() : [document];
  return projects.length > 0 && projects.every((project) => project.has("vulnerabilities") && project.has("ok") && (project.has("projectName") || project.has("packageManager"))) ? projects : undefined;
}

/** It says neither when it was made nor of which digest, unless one was typed. */
export function readSnyk(projects: readonly Node[], maxFindings: number): ScanDraft {
  const container = projects.every((project) => project.has("docker"));
  return {
    format: "snyk",
    scanner: { name: "snyk" },
    times: [],
    subjects: container ? projects.flatMap((project) => subjectOfReference(project.at("path").textIfAny()) ?? []) : [],
    findings: projects.flatMap((project) => vulnerabilities(project.at("vulnerabilities"), maxFindings).map(snykFinding)),
    refusal: container ? undefined : { reason: "not-an-image", message: "a test of a project, not of a container image" },
  };
}

function snykFinding(entry: Node): Finding {
  const id = entry.at("id").requiredText();
  const identifiers = entry.at("identifiers");
  const names = ["CVE", "GHSA"].flatMap((kind) => identifiers.at(kind).items().flatMap((name) => name.textIfAny() ?? []));
  const fixed = entry.at("fixedIn").items().length > 0 || entry.at("nearestFixedInVersion").textIfAny() !== undefined;
  return { id: names[0] ?? id, severity: worst([severityOf(entry.at("severityWithCritical").textIfAny()), severityOf(entry.at("severity").text())]), fixable: fixed, aliases: [id, ...names.slice(1)] };
}
