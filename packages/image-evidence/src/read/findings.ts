import type { ImageScan, VulnerabilitySeverity } from "@bulkhead/core";
import { vulnerabilitySeverities } from "@bulkhead/core";
import type { Node } from "./node";
import type { Finding } from "./reading";

/** The words of all scanners that are read, in lower case: no word means different things to two of them. */
const words: { readonly [word: string]: VulnerabilitySeverity } = {
  critical: "critical",
  // Clair: a defect that the whole world must mend at once.
  defcon1: "critical",
  high: "high",
  // Red Hat's scale, as Prisma passes it on.
  important: "high",
  medium: "medium",
  moderate: "medium",
  low: "low",
  negligible: "negligible",
  // Debian, by Prisma.
  unimportant: "negligible",
  // Google.
  minimal: "negligible",
  // Amazon, Wiz; GitLab and CycloneDX; JFrog.
  informational: "negligible",
  info: "negligible",
  information: "negligible",
  // CycloneDX and Harbor: a CVSS score of 0.
  none: "negligible",
};

/** `unknown` for a word that no scanner is known to use: never harmless. */
export function severityOf(word: string | undefined): VulnerabilitySeverity {
  const known = word?.toLowerCase() ?? "";
  return Object.hasOwn(words, known) ? (words[known] as VulnerabilitySeverity) : "unknown";
}

/** The qualitative scale of CVSS 3. Zero is written for want of a score too, so it says nothing. */
export function severityOfScore(score: number): VulnerabilitySeverity {
  if (!(score > 0 && score <= 10)) return "unknown";
  if (score >= 9) return "critical";
  if (score >= 7) return "high";
  return score >= 4 ? "medium" : "low";
}

/** What is unknown ranks last: a rating that is known is taken before it. */
export function worst(severities: readonly VulnerabilitySeverity[]): VulnerabilitySeverity {
  return vulnerabilitySeverities.find((severity) => severities.includes(severity)) ?? "unknown";
}

/** Members of a list of vulnerabilities. */
export function vulnerabilities(list: Node, maxFindings: number): readonly Node[] {
  if (list.isList && (list.value as unknown[]).length > maxFindings) throw list.error(`at most ${maxFindings} vulnerabilities`);
  return list.items();
}

/** By severity: an id that several packages have counts once, by its worst rating, and as fixable where any of them can be mended. */
export function groupFindings(findings: readonly Finding[]): ImageScan["vulnerabilities"] {
  const byId = new Map<string, { severity: VulnerabilitySeverity; fixable: boolean }>();
  for (const { id, severity, fixable } of findings) {
    const known = byId.get(id);
    if (known === undefined) byId.set(id, { severity, fixable });
    else {
      known.severity = worst([known.severity, severity]);
      known.fixable ||= fixable;
    }
  }
  const grouped: { [S in VulnerabilitySeverity]?: { fixable?: string[]; unfixed?: string[] } } = {};
  for (const [id, { severity, fixable }] of [...byId].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const group = (grouped[severity] ??= {});
    (group[fixable ? "fixable" : "unfixed"] ??= []).push(id);
  }
  return grouped;
}
