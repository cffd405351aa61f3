import { isDigest } from "../digest";
import { isObject, type JsonObject, textMembers } from "./json";

export const manifestTypes = {
  "application/vnd.oci.image.index.v1+json": "index",
  "application/vnd.docker.distribution.manifest.list.v2+json": "index",
  "application/vnd.oci.image.manifest.v1+json": "manifest",
  "application/vnd.docker.distribution.manifest.v2+json": "manifest",
} as const;
export type ManifestType = keyof typeof manifestTypes;

/** What the OCI specification calls a descriptor. */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
  readonly size: number;
  readonly annotations: { readonly [key: string]: string };
  readonly artifactType?: string;
  /** `linux/amd64`, `linux/arm/v7`, `windows(10.0.20348.1)/amd64`; absent where none is said. */
  readonly platform?: string;
}

interface Common {
  readonly mediaType: ManifestType;
  readonly artifactType?: string;
  readonly annotations: { readonly [key: string]: string };
  /** Digest of what it is attached to. */
  readonly subject?: string;
}
export type Manifest =
  | (Common & { readonly kind: "index"; readonly manifests: readonly Descriptor[] })
  | (Common & { readonly kind: "manifest"; readonly config: Descriptor; readonly layers: readonly Descriptor[] });

const mediaTypeForm = /^[\w.+-]+\/[\w.+-]+(?:\s*;\s*[\w.+-]+=[\w.+"-]+)*$/;

export function isManifestType(text: string): text is ManifestType {
  return Object.hasOwn(manifestTypes, text);
}

/**
 * Reads a manifest or an index, or says what does not fit. The type that the registry says and the one that stands within
 * must be the same, and one document must not be both: else two readers could take it for different things (CVE-2021-41190).
 */
export function readManifest(document: JsonObject, contentType: string): { readonly manifest: Manifest } | { readonly problem: string } {
  const within = document["mediaType"];
  const mediaType = contentType.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!isManifestType(mediaType)) return { problem: "its media type is none of an OCI or Docker (schema 2) manifest or index" };
  if (within !== undefined && within !== mediaType) return { problem: "its mediaType is another than that of the answer" };
  if (document["schemaVersion"] !== 2) return { problem: "schemaVersion: expected 2" };
  const kind = manifestTypes[mediaType];
  if (kind === "index" ? "layers" in document || "config" in document : "manifests" in document) return { problem: "it is a manifest and an index at once" };
  const { subject, artifactType } = document;
  const attachedTo = isObject(subject) ? subject["digest"] : undefined;
  if (subject !== undefined && !isDigest(attachedTo)) return { problem: "subject.digest: expected a sha256 digest" };
  const common: Common = {
    mediaType, annotations: textMembers(document["annotations"]),
    ...(isMediaType(artifactType) ? { artifactType } : {}),
    ...(isDigest(attachedTo) ? { subject: attachedTo } : {}),
  };
  if (kind === "index") {
    const manifests = readDescriptors(document["manifests"]);
    return manifests === undefined ? { problem: "manifests: expected a list of descriptors with mediaType, sha256 digest and size" } : { manifest: { ...common, kind, manifests } };
  }
  const config = readDescriptor(document["config"]);
  const layers = readDescriptors(document["layers"]);
  if (config === undefined) return { problem: "config: expected a descriptor with mediaType, sha256 digest and size" };
  return layers === undefined ? { problem: "layers: expected a list of descriptors with mediaType, sha256 digest and size" } : { manifest: { ...common, kind, config, layers } };
}

function isMediaType(value: unknown): value is string {
  return typeof value === "string" && value.length <= 255 && mediaTypeForm.test(value);
}

function readDescriptors(value: unknown): readonly Descriptor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const descriptors = value.map(readDescriptor);
  return descriptors.every((descriptor) => descriptor !== undefined) ? descriptors : undefined;
}

function readDescriptor(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined;
  const { mediaType, digest, size, annotations, artifactType, platform } = value;
  if (!isMediaType(mediaType) || !isDigest(digest) || typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) return undefined;
  const name = platformName(platform);
  return { mediaType, digest, size, annotations: textMembers(annotations), ...(isMediaType(artifactType) ? { artifactType } : {}), ...(name === undefined ? {} : { platform: name }) };
}

function platformName(platform: unknown): string | undefined {
  const { os, architecture, variant = "", "os.version": version = "" } = textMembers(platform);
  if (os === undefined || architecture === undefined) return undefined;
  return [version === "" ? os : `${os}(${version})`, architecture, ...(variant === "" ? [] : [variant])].join("/");
}
