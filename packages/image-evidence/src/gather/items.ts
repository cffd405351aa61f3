import type { AcceptedSigner, BaseImage, Digest, EvidenceOrigin, ImageEvidence, ImageProvenance, ImageSignature, RejectionCode } from "@bulkhead/core";
import type { VexSource } from "../read/apply-vex";
import { applyVex } from "../read/apply-vex";
import { DocumentError } from "../read/document-error";
import { readStatement } from "../read/read-statement";
import type { NoEvidenceReason, ScanReading, VexReading } from "../read/reading";
import { subjectDigests } from "../statement";
import type { SignedDocument } from "../verify/document";
import { documentDigest, writeSignedDocument } from "../verify/document";
import { verifyDocument } from "../verify/verify";

/** Whose signatures count while evidence is gathered, and at what time. */
export interface Trust {
  readonly signers: readonly AcceptedSigner[];
  /** Those of them whose VEX documents count. */
  readonly vexAuthors: readonly AcceptedSigner[];
  /** Contents of `trusted_root.json`. */
  readonly trustedRoot?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Why a document is not taken. `not-signed`: nobody vouches for it; `vex-author`: it is VEX, of nobody whose VEX counts. */
export interface Refusal {
  readonly code: RejectionCode | NoEvidenceReason | "not-signed" | "vex-author";
  /** For people; never content of the document. */
  readonly reason: string;
  readonly document?: Digest;
}

/** A piece of evidence, and the images that it is about. */
export type Item = { readonly digests: readonly Digest[] } & (
  | { readonly kind: "scan"; readonly reading: ScanReading; readonly origin: EvidenceOrigin }
  | { readonly kind: "vex"; readonly source: VexSource; readonly origin: EvidenceOrigin }
  | { readonly kind: "provenance"; readonly provenance: ImageProvenance }
  | { readonly kind: "signature"; readonly signature: ImageSignature }
  | { readonly kind: "bases"; readonly baseImages: readonly BaseImage[] }
);

export interface TakenDocument {
  readonly items: readonly Item[];
  readonly document: Digest;
  /** As it is kept beside the lockfile. */
  readonly bytes: Buffer;
}

/** What a signed document says of the images, once its signature is verified by one of the signers; or why it is not taken. */
export function takeDocument(document: SignedDocument, name: string, images: readonly Digest[], trust: Trust): TakenDocument | Refusal {
  const kept = documentDigest(document);
  const refuse = (code: Refusal["code"], reason: string): Refusal => ({ code, reason, document: kept });
  const verify = (signers: readonly AcceptedSigner[]) => verifyDocument(document, { subject: images, signers, name, now: trust.now, ...(trust.trustedRoot === undefined ? {} : { trustedRoot: trust.trustedRoot }) });
  const verified = verify(trust.signers);
  if (!verified.verified) return refuse(verified.code, verified.reason);
  const taken = (...items: readonly Item[]): TakenDocument => ({ items, document: kept, bytes: writeSignedDocument(document) });
  const { signer } = verified;
  if (verified.kind === "signature") return taken({ kind: "signature", digests: [verified.signature.digest], signature: { signer, origin: { format: "cosign-signature", name, document: kept, trust: "signed", signer } } });
  const digests = subjectDigests(verified.statement);
  try {
    const reading = readStatement(verified.statement, { now: trust.now });
    const origin: EvidenceOrigin = { ...reading.origin, trust: "signed", signer };
    switch (reading.kind) {
      case "scan": return taken({ kind: "scan", digests, reading, origin });
      case "provenance": return taken({ kind: "provenance", digests, provenance: { ...reading.provenance, origin } });
      case "vex": return vexOf(reading, origin) ?? refuse("vex-author", vexAuthor);
      case "sbom": {
        const bases: readonly Item[] = reading.baseImages.length === 0 ? [] : [{ kind: "bases", digests, baseImages: reading.baseImages }];
        const vex = reading.vex === undefined ? undefined : vexOf({ vex: reading.vex }, origin);
        return bases.length === 0 && vex === undefined ? refuse("not-a-scan", "a list of components, which says nothing of when the image was scanned") : taken(...bases, ...(vex?.items ?? []));
      }
      case "none": return refuse(reading.reason, reading.message);
      default: return refuse("unsupported", "a document within a document");
    }
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    const { path, expected } = error.problem;
    return refuse("malformed", `what was signed${path === "" ? "" : `, at ${path}`}: expected ${expected}`);
  }

  function vexOf({ vex }: Pick<VexReading, "vex">, origin: EvidenceOrigin): TakenDocument | undefined {
    const author = verify(trust.vexAuthors);
    return author.verified ? taken({ kind: "vex", digests, source: { vex, author: author.signer, document: kept }, origin: { ...origin, document: kept, signer: author.signer } }) : undefined;
  }
}

export const vexAuthor = "a VEX document of nobody whose VEX documents count (evidence.vexAuthors)";

/**
 * What the items say of one image together: scans are without what VEX documents about the same image leave out, these and
 * `known` ones.
 */
export function assemble(digest: Digest, items: readonly Item[], now: number, known: readonly VexSource[] = []): ImageEvidence {
  const own = items.filter(({ digests }) => digests.includes(digest));
  const documents = own.flatMap((item) => (item.kind === "vex" ? [item] : []));
  const vex = [...documents.map(({ source }) => source), ...known];
  const scans = own.flatMap((item) => (item.kind === "scan" ? [{ ...applyVex(item.reading, vex, { now }).scan, origin: item.origin }] : []));
  const signatures = own.flatMap((item) => (item.kind === "signature" ? [item.signature] : []));
  const provenance = own.flatMap((item) => (item.kind === "provenance" ? [item.provenance] : []));
  const baseImages = uniqueBases(own.flatMap((item) => (item.kind === "bases" ? item.baseImages : [])));
  return {
    ...(scans.length === 0 ? {} : { scans }), ...(signatures.length === 0 ? {} : { signatures }),
    ...(documents.length === 0 ? {} : { vex: documents.map(({ origin }) => ({ origin })) }),
    ...(provenance.length === 0 ? {} : { provenance }), ...(baseImages.length === 0 ? {} : { baseImages }),
  };
}

export function uniqueBases(images: readonly BaseImage[]): readonly BaseImage[] {
  return [...new Map(images.map((image) => [`${image.from} ${image.reference ?? ""}@${image.digest ?? ""}`, image])).values()];
}

/** The signed documents that a record needs to be verified again. */
export function documentsOf({ scans = [], signatures = [], provenance = [], vex = [] }: ImageEvidence): readonly Digest[] {
  const signed = [...scans, ...signatures, ...provenance, ...vex].flatMap(({ origin }) => (origin.trust === "signed" ? [origin.document] : []));
  const suppressing = scans.flatMap(({ suppressed = [] }) => suppressed.flatMap(({ document }) => (document === undefined ? [] : [document])));
  return [...new Set([...signed, ...suppressing])];
}
