import type { Digest, EvidenceLock, ImageEvidence } from "@bulkhead/core";
import { addEvidence } from "../lockfile/merge";
import { some } from "../some";
import type { KeptEvidence } from "./vex";
import { withVex } from "./vex";

/** What a repository has of an image now. */
export interface FoundImage {
  readonly digest: Digest;
  readonly record: ImageEvidence;
  /** `registry.example.com/app`, which VEX documents that were fetched from it are named by. */
  readonly repository: string;
}

/** The lock with what a repository has of an image: every signed scan is as the VEX documents leave it that count now. */
export function joinFound(lock: EvidenceLock, { digest, record, repository }: FoundImage, kept: KeptEvidence): EvidenceLock {
  const merged = addEvidence(withoutVexFrom(lock, digest, repository), digest, record);
  return { ...merged, images: { ...merged.images, [digest]: withVex(merged.images[digest] ?? {}, digest, kept) } };
}

/** A VEX document that is attached no more does not count any more. */
function withoutVexFrom(lock: EvidenceLock, digest: Digest, repository: string): EvidenceLock {
  const { vex, ...record } = lock.images[digest] ?? {};
  if (vex === undefined) return lock;
  const others = vex.filter(({ origin }) => origin.name !== repository);
  return { ...lock, images: { ...lock.images, [digest]: { ...record, ...some("vex", others.length === 0 ? undefined : others) } } };
}
