import type { Digest, EvidenceLock, ImageEvidence } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";
import { addEvidence } from "../lockfile/merge";
import type { ReadOptions } from "../read/conclude";
import type { DocumentProblem } from "../read/document-error";
import { DocumentError } from "../read/document-error";
import { splitLines } from "../read/json";
import { readReport } from "../read/read-report";
import type { Reading } from "../read/reading";
import { readSignedDocument } from "../verify/document";
import type { Item, Refusal, TakenDocument, Trust } from "./items";
import { assemble, documentsOf, takeDocument, uniqueBases, vexAuthor } from "./items";
import type { KeptEvidence } from "./vex";
import { vexSources, withVex } from "./vex";
import { claimedImages } from "./subjects";

/** A file that a scanner, or somebody who signs, has written. */
export interface ReportFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface AddOptions extends Pick<ReadOptions, "deniedScanners" | "scanProperties"> {
  readonly trust: Trust;
  /** Reports that nobody signed are no evidence then. */
  readonly requireSigned?: boolean;
  /** Documents that are kept beside the lock: those of VEX count for the scans that are given, and its scans are judged again by VEX that is given. */
  readonly read?: KeptEvidence["read"];
}

/** What became of one document; a file with one on each line has several. */
export type Added =
  | { readonly kind: "evidence"; readonly file: string; readonly what: "scan" | "provenance" | "signature" | "vex" | "base-images"; readonly images: readonly Digest[]; readonly trust: "signed" | "local"; /** What it does not count for, and why. */ readonly note?: string }
  | { readonly kind: "refused"; readonly file: string; readonly refusal: Refusal }
  | { readonly kind: "unreadable"; readonly file: string; readonly problem: DocumentProblem };

export interface AddResult {
  readonly outcomes: readonly Added[];
  /** The lock with what was taken. It may be applied to another lock than the one that was asked. */
  readonly apply: (lock: EvidenceLock) => EvidenceLock;
  readonly documents: ReadonlyMap<Digest, Buffer>;
}

/**
 * Takes what reports say, each for the image that it names by digest: the name of a tag is none. Signed documents are
 * verified, and only signed VEX documents by those whose count have an effect, on all scans of their images.
 * Files are asked for one by one, so that one can be forgotten before the next is read.
 */
export function addReports(lock: EvidenceLock, files: Iterable<ReportFile>, options: AddOptions): AddResult {
  const outcomes: Added[] = [];
  const items: Item[] = [];
  const bytes = new Map<Digest, Buffer>();
  const index = indexLock(lock);
  for (const { file, bytes: content } of files) {
    for (const line of splitLines(content)) {
      const taken = takeReport(index, line, file, options);
      if ("items" in taken) {
        items.push(...taken.items);
        if (taken.document !== undefined) bytes.set(taken.document, taken.bytes);
        for (const item of taken.items) outcomes.push({ kind: "evidence", file, what: item.kind === "bases" ? "base-images" : item.kind, images: item.digests, trust: taken.document === undefined ? "local" : "signed" });
      } else outcomes.push("code" in taken ? { kind: "refused", file, refusal: taken } : { kind: "unreadable", file, problem: taken });
    }
  }
  const images = [...new Set(items.flatMap(({ digests }) => digests))];
  const records = images.map((digest) => [digest, assemble(digest, items, options.trust.now)] as const).filter(([, record]) => Object.keys(record).length > 0);
  const kept: KeptEvidence = { trust: options.trust, read: (document) => bytes.get(document) ?? options.read?.(document) };
  const apply = (before: EvidenceLock, digest: Digest): EvidenceLock => {
    const known = before.images[digest] ?? {};
    const found = assemble(digest, items, options.trust.now, vexSources(known, digest, kept));
    const after = addEvidence(before, digest, withKnownBases(found, known));
    return { ...after, images: { ...after.images, [digest]: withVex(after.images[digest] ?? {}, digest, kept) } };
  };
  return {
    outcomes: outcomes.map((outcome) => withNote(outcome, items, lock)),
    apply: (before) => records.reduce((after, [digest]) => apply(after, digest), before),
    documents: new Map(records.flatMap(([, record]) => documentsOf(record)).flatMap((digest) => {
      const kept = bytes.get(digest);
      return kept === undefined ? [] : [[digest, kept] as const];
    })),
  };
}

