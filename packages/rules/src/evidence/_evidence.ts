import type { EvidencedImage, EvidencedPart } from "@bulkhead/core";
import { partsOf } from "@bulkhead/core";

export const day = 86_400;

/** Whole seconds, so that a limit of 60 days passes to the second and fails one second later. */
export const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

/** Which platforms of an image that has several are judged. */
export const platformsOption = {
  type: "strings", description: "Platforms that run the images. Of an image for several platforms these are judged; all of them where it has none of these. An empty list judges all.", example: ["linux/amd64", "linux/arm64"], default: ["linux/amd64"],
} as const;

/** `registry.example.com/app:1.2 (sha256:2c26b46b68ff...)`; says where the digest is only the lock's, or the registry's, word for the tag. */
export function nameOf(image: EvidencedImage): string {
  const { reference, digest, resolution, isResolved } = image;
  const short = digest === undefined ? undefined : `${digest.slice(0, "sha256:".length + 12)}...`;
  if (reference === undefined) return short ?? "an image id that the lockfile does not know";
  if (short === undefined) return reference;
  if (isResolved && image.source.ask !== undefined) return `${reference} (${short}, which the tag names now)`;
  return isResolved ? `${reference} (${short}, to which the tag was locked on ${dateOf(resolution?.resolvedAt)})` : `${reference.replace(/:[^:/]*$/, "")}@${short}`;
}

/** What is said of the first part that fails, by a name with its platform; nothing where all pass. */
export function firstFailure<T>(image: EvidencedImage, platforms: readonly string[], judge: (part: EvidencedPart, name: string) => T | undefined): T | undefined {
  const { digest, source } = image;
  if (digest === undefined) return undefined;
  for (const part of partsOf(digest, source, platforms)) {
    const failure = judge(part, part.platform === undefined ? nameOf(image) : `${nameOf(image)} for ${part.platform}`);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Why there is nothing to judge an image by, or nothing where there is. */
export function unknownImage(image: EvidencedImage): string | undefined {
  const { digest, source, failure } = image;
  if (failure !== undefined) return failure;
  if (digest === undefined) return `${nameOf(image)} is not in the lockfile, and has no digest to be judged by; run bulkhead evidence sync`;
  const known = [digest, ...source.indexesOf(digest)].some((under) => source.image(under) !== undefined);
  return known ? undefined : `${nameOf(image)} is not in the lockfile; run bulkhead evidence sync, or bulkhead evidence add with its report`;
}

/** That nothing of a kind is known of an image, and why: `the lockfile has no scan of registry.example.com/app@sha256:...`. */
export function noneOf(what: string, { source, digest = "" }: EvidencedImage, name: string): string {
  if (source.ask === undefined) return `the lockfile has no ${what} of ${name}`;
  const refusals = source.refusals?.(digest) ?? [];
  return `its registry and the lockfile have no ${what} of ${name} that counts${refusals.length === 0 ? "" : ` (attached and not taken: ${refusals.join("; ")})`}`;
}

/** The day, as far as it is known. */
export function dateOf(instant: string | undefined): string {
  return instant?.slice(0, "2026-01-01".length) ?? "an unknown day";
}

/** Names of signers that the configuration does not define: what asks for them cannot be fulfilled. */
export function undefinedSigners({ source }: EvidencedImage, names: readonly string[]): string | undefined {
  const missing = names.filter((name) => !source.signers.includes(name));
  return missing.length === 0 ? undefined : `the configuration defines no signer named ${missing.map((name) => JSON.stringify(name)).join(", ")}`;
}
