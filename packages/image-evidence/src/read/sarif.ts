import { severityOf, severityOfScore, vulnerabilities } from "./findings";
import type { Node } from "./node";
import { isDigest } from "../digest";
import type { Finding, ScanDraft, SubjectDigest } from "./reading";
import { subjectOfReference } from "./reference";
import { toolOf } from "./scanner";

export function isSarif(document: Node): boolean {
  return document.has("runs") && document.has("version") && document.at("runs").isList;
}

/**
 * SARIF of Trivy, Grype or Docker Scout: findings only. None of them writes when it scanned, and a time that a converter
 * adds is not one of the scan, so SARIF is never evidence that an image was scanned.
 */
export function readSarif(document: Node, maxFindings: number): ScanDraft {
  const version = document.at("version");
  if (version.value !== "2.1.0") throw version.error("SARIF 2.1.0");
  const runs = document.at("runs").items();
  const drivers = runs.map((run) => run.at("tool").at("driver")).map((driver) => toolOf(driver.at("name").requiredText(), driver.at("version").textIfAny()));
  const known = drivers.every(({ name }) => name === "trivy" || name === "grype" || name.toLowerCase() === "docker scout");
  return {
    format: "sarif",
    scanner: drivers[0] ?? { name: "unknown" },
    tools: drivers,
    times: [],
    restamped: runs.flatMap((run) => run.at("invocations").items().map((invocation) => invocation.at("endTimeUtc").instant())),
    subjects: runs.flatMap(subjectsOf),
    findings: known ? runs.flatMap((run) => findingsOf(run, maxFindings)) : [],
    refusal: known && runs.length > 0 ? { reason: "no-time", message: "SARIF lists findings and does not say when the image was scanned: give the scanner's own JSON" } : { reason: "unsupported", message: `SARIF of ${drivers.map(({ name }) => name).join(", ") || "no tool"}, which does not scan images` },
  };
}

/** Trivy only. */
function subjectsOf(run: Node): readonly SubjectDigest[] {
  const properties = run.at("properties");
  const repository = properties.at("repoDigests").items().flatMap((digest) => subjectOfReference(digest.text()) ?? []);
  const id = properties.at("imageID").text();
  return id !== undefined && isDigest(id) ? [...repository, { digest: id, kind: "config" }] : repository;
}

function findingsOf(run: Node, maxFindings: number): readonly Finding[] {
  const rules = new Map(run.at("tool").at("driver").at("rules").items().map((rule) => [rule.at("id").text(), rule]));
  return vulnerabilities(run.at("results"), maxFindings).map((result) => {
    const ruleId = result.at("ruleId").requiredText();
    const properties = rules.get(ruleId)?.at("properties");
    const words = properties?.at("tags").items().map((tag) => severityOf(tag.textIfAny())) ?? [];
    const score = Number(properties?.at("security-severity").textIfAny() ?? Number.NaN);
    const texts = [result.at("message").at("text").value, rules.get(ruleId)?.at("help").at("text").value];
    return {
      // Grype's rule ids end in the package's name.
      id: /^(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})/.exec(ruleId)?.[0] ?? ruleId,
      severity: words.find((severity) => severity !== "unknown") ?? severityOfScore(score),
      // Trivy says it in the message, Grype in the rule's help. Without a word on it, it counts as if a version mended it.
      fixable: !texts.some((text) => typeof text === "string" && /Fix(?:ed)? Version: *(?:\n|$)/.test(text)),
    };
  });
}
