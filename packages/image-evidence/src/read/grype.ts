import type { Suppression } from "@bulkhead/core";
import { severityOf, vulnerabilities } from "./findings";
import type { Node } from "./node";
import { isDigest } from "../digest";
import type { Finding, ScanDraft, SubjectDigest } from "./reading";
import { platformOf, subjectOfReference } from "./reference";
import { toolOf } from "./scanner";

export function isGrypeReport(document: Node): boolean {
  return document.has("matches") && document.has("descriptor") && document.at("descriptor").isObject && document.at("descriptor").at("name").value === "grype";
}

/** Grype's JSON. `descriptor.timestamp` is when it ran; `descriptor.db` says when its database was built. */
export function readGrypeReport(document: Node, maxFindings: number): ScanDraft {
  const descriptor = document.at("descriptor");
  const database = descriptor.at("db");
  const source = document.at("source");
  const type = source.at("type").text();
  const target = source.at("target");
  const isImage = type === "image";
  return {
    format: "grype-json",
    scanner: toolOf("grype", descriptor.at("version").textIfAny()),
    times: [descriptor.at("timestamp").instant()],
    databaseBuiltAt: database.at("status").at("built").instant() ?? database.at("built").instant(),
    subjects: isImage ? grypeSubjects(target) : [],
    platform: isImage ? platformOf(target.at("os").textIfAny(), target.at("architecture").textIfAny()) : undefined,
    findings: vulnerabilities(document.at("matches"), maxFindings).map(finding),
    suppressed: vulnerabilities(document.at("ignoredMatches"), maxFindings).map(suppression),
    refusal: isImage ? undefined : { reason: "not-an-image", message: `a scan of another kind of source (${type ?? "not named"}), not of an image` },
  };
}

/** `imageID` is the digest of the config; `manifestDigest` is computed anew for an image from a daemon or an archive. */
function grypeSubjects(target: Node): readonly SubjectDigest[] {
  const repository = target.at("repoDigests").items().flatMap((digest) => subjectOfReference(digest.text()) ?? []);
  const own = [["manifestDigest", "computed"], ["imageID", "config"]] as const;
  return [...repository, ...own.flatMap(([name, kind]) => {
    const digest = target.at(name).text();
    return digest !== undefined && isDigest(digest) ? [{ digest, kind }] : [];
  })];
}

function finding(match: Node): Finding {
  const vulnerability = match.at("vulnerability").object();
  const fix = vulnerability.at("fix");
  const aliases = match.at("relatedVulnerabilities").items().flatMap((related) => related.at("id").textIfAny() ?? []);
  const purl = match.at("artifact").at("purl").textIfAny();
  return {
    id: vulnerability.at("id").requiredText(),
    severity: severityOf(vulnerability.at("severity").text()),
    fixable: fix.at("state").text() === "fixed" || fix.at("versions").items().length > 0 || vulnerability.at("fixedInVersion").text() !== undefined,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(purl === undefined ? {} : { purl }),
  };
}

function suppression(match: Node): Suppression {
  const rules = match.at("appliedIgnoreRules").items();
  const status = rules.flatMap((rule) => rule.at("vex-status").text() ?? [])[0];
  return { id: match.at("vulnerability").at("id").requiredText(), by: "scanner", status: status !== undefined && /^[a-z_]{1,32}$/.test(status) ? status : "ignored" };
}
