import type { Digest, ImageReference } from "@bulkhead/core";
import { type FetchedManifest, type RegistryClient, subjectOf } from "./client";
import { failure, type RegistryStep } from "./error";
import type { ResolvedImage } from "./image";
import type { Descriptor } from "./manifest";
import { listReferrers } from "./referrers";

/**
 * - `sigstore-bundle`: a Sigstore bundle, as cosign 3 attaches it.
 * - `simple-signing`: the payload that cosign 2 signs; the signature and all else stand in `annotations`.
 * - `dsse-envelope`: an envelope around an in-toto statement, as cosign 2 attaches attestations.
 * - `in-toto`: such an envelope, or a bare statement, as BuildKit and others attach them.
 * - `report`: a scan report, an SBOM or a VEX document.
 */
export type UnverifiedKind = "sigstore-bundle" | "simple-signing" | "dsse-envelope" | "in-toto" | "report";

/**
 * A document that somebody attached to an image. Its bytes have the digest that is said; who wrote them, and whether they
 * are about the image, is unknown until a signature is verified.
 */
export interface UnverifiedDocument {
  readonly kind: UnverifiedKind;
  readonly source: "referrers" | "referrers-tag" | "signature-tag" | "attestation-tag" | "buildkit";
  /** What the place where it was found says that it is about; of BuildKit's a platform's manifest. */
  readonly claimedSubject: Digest;
  readonly mediaType: string;
  readonly bytes: Buffer;
  /** sha256 of `bytes`, computed. */
  readonly digest: Digest;
  /** Of the layer: signature, certificate, chain and log entry of cosign 2; hints otherwise. */
  readonly annotations: { readonly [key: string]: string };
  /** The manifest that holds it, and what that says. */
  readonly manifest: { readonly digest: Digest; readonly artifactType?: string; readonly annotations: { readonly [key: string]: string } };
}

export interface UnverifiedAttachments {
  readonly digest: Digest;
  readonly documents: readonly UnverifiedDocument[];
  /** What is attached and was not read, and why: another kind of document, or one about something else. */
  readonly passedOver: readonly { readonly manifest: Digest; readonly reason: string }[];
}

type Source = UnverifiedDocument["source"];
interface Holder {
  readonly source: Source;
  readonly claimedSubject: Digest;
  readonly fetched: FetchedManifest;
}
interface Passed {
  readonly manifest: Digest;
  readonly reason: string;
}

const kinds: readonly (readonly [RegExp, UnverifiedKind])[] = [
  [/^application\/vnd\.dev\.sigstore\.bundle(?:\.v\d+\.\d+)?\+json(?:;\s*version=\d+\.\d+)?$/, "sigstore-bundle"],
  [/^application\/vnd\.dev\.cosign\.simplesigning\.v1\+json$/, "simple-signing"],
  [/^application\/vnd\.dsse\.envelope\.v1\+json$/, "dsse-envelope"],
  [/^application\/vnd\.in-toto\+json$/, "in-toto"],
  [/^(?:application\/(?:sarif|spdx|vnd\.cyclonedx|vnd\.openvex|openvex|vnd\.security\.vulnerability\.report|vnd\.aquasec\.trivy\.report)\+json|text\/spdx\+json)(?:;.*)?$/, "report"],
];

/**
 * Fetches all that is attached to an image, or to one of its platforms: by the referrers API or the tag that stands in for
 * it, by the tags `sha256-HEX.sig` and `.att` of cosign 2, and in BuildKit's manifests within the index. Nothing attached is
 * an empty list; a registry that cannot be asked, or answers with what was not asked for, is a `RegistryError`.
 */
