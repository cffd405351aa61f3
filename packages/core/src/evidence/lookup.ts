import type { Surroundings } from "../context";
import type { Field } from "../field";
import { known, unknown, unsupported } from "../field";
import { formatReference } from "../image-reference";
import type { Image, Model } from "../model/subject";
import { built, taggedName } from "./built";
import type { Digest, ImageEvidence, ImageScan, Resolution } from "./record";
import type { EvidenceSource } from "./source";

/** An image with what the evidence says of it. */
export interface EvidencedImage {
  /** Normalised, without a digest; an image id has none. */
  readonly reference?: string;
  /** The digest that is judged; nothing where the image has none and the lock does not know its tag. */
  readonly digest?: Digest;
  /** What the lock says of the tag, where the image has one. */
  readonly resolution?: Resolution;
  /** Whether the digest is only the lock's word for the tag, or the registry's where it was asked during the run. */
  readonly isResolved: boolean;
  /** Why the registry could not be asked, where it had to be: nothing counts as evidence then, and every rule that needs some is broken. */
  readonly failure?: string;
  readonly source: EvidenceSource;
}

/** A part of an image that is judged on its own: the manifest of one platform, or an image that is not divided. */
export interface EvidencedPart {
  /** Unset for an image that is not divided. */
  readonly platform?: string;
  readonly digest: Digest;
  /** Every digest that evidence for this part may stand under: its own, and that of an index that holds it. */
  readonly digests: readonly Digest[];
}

/**
 * What is known of an image, as one field that stands where the image is named. Unknown where the image is, and for a tag
 * that the program itself builds: what the lock says of it is said of an image that the next build replaces. Unsupported
 * without any evidence, which `require-evidence-lockfile` reports once.
 */
export function evidenceOf({ version, registry }: Pick<Image, "registry" | "version">, { evidence, builtImages, missesEvidence, now }: Surroundings): Field<EvidencedImage> {
  const { path } = version;
  if (version.state === "unknown") return unknown(path, `${version.reason ?? "cannot be known yet"}, so there is no digest to judge it by`);
  if (version.state !== "value") return { ...version, path, to: () => undefined } as Field<never>;
  if (now === undefined) return unknown(path, "cannot be judged without a clock");
  if (evidence === undefined) return unsupported(path, "no evidence of images is given");
  const { digest } = version.value;
  const reference = registry.state === "value" ? taggedName(registry.value) : undefined;
  if (digest === undefined && reference !== undefined && builtImages?.has(reference) === true) return unknown(path, built);
  if (evidence.ask === undefined && evidence.status.kind !== "loaded") {
    missesEvidence?.();
    return unsupported(path, "there is no lockfile of evidence that can be read");
  }
  const name = imageName({ version, registry });
  const failure = name === undefined ? undefined : evidence.ask?.(name);
  if (failure !== undefined) return known({ isResolved: digest === undefined, failure, source: evidence, ...(reference === undefined ? {} : { reference }), ...(digest === undefined ? {} : { digest }) }, path);
  if (reference === undefined) return known(ofId(digest, evidence), path);
  const resolution = evidence.resolve(reference);
  const locked = resolution === undefined ? {} : { resolution };
  if (digest !== undefined) return known({ reference, digest, isResolved: false, source: evidence, ...locked }, path);
  // A registry that is asked during the run says what the tag names now, and the lock what it named before.
  const judged = evidence.ask === undefined ? resolution?.digest : (resolution?.moved?.digest ?? resolution?.digest);
  return known({ reference, isResolved: true, source: evidence, ...locked, ...(judged === undefined ? {} : { digest: judged }) }, path);
}

/**
 * The image as a registry is asked for it: normalised, by its digest alone where it has one, else by its tag; an image id as
 * it is. Nothing where it is not known.
 */
export function imageName({ version, registry }: Pick<Image, "registry" | "version">): string | undefined {
  const digest = version.state === "value" ? version.value.digest : undefined;
  if (registry.state !== "value") return digest;
  const { tag: _, ...named } = registry.value;
  return digest === undefined ? taggedName(registry.value) : formatReference({ ...named, digest });
}

/** What is built or pushed has no digest before it is; a cache never runs. */
export function isAskedFor({ use }: Pick<Image, "use">): boolean {
  return use !== "build" && use !== "push" && use !== "cache" && use !== "part";
}

/** The images of a document by the names that registries are asked for them. */
export function askedImages({ subjects }: Model): readonly string[] {
  return subjects.flatMap((subject) => (subject.about === "image" && isAskedFor(subject) ? (imageName(subject) ?? []) : []));
}

/**
 * Docker's image id is the digest of the config, or with the containerd image store that of the manifest. Both are
 * digests of content, so the one that the lock knows says which it is.
 */
function ofId(id: Digest | undefined, source: EvidenceSource): EvidencedImage {
  const digest = id === undefined || source.image(id) !== undefined ? id : source.manifestOfConfig(id);
  return { isResolved: false, source, ...(digest === undefined ? {} : { digest }) };
}

/**
 * The parts of an image that need evidence: of an index the manifests of the `wanted` platforms, or all of them where it
 * has none of these; an empty list wants all. Everything else is one part.
 */
export function partsOf(digest: Digest, source: EvidenceSource, wanted: readonly string[]): readonly EvidencedPart[] {
  const { platforms } = source.image(digest) ?? {};
  if (platforms === undefined) return [{ digest, digests: [digest, ...source.indexesOf(digest)] }];
  const all = Object.entries(platforms).map(([platform, manifest]): EvidencedPart => ({ platform, digest: manifest, digests: [manifest, digest] }));
  const chosen = all.filter(({ platform = "" }) => wanted.includes(platform));
  return chosen.length === 0 ? all : chosen;
}

/**
 * The scans of a part, newest first: those of its own digest, and those of an index that name the part's platform. A scan
 * of an index that names no platform is of whatever the scanner chose, and counts for none.
 */
export function scansOf({ digest, digests }: EvidencedPart, source: EvidenceSource, scansUnder: (digest: Digest) => readonly ImageScan[]): readonly ImageScan[] {
  const scans = digests.flatMap((under) => scansUnder(under).filter(({ platform }) => under === digest || isPlatformOf(source.image(under), platform, digest)));
  return scans.length < 2 ? scans : [...scans].sort((a, b) => Date.parse(b.scannedAt) - Date.parse(a.scannedAt));
}

function isPlatformOf(index: ImageEvidence | undefined, platform: string | undefined, manifest: Digest): boolean {
  return platform !== undefined && index?.platforms?.[platform] === manifest;
}
