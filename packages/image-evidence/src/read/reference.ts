import type { Digest } from "@bulkhead/core";
import { formatReference, parseImage } from "@bulkhead/core";
import { isDigest } from "../digest";
import type { SubjectDigest } from "./reading";

/**
 * The digest in `repository@sha256:...`. Nothing for a text that has none, or one that is cut short or of another algorithm:
 * such a text names no image.
 */
export function subjectOfReference(text: string | undefined, kind: SubjectDigest["kind"] = "image"): SubjectDigest | undefined {
  if (text === undefined) return undefined;
  if (isDigest(text)) return { digest: text, kind };
  const parsed = parseImage(text);
  if (parsed.kind !== "name" || parsed.reference.digest === undefined || !isDigest(parsed.reference.digest)) return undefined;
  const { domain, path, digest } = parsed.reference;
  return { digest, kind, repository: `${domain}/${path}` };
}

/** `docker.io/library/debian:13` for what people write, or nothing for what is no reference. */
export function normalReference(text: string): { readonly reference: string; readonly digest?: Digest } | undefined {
  const parsed = parseImage(text);
  if (parsed.kind !== "name") return undefined;
  const { digest, ...named } = parsed.reference;
  return { reference: formatReference(named), ...(digest !== undefined && isDigest(digest) ? { digest } : {}) };
}

/** `linux/amd64`, `linux/arm/v7`, or nothing where either part is not known. */
export function platformOf(os: string | undefined, architecture: string | undefined, variant?: string): string | undefined {
  if (os === undefined || architecture === undefined) return undefined;
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/").toLowerCase();
}