export async function fetchAttachments(client: RegistryClient, image: ResolvedImage, digest: Digest = image.digest): Promise<UnverifiedAttachments> {
  const reference = { ...client.read(image.reference), digest };
  const tag = digest.replace(":", "-");
  const parts = await Promise.all([
    referrers(client, reference, digest),
    byTag(client, reference, `${tag}.sig`, "signature-tag"),
    byTag(client, reference, `${tag}.att`, "attestation-tag"),
    digest === image.digest ? buildkit(client, reference, image) : { holders: [], passedOver: [] },
  ]);
  const passedOver = parts.flatMap((part) => part.passedOver);
  const wanted = [...new Map(parts.flatMap(({ holders }) => holders).flatMap((holder) => layersOf(client, reference, holder, passedOver)).map((entry) => [`${entry.holder.fetched.digest} ${JSON.stringify(entry.layer)}`, entry])).values()];
  const { maxAttachmentBytes } = client.settings;
  const size = wanted.reduce((sum, { layer }) => sum + layer.size, 0);
  if (size > maxAttachmentBytes) throw failure(subjectOf(reference, "blob"), "too-large", `the documents that are attached have ${size} bytes together, more than ${maxAttachmentBytes}`);
  const documents = await Promise.all(wanted.map(({ holder, kind, layer }) => fetchDocument(client, reference, holder, kind, layer)));
  return { digest, documents, passedOver };
}

interface Part {
  readonly holders: readonly Holder[];
  readonly passedOver: readonly Passed[];
}

async function referrers(client: RegistryClient, reference: ImageReference, digest: Digest): Promise<Part> {
  const { source, descriptors } = await listReferrers(client, reference, digest);
  const fetched = await Promise.all(descriptors.map((descriptor) => client.described(reference, descriptor, source)));
  const isAbout = ({ manifest }: FetchedManifest): boolean => manifest.subject === digest;
  return {
    holders: fetched.filter(isAbout).map((each) => ({ source, claimedSubject: digest, fetched: each })),
    passedOver: fetched.filter((each) => !isAbout(each)).map((each) => ({ manifest: each.digest, reason: "the registry lists it, and its subject is another digest or none" })),
  };
}

async function byTag(client: RegistryClient, reference: ImageReference, tag: string, source: Source & RegistryStep): Promise<Part> {
  const fetched = await client.find(reference, tag, source);
  return { holders: fetched === undefined ? [] : [{ source, claimedSubject: reference.digest ?? "", fetched }], passedOver: [] };
}

async function buildkit(client: RegistryClient, reference: ImageReference, image: ResolvedImage): Promise<Part> {
  const own = Object.values(image.platforms ?? {});
  const [about, foreign] = [image.attestationManifests.filter((entry) => own.includes(entry.about)), image.attestationManifests.filter((entry) => !own.includes(entry.about))];
  return {
    holders: await Promise.all(about.map(async (entry) => ({ source: "buildkit" as const, claimedSubject: entry.about, fetched: await client.described(reference, entry.descriptor, "manifest") }))),
    passedOver: foreign.map(({ descriptor }) => ({ manifest: descriptor.digest, reason: "it is about nothing within the index" })),
  };
}

function layersOf(client: RegistryClient, reference: ImageReference, holder: Holder, passedOver: Passed[]): readonly { readonly holder: Holder; readonly kind: UnverifiedKind; readonly layer: Descriptor }[] {
  const { digest, manifest } = holder.fetched;
  if (manifest.kind === "index") {
    passedOver.push({ manifest: digest, reason: "it is an index" });
    return [];
  }
  const { maxReferrers } = client.settings;
  if (manifest.layers.length > maxReferrers) throw failure(subjectOf(reference, "manifest"), "too-many", `the attached manifest ${digest} has ${manifest.layers.length} documents, more than ${maxReferrers}; none of them was looked at`);
  return manifest.layers.flatMap((layer) => {
    const kind = kinds.find(([form]) => form.test(layer.mediaType))?.[1];
    if (kind !== undefined) return [{ holder, kind, layer }];
    passedOver.push({ manifest: digest, reason: `documents of type ${layer.mediaType} are not read` });
    return [];
  });
}

async function fetchDocument(client: RegistryClient, reference: ImageReference, holder: Holder, kind: UnverifiedKind, layer: Descriptor): Promise<UnverifiedDocument> {
  const { source, claimedSubject, fetched: { digest, manifest } } = holder;
  const bytes = await client.blob(reference, layer);
  return {
    kind, source, claimedSubject, mediaType: layer.mediaType, bytes, digest: layer.digest, annotations: layer.annotations,
    manifest: { digest, annotations: manifest.annotations, ...(manifest.artifactType === undefined ? {} : { artifactType: manifest.artifactType }) },
  };
}
