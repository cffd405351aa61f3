import { compare } from "@bulkhead/core";
import { some } from "../some";
import type { Digest, EvidenceLock, EvidenceOrigin, ImageEvidence, ImageScan, Resolution, Signer } from "@bulkhead/core";

/**
 * The lock with what is new of one image. Of scans the newest of each scanner, platform and signer is kept; of signatures
 * and provenance the newest document of each signer; of VEX documents every one. What the registry says of the image itself
 * replaces what was there.
 */
export function addEvidence(lock: EvidenceLock, digest: Digest, found: ImageEvidence): EvidenceLock {
  const before = lock.images[digest] ?? {};
  const merged: ImageEvidence = {
    ...before, ...found,
    ...some("scans", orNone(newestScans([...(found.scans ?? []), ...(before.scans ?? [])]))),
    ...some("signatures", orNone(firstOf([...(found.signatures ?? []), ...(before.signatures ?? [])], ({ signer }) => signerName(signer)))),
    ...some("provenance", orNone(firstOf([...(found.provenance ?? []), ...(before.provenance ?? [])], ({ origin, builder }) => `${sourceOf(origin)} ${builder}`))),
    ...some("vex", orNone(firstOf([...(found.vex ?? []), ...(before.vex ?? [])], ({ origin }) => origin.document))),
  };
  return { ...lock, images: { ...lock.images, [digest]: merged } };
}

/**
 * The lock with what a reference names now. Where the lock knew another image, that one stays until the move is accepted:
 * nobody has looked at the new one.
 */
export function resolveTo(lock: EvidenceLock, reference: string, digest: Digest, at: string, acceptsMove = false): EvidenceLock {
  const before = lock.references[reference];
  const resolution: Resolution = before === undefined || acceptsMove || before.digest === digest ? { digest, resolvedAt: before?.digest === digest ? before.resolvedAt : at } : { ...before, moved: before.moved?.digest === digest ? before.moved : { digest, seenAt: at } };
  return { ...lock, references: { ...lock.references, [reference]: resolution } };
}

function newestScans(scans: readonly ImageScan[]): readonly ImageScan[] {
  const newestFirst = [...scans].sort((a, b) => Date.parse(b.scannedAt) - Date.parse(a.scannedAt) || compare(a.origin.document, b.origin.document));
  return firstOf(newestFirst, ({ scanner, platform = "", origin }) => `${scanner.name} ${platform} ${sourceOf(origin)}`);
}

/** The first entry of each name, sorted by it. */
function firstOf<T extends { readonly origin: EvidenceOrigin }>(entries: readonly T[], nameOf: (entry: T) => string): readonly T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(nameOf(entry))) byName.set(nameOf(entry), entry);
  return [...byName].sort(([a], [b]) => compare(a, b)).map(([, entry]) => entry);
}

/** A newer scan that nobody signed does not take the place of one that somebody did. */
function sourceOf({ trust, signer }: EvidenceOrigin): string {
  return signer === undefined ? trust : signerName(signer);
}

function signerName(signer: Signer): string {
  return signer.kind === "key" ? signer.key : `${signer.issuer} ${signer.identity}`;
}

function orNone<T>(entries: readonly T[]): readonly T[] | undefined {
  return entries.length === 0 ? undefined : entries;
}