type Taken = TakenDocument | { readonly items: readonly Item[]; readonly document?: undefined };

function takeReport(index: ReturnType<typeof indexLock>, line: Uint8Array, file: string, options: AddOptions): Taken | Refusal | DocumentProblem {
  const { trust, requireSigned = false, deniedScanners, scanProperties } = options;
  try {
    const reading = readReport(line, file, {
      now: trust.now, ...(deniedScanners === undefined ? {} : { deniedScanners }), ...(scanProperties === undefined ? {} : { scanProperties }),
      // What a scanner computed of a manifest is the registry's only where the lock knows the very same.
      manifestOf: ({ digest, kind }) => (kind === "config" ? index.manifestOfConfig(digest) : index.image(digest) === undefined ? undefined : digest),
    });
    if (reading.kind === "envelope") return takeEnvelope(line, file, trust);
    return requireSigned && reading.kind !== "none" ? { code: "not-signed", reason: "nobody signed it, and only signed evidence counts" } : takeUnsigned(reading);
  } catch (error) {
    if (error instanceof DocumentError) return error.problem;
    throw error;
  }
}

function takeEnvelope(line: Uint8Array, file: string, trust: Trust): Taken | Refusal {
  const document = readSignedDocument(line, file);
  const images = claimedImages(document, file);
  return images.length === 0 ? { code: "no-digest", reason: "a signed document that names no image by a sha256 digest; evidence sync takes signatures from beside the image" } : takeDocument(document, file, images, trust);
}

function takeUnsigned(reading: Exclude<Reading, { readonly kind: "envelope" }>): Taken | Refusal {
  const origin = { ...reading.origin, trust: "local" } as const;
  switch (reading.kind) {
    case "none": return { code: reading.reason, reason: reading.message };
    case "scan": return { items: [{ kind: "scan", digests: reading.digests, reading, origin }] };
    case "provenance": return { items: [{ kind: "provenance", digests: reading.digests, provenance: { ...reading.provenance, origin } }] };
    case "vex": return { code: "vex-author", reason: `nobody signed it: ${vexAuthor}` };
    case "sbom": return { code: "not-a-scan", reason: "a list of components, which says nothing of when the image was scanned" };
    case "signature": return { code: "not-signed", reason: "a statement that an image is signed, which nobody signed" };
  }
}

/** A VEX document counts for scans that come later, and for those that can be judged again: said where it is otherwise. */
function withNote(outcome: Added, items: readonly Item[], lock: EvidenceLock): Added {
  if (outcome.kind !== "evidence" || outcome.what !== "vex") return outcome;
  const given = items.flatMap((item) => (item.kind === "scan" && item.digests.some((digest) => outcome.images.includes(digest)) ? [item.origin.document] : []));
  const before = outcome.images.flatMap((digest) => lock.images[digest]?.scans ?? []);
  if (given.length === 0 && before.length === 0) return { ...outcome, note: "there is no scan of its image yet: it counts for those that are added" };
  const left = before.filter(({ origin }) => origin.trust !== "signed" && !given.includes(origin.document)).map(({ origin }) => origin.name);
  if (left.length === 0) return outcome;
  return { ...outcome, note: `it does not count for ${[...new Set(left)].join(", ")}: of a report that nobody signed the lockfile keeps what was found, not in which packages; add that report again` };
}

/** What the registry says of base images stays beside what a list of components says. */
function withKnownBases(record: ImageEvidence, before: ImageEvidence | undefined): ImageEvidence {
  return record.baseImages === undefined ? record : { ...record, baseImages: uniqueBases([...(before?.baseImages ?? []), ...record.baseImages]) };
}
