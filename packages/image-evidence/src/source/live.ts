import type { Digest, EvidenceSource, EvidenceStatus, ImageEvidence, indexLock, Resolution } from "@bulkhead/core";
import { isDigest } from "../digest";
import { formatInstant } from "../instant";
import { joinFound } from "../gather/join";
import type { KeptEvidence } from "../gather/vex";
import { resolveTo } from "../lockfile/merge";
import { emptyLock } from "../lockfile/shape";
import type { Asker } from "./asker";
import type { Answer } from "./live-messages";

type Index = ReturnType<typeof indexLock>;

export interface LiveOptions {
  readonly asker: Asker;
  /** Documents that are kept beside the lock, whose VEX counts for what is found too. */
  readonly kept: KeptEvidence;
  readonly lock: () => { readonly status: EvidenceStatus; readonly index: Index };
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface LiveEvidence extends Index, Required<Pick<EvidenceSource, "ask" | "expect" | "refusals">> {
  /** A signed document that was fetched in this run. */
  readonly document: (digest: Digest) => Buffer | undefined;
}

type Found = Extract<Answer, { readonly kind: "found" }>;

/**
 * The lock with what registries have said in this run. A tag is what its registry says, beside what the lock says of it; of
 * a digest that was asked for, what was found joins what the lock has.
 */
export function liveEvidence({ asker, kept, lock, now }: LiveOptions): LiveEvidence {
  const images = new Map<Digest, ImageEvidence>();
  const resolutions = new Map<string, Resolution>();
  const indexes = new Map<Digest, readonly Digest[]>();
  const configs = new Map<Digest, Digest>();
  const documents = new Map<Digest, Buffer>();
  const refusals = new Map<Digest, readonly string[]>();
  const taken = new Set<Found>();
  const fetched: KeptEvidence = { trust: kept.trust, read: (document) => documents.get(document) ?? kept.read(document) };
  const image = (digest: Digest): ImageEvidence | undefined => images.get(digest) ?? lock().index.image(digest);
  const indexesOf = (manifest: Digest): readonly Digest[] => [...new Set([...(indexes.get(manifest) ?? []), ...lock().index.indexesOf(manifest)])];

  const take = (found: Found): void => {
    if (taken.has(found)) return;
    taken.add(found);
    const repository = found.pinned.slice(0, found.pinned.indexOf("@"));
    for (const [digest, bytes] of found.documents) documents.set(digest, Buffer.from(bytes));
    for (const [digest, reason] of found.refusals) refusals.set(digest, [...new Set([...(refusals.get(digest) ?? []), reason])]);
    for (const [digest, record] of found.records) {
      const before = image(digest);
      const joined = joinFound({ ...emptyLock, images: before === undefined ? {} : { [digest]: before } }, { digest, record, repository }, fetched);
      images.set(digest, joined.images[digest] ?? record);
      if (record.config !== undefined) configs.set(record.config, digest);
      for (const manifest of Object.values(record.platforms ?? {})) indexes.set(manifest, [...new Set([...(indexes.get(manifest) ?? []), digest])]);
    }
  };
  const resolved = (name: string, { digest }: Found): void => {
    const before = lock().index.resolve(name);
    const { references: { [name]: resolution } } = resolveTo({ ...emptyLock, references: before === undefined ? {} : { [name]: before } }, name, digest, formatInstant(now));
    if (resolution !== undefined) resolutions.set(name, resolution);
  };

  return {
    expect: (names) => asker.expect(names.filter((name) => !isImageId(name))),
    ask: (name) => {
      const { status } = lock();
      if (status.kind === "unreadable") return `${name} cannot be held against the lockfile ${status.file}, which cannot be read: ${status.problem}`;
      if (isImageId(name)) return images.has(name) || configs.has(name) ? undefined : `${name} is an image id, by which no registry can be asked, and not that of an image that one was asked for in this run`;
      const answer = asker.ask(name);
      if (answer.kind === "failed") return `asking its registry failed: ${answer.reason}`;
      take(answer);
      if (!name.includes("@")) resolved(name, answer);
      return undefined;
    },
    refusals: (digest) => [...new Set([digest, ...Object.values(image(digest)?.platforms ?? {})])].flatMap((under) => refusals.get(under) ?? []),
    resolve: (reference) => resolutions.get(reference),
    image, indexesOf,
    manifestOfConfig: (config) => configs.get(config) ?? lock().index.manifestOfConfig(config),
    document: (digest) => documents.get(digest),
  };
}

function isImageId(name: string): boolean {
  return isDigest(name);
}
