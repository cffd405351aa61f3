import type { Digest, EvidenceLock, ImageEvidence, Resolution } from "./record";
import type { EvidenceSource } from "./source";

/** How images relate to each other in a lockfile. Nothing is computed before it is asked for. */
export function indexLock({ references, images }: EvidenceLock): Pick<EvidenceSource, "resolve" | "image" | "indexesOf" | "manifestOfConfig"> {
  let relations: { readonly indexes: ReadonlyMap<Digest, readonly Digest[]>; readonly manifests: ReadonlyMap<Digest, Digest> } | undefined;
  const related = () => (relations ??= relate(images));
  const own = <T>(table: { readonly [key: string]: T }, key: string): T | undefined => (Object.hasOwn(table, key) ? table[key] : undefined);
  return {
    resolve: (reference): Resolution | undefined => own(references, reference),
    image: (digest): ImageEvidence | undefined => own(images, digest),
    indexesOf: (manifest) => related().indexes.get(manifest) ?? [],
    manifestOfConfig: (config) => related().manifests.get(config),
  };
}

function relate(images: EvidenceLock["images"]) {
  const indexes = new Map<Digest, Digest[]>();
  const manifests = new Map<Digest, Digest>();
  for (const [digest, { platforms = {}, config }] of Object.entries(images)) {
    if (config !== undefined) manifests.set(config, digest);
    for (const manifest of Object.values(platforms)) indexes.set(manifest, [...(indexes.get(manifest) ?? []), digest]);
  }
  return { indexes, manifests };
}
