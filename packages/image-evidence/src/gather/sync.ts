import type { Digest, EvidenceLock, ImageEvidence } from "@bulkhead/core";
import { formatReference } from "@bulkhead/core";
import { formatInstant } from "../instant";
import { resolveTo } from "../lockfile/merge";
import type { UnverifiedDocument } from "../registry/attachments";
import { fetchAttachments } from "../registry/attachments";
import type { RegistryClient } from "../registry/client";
import type { RegistryErrorCode } from "../registry/error";
import { RegistryError } from "../registry/error";
import type { ResolvedImage } from "../registry/image";
import { resolveImage } from "../registry/image";
import { Limiter } from "../registry/limiter";
import { DocumentError } from "../read/document-error";
import { readAttachedDocument } from "../verify/document";
import type { Item, Refusal, Trust } from "./items";
import { assemble, documentsOf, takeDocument, uniqueBases } from "./items";
import { joinFound } from "./join";

export interface SyncOptions {
  readonly client: RegistryClient;
  readonly trust: Trust;
  /** Documents that are kept beside the lock: its VEX documents count for scans that are found. */
  readonly read?: (document: Digest) => Buffer | undefined;
  /** Whether a tag that names another image than the lock says is locked to that one now. */
  readonly acceptsMoves?: boolean;
  /** References at once, at most 32, which is the default. */
  readonly concurrency?: number;
  /** Those that are not begun when it is aborted are left out. */
  readonly signal?: AbortSignal;
}

/** What was learned of one reference. Nothing is recorded of one that failed: what the lock has stays. */
export type Synced =
  | { readonly kind: "failed"; readonly reference: string; readonly code: RegistryErrorCode; readonly reason: string }
  | {
      readonly kind: "synced";
      /** Normalised: `docker.io/library/nginx:1.29`. */
      readonly reference: string;
      /** The image that evidence was gathered for: of a tag that moved the one that is locked, until the move is accepted. */
      readonly digest: Digest;
      readonly moved?: { readonly from: Digest; readonly to: Digest; readonly accepted: boolean };
      /** Attachments that were not taken although somebody signed them, or that cannot be read. */
      readonly refused: readonly (Refusal & { readonly image: Digest })[];
      /** Attachments that nobody signed: BuildKit's, bare reports. They are never taken. */
      readonly unsigned: number;
      /** The lock with it. It may be applied to another lock than the one that was asked, as when the file changed meanwhile. */
      readonly apply: (lock: EvidenceLock) => EvidenceLock;
      /** Signed documents that the records need, by digest, as they are kept. */
      readonly documents: ReadonlyMap<Digest, Buffer>;
    };

const maxConcurrency = 32;

