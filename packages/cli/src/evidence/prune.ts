import type { AnyRule, Digest, EvidenceLock } from "@bulkhead/core";
import { documentsOf, documentStore, formatLock, writeLock } from "@bulkhead/image-evidence";
import { parseArguments } from "../arguments";
import type { Io } from "../io";
import { counted } from "../io";
import { commonHelp, commonOptions, json, loadExisting, readContext, refuse, whileHeld } from "./context";
import { usedImages } from "./references";

export const pruneHelp = `bulkhead evidence prune [options] [PATH...]

Takes out of the lockfile every image that is used nowhere in what is given, and deletes kept documents that no record needs.
Without PATH only documents are deleted: an image may be used by its digest, which the lockfile cannot know.

${commonHelp}
Exit code: 0 done, 2 misuse, or something could not be read; then nothing is taken out.
`;

/** @throws Misuse */
export async function prune(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, commonOptions);
  const context = readContext(parsed, catalogue, io);
  if (context === 2) return 2;
  const { lockfile, format } = context;
  const first = loadExisting(lockfile);
  if ("error" in first) return refuse([first.error], io);
  const paths = parsed.positionals;
  const used = paths.length === 0 ? undefined : usedImages(paths, undefined);
  // What was not read may use anything.
  if (used !== undefined && used.errors.length > 0) return refuse(used.errors, io);
  for (const { file, image, reason } of used?.passedOver ?? []) io.err(`${file}: ${image}: not known, so no image is kept for it: ${reason}\n`);
  // Another command may have written the lockfile meanwhile.
  const gone = whileHeld(lockfile, (confirm) => {
    const loaded = loadExisting(lockfile);
    return "error" in loaded ? loaded.error : takeOut(loaded.lock, used?.references, lockfile, confirm);
  });
  if ("expected" in gone) return refuse([gone], io);
  const { references, images, documents } = gone;
  if (format === "json") await io.out(json({ lockfile, references, images, documents }));
  else await io.out(`${[...references, ...images].map((name) => `${name}\n`).join("")}${counted(references.length, "reference")}, ${counted(images.length, "image")} and ${counted(documents.length, "document")} taken out\n`);
  return 0;
}

interface Gone {
  readonly references: readonly string[];
  readonly images: readonly Digest[];
  readonly documents: readonly Digest[];
}

/** First the lock: one that speaks of a document which is gone would be wrong. */
function takeOut(before: EvidenceLock, used: readonly string[] | undefined, lockfile: string, confirm: () => void): Gone {
  const lock = used === undefined ? before : prunedLock(before, used);
  const store = documentStore(lockfile);
  const needed = new Set(Object.values(lock.images).flatMap(documentsOf));
  const documents = store.digests().filter((digest) => !needed.has(digest));
  if (formatLock(lock) !== formatLock(before)) writeLock(lockfile, lock, confirm);
  for (const document of documents) store.remove(document);
  const missing = (key: "references" | "images"): readonly string[] => Object.keys(before[key]).filter((name) => !Object.hasOwn(lock[key], name)).sort();
  return { references: missing("references"), images: missing("images"), documents };
}

/** What the references lead to: their images, the platforms of these, and indexes that an image is a part of. */
function prunedLock(lock: EvidenceLock, references: readonly string[]): EvidenceLock {
  const used = new Set(references);
  const kept = Object.entries(lock.references).filter(([reference]) => used.has(reference));
  const images = new Set<Digest>([...kept.flatMap(([, { digest, moved }]) => (moved === undefined ? [digest] : [digest, moved.digest])), ...references.flatMap((reference) => /@(sha256:[0-9a-f]{64})$/.exec(reference)?.[1] ?? [])]);
  for (const [digest, { platforms = {} }] of Object.entries(lock.images)) if (Object.values(platforms).some((manifest) => images.has(manifest))) images.add(digest);
  for (const digest of [...images]) for (const manifest of Object.values(lock.images[digest]?.platforms ?? {})) images.add(manifest);
  return { ...lock, references: Object.fromEntries(kept), images: Object.fromEntries(Object.entries(lock.images).filter(([digest]) => images.has(digest))) };
}
