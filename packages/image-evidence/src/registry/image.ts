import { isDigest } from "../digest";
import { type BaseImage, type Digest, formatReference, type ImageReference, type Instant, parseImage, tagNameOnly } from "@bulkhead/core";
import { formatInstant, parseInstant } from "../instant";
import { type FetchedManifest, type RegistryClient, subjectOf } from "./client";
import { failure } from "./error";
import { isObject, readObject, textMembers } from "./json";
import { type Descriptor, isManifestType, type ManifestType, manifestTypes } from "./manifest";

/** What a reference names at the moment. All of it follows from `digest`, and none of it says who made it. */
export interface ResolvedImage {
  /** Normalised, with its tag and digest as they were asked for: `docker.io/library/nginx:1.29`. */
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: ManifestType;
  readonly kind: "index" | "manifest";
  /** Of an index: manifest by platform. Attestation manifests are left out. */
  readonly platforms?: { readonly [platform: string]: Digest };
  /** Of a manifest: digest of its config. */
  readonly config?: Digest;
  /** `created` of the config; of an index the oldest of its platforms, absent where one of them does not say it. */
  readonly createdAt?: Instant;
  /** From the labels and annotations `org.opencontainers.image.base.name` and `.digest`. */
  readonly baseImages: readonly BaseImage[];
  /** Of an index: where BuildKit keeps SBOMs and provenance, by what they are about. They are not signed. */
  readonly attestationManifests: readonly { readonly about: Digest; readonly descriptor: Descriptor }[];
}

interface Facts {
  readonly createdAt: number | undefined;
  readonly baseImages: readonly BaseImage[];
}

const maxPlatforms = 100;
const configTypes: readonly string[] = ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/** Asks the registry what a reference names; with a digest, that digest, whatever its tag names. Throws `RegistryError`. */
export async function resolveImage(client: RegistryClient, text: string): Promise<ResolvedImage> {
  const reference = client.read(text);
  const fetched = await client.manifest(reference);
  const { digest, manifest } = fetched;
  const common = { reference: formatReference(reference), digest, mediaType: manifest.mediaType, kind: manifest.kind };
  if (manifest.kind === "manifest") {
    const { createdAt, baseImages } = await factsOf(client, reference, fetched);
    return { ...common, config: manifest.config.digest, ...instant(createdAt), baseImages, attestationManifests: [] };
  }
  if (manifest.manifests.length > maxPlatforms) throw failure(subjectOf(reference, "manifest"), "too-many", `the index has ${manifest.manifests.length} manifests, more than ${maxPlatforms}`);
  const images = manifest.manifests.filter((descriptor) => !isAttestation(descriptor) && isManifestType(descriptor.mediaType));
  const facts = await Promise.all(images.filter(({ mediaType }) => isManifestType(mediaType) && manifestTypes[mediaType] === "manifest").map(async (descriptor) => factsOf(client, reference, await client.described(reference, descriptor, "manifest"))));
  const times = facts.map(({ createdAt }) => createdAt);
  const known = times.filter((time) => time !== undefined);
  return {
    ...common,
    platforms: byPlatform(images),
    ...instant(known.length === images.length && known.length > 0 ? Math.min(...known) : undefined),
    baseImages: unique([...baseOf(manifest.annotations), ...facts.flatMap(({ baseImages }) => baseImages)]),
    attestationManifests: manifest.manifests.filter(isAttestation).map((descriptor) => ({ about: descriptor.annotations["vnd.docker.reference.digest"] ?? "", descriptor })),
  };
}

/** A runtime takes a manifest by its platform: one that has a platform is an image, whatever its annotations say. */
function isAttestation({ annotations, platform }: Descriptor): boolean {
  return annotations["vnd.docker.reference.type"] === "attestation-manifest" && (platform === undefined || platform === "unknown/unknown");
}

function byPlatform(images: readonly Descriptor[]): { readonly [platform: string]: Digest } {
  const platforms: { [platform: string]: Digest } = {};
  for (const { platform = "unknown", digest } of images) {
    // No image of an index may get lost, though two be said to be for the same platform.
    let name = platform;
    for (let number = 2; platforms[name] !== undefined && platforms[name] !== digest; number++) name = `${platform} (${number})`;
    platforms[name] = digest;
  }
  return platforms;
}

async function factsOf(client: RegistryClient, reference: ImageReference, { manifest }: FetchedManifest): Promise<Facts> {
  if (manifest.kind === "index" || !configTypes.includes(manifest.config.mediaType)) return { createdAt: undefined, baseImages: baseOf(manifest.annotations) };
  const config = readObject(await client.blob(reference, manifest.config));
  if (config === undefined) throw failure(subjectOf(reference, "blob"), "malformed", `the config ${manifest.config.digest}: expected a JSON object`);
  const { created, config: settings } = config;
  const labels = textMembers(isObject(settings) ? settings["Labels"] : undefined);
  return { createdAt: typeof created === "string" ? parseInstant(created) : undefined, baseImages: unique([...baseOf(labels), ...baseOf(manifest.annotations)]) };
}

function baseOf(labels: { readonly [name: string]: string }): readonly BaseImage[] {
  const name = parseImage(labels["org.opencontainers.image.base.name"] ?? "");
  const digest = labels["org.opencontainers.image.base.digest"];
  const valid = isDigest(digest) ? { digest } : {};
  const reference = name.kind === "name" ? { reference: formatReference(tagNameOnly(name.reference)) } : {};
  return "reference" in reference || "digest" in valid ? [{ ...reference, ...valid, from: "label" }] : [];
}

function unique(images: readonly BaseImage[]): readonly BaseImage[] {
  return [...new Map(images.map((image) => [`${image.reference ?? ""}@${image.digest ?? ""}`, image])).values()];
}

function instant(time: number | undefined): { readonly createdAt?: Instant } {
  return time === undefined ? {} : { createdAt: formatInstant(time) };
}