/** Asks the registries about each reference, and gives what each has in the order in which they answer. */
export async function* sync(lock: EvidenceLock, references: readonly string[], options: SyncOptions): AsyncGenerator<Synced> {
  const limiter = new Limiter(Math.min(options.concurrency ?? maxConcurrency, maxConcurrency));
  const done: Synced[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake = (): void => undefined;
  let left = references.length;
  for (const reference of references) {
    limiter.run(async () => (options.signal?.aborted === true ? undefined : syncReference(lock, reference, options)))
      .then((synced) => void (synced === undefined || done.push(synced)), (error: unknown) => void (failure ??= { error }))
      .finally(() => {
        left--;
        wake();
      });
  }
  while (left > 0 || done.length > 0) {
    const next = done.shift();
    if (next !== undefined) yield next;
    else await new Promise<void>((resolve) => (wake = resolve));
  }
  if (failure !== undefined) throw failure.error;
}

async function syncReference(lock: EvidenceLock, text: string, options: SyncOptions): Promise<Synced> {
  try {
    return await ask(lock, text, options);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return { kind: "failed", reference: text, code: error.code, reason: error.message };
  }
}

async function ask(lock: EvidenceLock, text: string, { client, trust, acceptsMoves = false, read }: SyncOptions): Promise<Synced> {
  const asked = client.read(text);
  const reference = formatReference(asked);
  const repository = formatReference({ domain: asked.domain, path: asked.path, implicitDomain: asked.implicitDomain });
  const at = (digest: Digest): string => `${repository}@${digest}`;
  const current = await resolveImage(client, text);
  const locked = asked.digest === undefined && Object.hasOwn(lock.references, reference) ? lock.references[reference]?.digest : undefined;
  const isMoved = locked !== undefined && locked !== current.digest;
  const image = isMoved && !acceptsMoves ? await resolveImage(client, at(locked)) : current;
  // Evidence may stand with the index, or with what a platform runs.
  const manifests = [...new Set(Object.values(image.platforms ?? {}))];
  const parts = [image, ...(await Promise.all(manifests.map((digest) => resolveImage(client, at(digest)))))];
  const gathered = await Promise.all(parts.map(async (part) => ({ part, ...taken(await fetchAttachments(client, part, part.digest), repository, trust) })));
  const records = gathered.map(({ part, items }) => [part.digest, withFacts(part, assemble(part.digest, items, trust.now))] as const);
  const bytes = new Map(gathered.flatMap(({ documents }) => documents));
  return {
    kind: "synced", reference, digest: image.digest,
    ...(isMoved ? { moved: { from: locked, to: current.digest, accepted: acceptsMoves } } : {}),
    refused: gathered.flatMap(({ part, refused }) => refused.map((each) => ({ ...each, image: part.digest }))),
    unsigned: gathered.reduce((sum, { unsigned }) => sum + unsigned, 0),
    apply: (before) => {
      const resolved = asked.digest === undefined ? resolveTo(before, reference, current.digest, formatInstant(trust.now), acceptsMoves) : before;
      return records.reduce((after, [digest, record]) => joinFound(after, { digest, record, repository }, { trust, read: (document) => bytes.get(document) ?? read?.(document) }), resolved);
    },
    documents: new Map(records.flatMap(([, record]) => documentsOf(record)).flatMap((digest) => {
      const kept = bytes.get(digest);
      return kept === undefined ? [] : [[digest, kept] as const];
    })),
  };
}

interface TakenAttachments {
  readonly items: readonly Item[];
  readonly documents: readonly (readonly [Digest, Buffer])[];
  readonly refused: readonly Refusal[];
  readonly unsigned: number;
}

function taken({ digest, documents: attached }: { readonly digest: Digest; readonly documents: readonly UnverifiedDocument[] }, repository: string, trust: Trust): TakenAttachments {
  const items: Item[] = [];
  const documents: (readonly [Digest, Buffer])[] = [];
  const refused: Refusal[] = [];
  let unsigned = 0;
  for (const each of attached) {
    const outcome = isUnsigned(each) ? undefined : takeAttached(each, digest, repository, trust);
    if (outcome === undefined) unsigned++;
    else if ("code" in outcome) refused.push(outcome);
    else {
      items.push(...outcome.items);
      documents.push([outcome.document, outcome.bytes]);
    }
  }
  return { items, documents, refused, unsigned };
}

/** BuildKit's attestations and reports carry no signature; a bare statement is found out when it is read. */
function isUnsigned({ kind, source }: UnverifiedDocument): boolean {
  return source === "buildkit" || kind === "report";
}

function takeAttached(attached: UnverifiedDocument, image: Digest, repository: string, trust: Trust) {
  try {
    return takeDocument(readAttachedDocument(attached, repository), repository, [image], trust);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { path, expected } = error.problem;
    return attached.kind === "in-toto" ? undefined : ({ code: "malformed", reason: `${path === "" ? "" : `${path}: `}expected ${expected}`, document: attached.digest } satisfies Refusal);
  }
}

function withFacts({ platforms, config, createdAt, baseImages }: ResolvedImage, found: ImageEvidence): ImageEvidence {
  const bases = uniqueBases([...baseImages, ...(found.baseImages ?? [])]);
  return {
    ...(platforms === undefined ? {} : { platforms }), ...(config === undefined ? {} : { config }), ...(createdAt === undefined ? {} : { createdAt }),
    ...found, ...(bases.length === 0 ? {} : { baseImages: bases }),
  };
}
