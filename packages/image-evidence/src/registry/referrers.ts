import type { ImageReference } from "@bulkhead/core";
import { type RegistryClient, subjectOf } from "./client";
import { failure, type RegistryError, type Subject } from "./error";
import type { Answer } from "./exchange";
import { readObject } from "./json";
import { type Descriptor, readManifest } from "./manifest";

export interface ReferrerList {
  /** `referrers`: the API; `referrers-tag`: the tag that stands in for it (`sha256-HEX`). */
  readonly source: "referrers" | "referrers-tag";
  /** What the registry says is attached. That, and what it says of each, is its word alone. */
  readonly descriptors: readonly Descriptor[];
}

const indexType = "application/vnd.oci.image.index.v1+json";
/** What registries without the API answer with; 404 is the specification's. */
const withoutApi: readonly number[] = [400, 404, 405, 406, 501];

/**
 * All that refers to a digest. No filter is asked for: registries ignore it, or fill in the artifact type wrongly, so each
 * manifest has to be looked at anyway. An empty list where nothing does, an error for more than `maxReferrers`.
 */
export async function listReferrers(client: RegistryClient, reference: ImageReference, digest: string): Promise<ReferrerList> {
  const subject = subjectOf(reference, "referrers");
  const found = new Map<string, Descriptor>();
  const seen = new Set<string>();
  for (let path = `/v2/${reference.path}/referrers/${digest}`; ; ) {
    seen.add(path);
    const answer = await client.get(reference, path, subject, indexType);
    const type = answer.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    // Only the first page says whether there is such an API; a page of HTML says that there is none.
    if (seen.size === 1 && (withoutApi.includes(answer.status) || (answer.status === 200 && type !== indexType))) return byTag(client, reference, digest);
    client.expectGood(subject, answer);
    if (answer.headers.has("oci-filters-applied")) throw failure(subject, "malformed", "the registry left things out by a filter that was not asked for (OCI-Filters-Applied)", answer.status);
    collect(client, subject, found, readPage(subject, answer));
    const next = nextPage(subject, path, client, answer);
    if (next === undefined) return { source: "referrers", descriptors: [...found.values()] };
    if (seen.has(next) || seen.size > client.settings.maxReferrers) throw failure(subject, "too-many", "the pages of the list have no end");
    path = next;
  }
}

async function byTag(client: RegistryClient, reference: ImageReference, digest: string): Promise<ReferrerList> {
  const fetched = await client.find(reference, digest.replace(":", "-"), "referrers-tag");
  const subject = subjectOf(reference, "referrers-tag");
  const found = new Map<string, Descriptor>();
  if (fetched !== undefined && fetched.manifest.kind !== "index") throw failure(subject, "malformed", "expected an index");
  if (fetched?.manifest.kind === "index") collect(client, subject, found, fetched.manifest.manifests);
  return { source: "referrers-tag", descriptors: [...found.values()] };
}

function readPage(subject: Subject, answer: Answer): readonly Descriptor[] {
  const document = readObject(answer.body);
  const read = document === undefined ? { problem: "expected a JSON object" } : readManifest(document, indexType);
  if ("problem" in read) throw failure(subject, "malformed", `the list: ${read.problem}`, answer.status);
  return read.manifest.kind === "index" ? read.manifest.manifests : [];
}

function collect(client: RegistryClient, subject: Subject, found: Map<string, Descriptor>, descriptors: readonly Descriptor[]): void {
  for (const descriptor of descriptors) found.set(descriptor.digest, descriptor);
  const { maxReferrers } = client.settings;
  if (found.size > maxReferrers) throw tooMany(subject, maxReferrers);
}

function tooMany(subject: Subject, most: number): RegistryError {
  return failure(subject, "too-many", `more than ${most} things are attached to the image; none of them was looked at`);
}

/** Path and query of the page that a Link header names (RFC 8288), which must be of the same repository's referrers. */
function nextPage(subject: Subject, path: string, client: RegistryClient, { headers, status }: Answer): string | undefined {
  const link = headers.get("link");
  if (link === null) return undefined;
  const target = /<([^>]*)>\s*;(?:[^,"]|"[^"]*")*\brel\s*=\s*"?next"?(?:[\s;,]|$)/i.exec(link)?.[1];
  if (target === undefined) return undefined;
  const base = new URL(path, client.originOf(subject.registry));
  const next = URL.canParse(target, base.href) ? new URL(target, base) : undefined;
  // Behind a proxy that ends TLS, a registry may take its own scheme or host for another: path and query are what counts.
  if (next === undefined || next.pathname !== base.pathname) throw failure(subject, "malformed", "the link to the next page of the list leads elsewhere", status);
  return `${next.pathname}${next.search}`;
}
