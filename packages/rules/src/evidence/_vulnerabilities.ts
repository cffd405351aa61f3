import type { EvidencedImage, Field, Image, ImageScan, Surroundings, VulnerabilitySeverity } from "@bulkhead/core";
import { daysLeft, evidenceOf, partsOf, readTerms, scansOf, vulnerabilitySeverities } from "@bulkhead/core";
import { day, firstFailure, platformsOption, seconds, undefinedSigners } from "./_evidence";

const thresholds = ["critical", "high", "medium", "low"] as const;
const shown = 5;

/** `CVE-2026-1111 owner=team-a; expires=2027-03-31; reason=...`. */
function readRisk(text: string): { readonly id: string; readonly expires: string } | { readonly problem: string } {
  const space = text.indexOf(" ");
  const id = space < 0 ? text : text.slice(0, space);
  const read = readTerms(space < 0 ? "" : text.slice(space + 1));
  if ("problem" in read) return read;
  if (read.terms.expires === "never") return { problem: "expire at a date" };
  return { id, expires: read.terms.expires };
}

/** What counts as a severe vulnerability. */
export const vulnerabilityOptions = {
  threshold: { type: "string", description: "The least severity that is refused. What a scanner could not rate counts as severe.", example: "critical", choices: thresholds, default: "high" },
  unfixed: { type: "string", description: "What happens with a vulnerability that no release of the package mends yet.", example: "ignore", choices: ["refuse", "ignore"], default: "refuse" },
  acceptedRisks: {
    type: "strings", description: "Vulnerabilities that are accepted, each with owner, reason and last day.", example: ["CVE-2026-1111 owner=team-a; expires=2027-03-31; reason=the parser is never called"], default: [],
    check: (text: string) => {
      const read = readRisk(text);
      return "problem" in read ? `an id and terms, as "CVE-2026-1111 owner=team-a; expires=2027-03-31; reason=why": it must ${read.problem}` : undefined;
    },
  },
  signers: { type: "strings", description: "Names of signers of the configuration (evidence.signers) of whom one must have signed the scan; it is verified again.", example: ["ci"], default: [] },
  platforms: platformsOption,
} as const;

export interface VulnerabilityLimits {
  readonly threshold: string;
  readonly unfixed: string;
  readonly acceptedRisks: readonly string[];
  readonly signers: readonly string[];
  readonly platforms: readonly string[];
}

/** What is wrong with an image: its scan cannot be trusted, or found something; each the beginning and the end of a sentence. */
export interface Severe {
  readonly must: string;
  readonly because: string;
}

/** The first part of an image that has a severe vulnerability, or no scan that can be trusted; nothing where there is none. `now` is in milliseconds. */
export function severeVulnerabilities(image: EvidencedImage, limits: VulnerabilityLimits, now: number): Severe | undefined {
  const { threshold, unfixed, acceptedRisks, signers, platforms } = limits;
  const trusted = "have an image whose scan can be trusted";
  const missing = image.failure ?? undefinedSigners(image, signers);
  if (missing !== undefined) return { must: trusted, because: missing };
  const accepted = new Set(acceptedRisks.map(readRisk).flatMap((risk) => ("id" in risk && daysLeft(risk.expires, now) > 0 ? [risk.id] : [])));
  const severe = vulnerabilitySeverities.filter((name) => name === "unknown" || vulnerabilitySeverities.indexOf(name) <= vulnerabilitySeverities.indexOf(threshold as VulnerabilitySeverity));
  return firstFailure(image, platforms, (part, name): Severe | undefined => {
    const scans = recent(scansOf(part, image.source, (under) => (signers.length === 0 ? (image.source.image(under)?.scans ?? []) : image.source.verifyScans(under, signers).accepted)));
    if (scans.length === 0) return { must: trusted, because: `${name} has none${signers.length === 0 ? "" : ` that is signed by ${signers.join(" or ")}`}` };
    const found = severe.flatMap((severity) => {
      const ids = scans.flatMap(({ vulnerabilities: { [severity]: listed = {} } }) => [...(listed.fixable ?? []), ...(unfixed === "ignore" ? [] : (listed.unfixed ?? []))]);
      return [...new Set(ids)].filter((id) => !accepted.has(id)).sort().map((id) => ({ id, severity }));
    });
    if (found.length === 0) return undefined;
    const counts = severe.flatMap((severity) => {
      const count = found.filter((entry) => entry.severity === severity).length;
      return count === 0 ? [] : [`${count} ${severity === "unknown" ? "of unknown severity" : severity}`];
    });
    const more = found.length > shown ? `, and ${found.length - shown} more` : "";
    return { must: `have no vulnerability of severity ${threshold} or worse`, because: `${scans[0]?.scanner.name ?? "a scanner"} found ${counts.join(", ")} in ${name} (${found.slice(0, shown).map(({ id }) => id).join(", ")}${more})` };
  });
}

/** An image that was never scanned is not known to have none: undecided here, and a finding of require-scan-evidence. */
export function scannedImage(image: Pick<Image, "registry" | "version">, surroundings: Surroundings): Field<EvidencedImage> {
  const field = evidenceOf(image, surroundings);
  if (field.state !== "value" || field.value.failure !== undefined) return field;
  const { digest: judged, source } = field.value;
  const isScanned = judged !== undefined && partsOf(judged, source, []).some((part) => scansOf(part, source, (under) => source.image(under)?.scans ?? []).length > 0);
  return isScanned ? field : { state: "unknown", reason: "names an image without a scan in the lockfile", path: field.path, to: () => undefined };
}

/** Another scanner may have seen more: what was found within a week before the newest scan counts too. */
function recent(scans: readonly ImageScan[]): readonly ImageScan[] {
  const [newest] = scans;
  if (newest === undefined) return [];
  const from = seconds(Date.parse(newest.scannedAt)) - 7 * day;
  return scans.filter(({ scannedAt, verdictOnly }) => seconds(Date.parse(scannedAt)) >= from && verdictOnly !== true);
}
