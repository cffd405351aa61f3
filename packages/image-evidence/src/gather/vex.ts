import type { Digest, EvidenceOrigin, ImageEvidence, ImageScan, ImageVex, Rejection, VerifiedRecords } from "@bulkhead/core";
import type { VexSource } from "../read/apply-vex";
import { applyVex } from "../read/apply-vex";
import { DocumentError } from "../read/document-error";
import { some } from "../some";
import { readSignedDocument } from "../verify/document";
import type { Item, Refusal, TakenDocument, Trust } from "./items";
import { takeDocument } from "./items";

/** What it takes to read signed documents again. */
export interface KeptEvidence {
  readonly trust: Trust;
  /** The bytes of a kept document. */
  readonly read: (document: Digest) => Buffer | undefined;
}

/** What the VEX documents of a record say, as far as they are kept and their authors count now. */
export function vexSources({ vex = [] }: ImageEvidence, digest: Digest, kept: KeptEvidence): readonly VexSource[] {
  return vex.flatMap(({ origin }) => itemsOf(origin, digest, kept).flatMap((item) => (item.kind === "vex" ? [item.source] : [])));
}

/** The VEX documents of a record whose authors count now, and why the others do not. */
export function verifyVex({ vex = [] }: ImageEvidence, digest: Digest, kept: KeptEvidence): VerifiedRecords<ImageVex> {
  const judged = vex.map((record) => ({ record, taken: takeAgain(record.origin, digest, kept) }));
  return {
    accepted: judged.flatMap(({ record, taken }) => ("items" in taken && taken.items.some(({ kind }) => kind === "vex") ? [record] : [])),
    rejected: judged.flatMap(({ record, taken }) => ("items" in taken ? (taken.items.some(({ kind }) => kind === "vex") ? [] : [{ record, rejection: notVex }]) : [{ record, rejection: { code: codes.find((code) => code === taken.code) ?? "untrusted-signer", reason: taken.reason } }])),
  };
}

const notVex: Rejection = { code: "wrong-type", reason: "its signed document is no VEX document" };
const codes: readonly Rejection["code"][] = ["document-missing", "malformed", "bad-signature", "untrusted-signer", "wrong-subject", "wrong-type", "no-log-entry", "cannot-verify"];

/**
 * The record with every signed scan as the VEX documents of the image leave it, whichever of them was added first. Of a report
 * that nobody signed only what it found is kept, and not in which packages: it stays as it was when it was added.
 */
export function withVex(record: ImageEvidence, digest: Digest, kept: KeptEvidence): ImageEvidence {
  const { vex = [], scans = [] } = record;
  if (vex.length === 0 && !scans.some(isLeftOutBy)) return record;
  const sources = vexSources(record, digest, kept);
  return { ...record, ...some("scans", scans.length === 0 ? undefined : scans.map((scan) => rescanned(scan, digest, sources, kept))) };
}

function isLeftOutBy({ suppressed = [] }: ImageScan): boolean {
  return suppressed.some(({ by, document }) => by === "vex" && document !== undefined);
}

/** As it is, where its document is not kept, or its signer does not count any more. */
function rescanned(scan: ImageScan, digest: Digest, sources: readonly VexSource[], kept: KeptEvidence): ImageScan {
  const read = itemsOf(scan.origin, digest, kept).find((item) => item.kind === "scan");
  return read === undefined ? scan : { ...applyVex(read.reading, sources, { now: kept.trust.now }).scan, origin: scan.origin };
}

function itemsOf(origin: EvidenceOrigin, digest: Digest, kept: KeptEvidence): readonly Item[] {
  const taken = takeAgain(origin, digest, kept);
  return "items" in taken ? taken.items : [];
}

function takeAgain({ document, name, trust }: EvidenceOrigin, digest: Digest, kept: KeptEvidence): TakenDocument | Refusal {
  const bytes = trust === "signed" ? kept.read(document) : undefined;
  if (bytes === undefined) return { code: "document-missing", reason: "its signed document is not kept beside the lockfile, or has other bytes" };
  try {
    return takeDocument(readSignedDocument(bytes, name), name, [digest], kept.trust);
  } catch (error) {
    if (error instanceof DocumentError) return { code: "malformed", reason: `its signed document: expected ${error.problem.expected}` };
    throw error;
  }
}
