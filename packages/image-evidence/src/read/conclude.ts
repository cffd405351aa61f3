import type { Digest, Suppression } from "@bulkhead/core";
import { formatInstant } from "../instant";
import { DocumentError } from "./document-error";
import { groupFindings } from "./findings";
import type { DocumentLimits } from "./json";
import { defaultLimits } from "./json";
import type { DocumentContent, DocumentOrigin, NoEvidence, NoEvidenceReason, Reading, ScanDraft, SubjectDigest } from "./reading";
import type { DeniedScanner } from "./scanner";
import { deniedScanners, isDenied, shownScanner } from "./scanner";

export interface ReadOptions extends DocumentLimits {
  /** Milliseconds since 1970: a scan later than five minutes after it is refused. Without it that is left to the rules. */
  readonly now?: number;
  /** In addition to `deniedScanners`. */
  readonly deniedScanners?: readonly DeniedScanner[];
  /**
   * The manifest that a `config` or `computed` digest is known to belong to, from the registry or the lockfile. Without an
   * answer such a digest names no image.
   */
  readonly manifestOf?: (subject: SubjectDigest) => Digest | undefined;
  /** The digest that a registry was asked about, for answers that do not name it (Harbor's report). Never for a file. */
  readonly askedFor?: Digest;
  /**
   * Names of properties or levels by which a verifier says that it scanned for vulnerabilities: without one of them a
   * signed verdict (SVR, VSA) is no scan. They are the verifier's own words, so there is no default.
   */
  readonly scanProperties?: readonly string[];
}

export interface ConcludeContext {
  readonly name: string;
  /** Digest of the document's bytes. */
  readonly document: Digest;
  readonly options: ReadOptions;
  /** Trusted time of the signature, in milliseconds since 1970. */
  readonly signedAt?: number | undefined;
}

const skew = 5 * 60_000;

export function originOf(format: string, { name, document }: ConcludeContext): DocumentOrigin {
  return { format, name, document };
}

/**
 * Judges what a reader found. The order is that of what a person would mend first.
 *
 * @throws {DocumentError} for more findings than allowed
 */
export function conclude(draft: ScanDraft, context: ConcludeContext): Reading {
  const { options, signedAt, name } = context;
  const { maxFindings = defaultLimits.maxFindings } = options;
  if (draft.findings.length > maxFindings) throw new DocumentError({ file: name, path: "", expected: `at most ${maxFindings} vulnerabilities`, found: `${draft.findings.length}` });
  const subjects = uniqueSubjects(draft.subjects);
  const times = draft.times.filter((time) => time !== undefined);
  const known = [...times, ...(draft.restamped ?? []).filter((time) => time !== undefined)];
  const content: DocumentContent = { subjects, findings: draft.findings, ...(known.length === 0 ? {} : { time: formatInstant(Math.min(...known)) }) };
  const refuse = (reason: NoEvidenceReason, message: string): NoEvidence => ({ kind: "none", reason, message, content, origin: originOf(draft.format, context) });

  const denied = [draft.scanner, ...(draft.tools ?? [])].find((tool) => isDenied(tool, [...deniedScanners, ...(options.deniedScanners ?? [])]));
  if (denied !== undefined) return refuse("denied-scanner", `made by ${shownScanner(denied)}, a version that is known to be bad: scan again with another one`);
  if (draft.refusal !== undefined) return refuse(draft.refusal.reason, draft.refusal.message);
  const digests = imageDigests(subjects, options.manifestOf);
  if (digests.length === 0) return refuse("no-digest", noDigest(subjects));
  const scannedAt = Math.min(...times);
  if (times.length === 0) return known.length === 0 ? refuse("no-time", "it does not say when the image was scanned") : refuse("restamped", "its only time is set anew whenever a report is converted, so it does not say when the image was scanned");
  if (options.now !== undefined && scannedAt > options.now + skew) return refuse("future", `scanned at ${formatInstant(scannedAt)}, which is in the future`);
  if (signedAt !== undefined && scannedAt > signedAt + skew) return refuse("future", `scanned at ${formatInstant(scannedAt)} by its own account, but signed at ${formatInstant(signedAt)} already`);
  const { scanner, databaseBuiltAt, platform, verdictOnly, suppressed = [] } = draft;
  return {
    kind: "scan",
    origin: originOf(draft.format, context),
    content,
    digests,
    scan: {
      scanner,
      scannedAt: formatInstant(scannedAt),
      ...(databaseBuiltAt === undefined ? {} : { databaseBuiltAt: formatInstant(databaseBuiltAt) }),
      ...(platform === undefined ? {} : { platform }),
      vulnerabilities: groupFindings(draft.findings),
      ...(suppressed.length === 0 ? {} : { suppressed: sortedSuppressions(suppressed) }),
      ...(verdictOnly === true ? { verdictOnly } : {}),
    },
  };
}

export function uniqueSubjects(subjects: readonly SubjectDigest[]): readonly SubjectDigest[] {
  const seen = new Map<string, SubjectDigest>();
  for (const subject of subjects) {
    const key = `${subject.kind} ${subject.digest}`;
    if (!seen.has(key)) seen.set(key, subject);
  }
  return [...seen.values()];
}

/** Sorted, each once. */
export function imageDigests(subjects: readonly SubjectDigest[], manifestOf: ReadOptions["manifestOf"]): readonly Digest[] {
  const digests = subjects.flatMap((subject) => (subject.kind === "image" ? [subject.digest] : (manifestOf?.(subject) ?? [])));
  return [...new Set(digests)].sort();
}

/** Says which digests it has instead. */
export function noDigest(subjects: readonly SubjectDigest[]): string {
  const [subject] = subjects;
  if (subject === undefined) return "it does not say by digest which image it is about: scan the image in its registry";
  const what = subject.kind === "config" ? "of the image's config" : "that the scanner computed";
  return `it names the image only by ${subject.digest}, a digest ${what}, not one of a manifest in a registry: scan the image in its registry`;
}

/** Each once, by id. */
export function sortedSuppressions(suppressed: readonly Suppression[]): readonly Suppression[] {
  const seen = new Map<string, Suppression>();
  for (const entry of suppressed) seen.set(JSON.stringify([entry.id, entry.by, entry.status, entry.justification ?? "", entry.author ?? null]), entry);
  return [...seen].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
