import type { BaseImage, Digest, EvidenceOrigin, ImageProvenance, ImageScan, Instant, Suppression, VulnerabilitySeverity } from "@bulkhead/core";
import type { VexDocument } from "./vex-document";

/**
 * A digest that a document names, and what it is a digest of:
 * - `image`: of a manifest or an index, as a registry knows it.
 * - `config`: of an image's config, which Docker's classic store calls the image's id. Never the digest of a manifest.
 * - `computed`: of a manifest as the scanner had it. It is the registry's only where the scanner read it from there: an
 *   image that came out of a daemon or an archive was packed anew.
 */
export interface SubjectDigest {
  readonly digest: Digest;
  readonly kind: "image" | "config" | "computed";
  /** `docker.io/library/debian`, where the document names it. */
  readonly repository?: string;
}

/** One vulnerability in one package. */
export interface Finding {
  readonly id: string;
  /** Other names of the same vulnerability: a CVE for a GHSA. */
  readonly aliases?: readonly string[];
  readonly severity: VulnerabilitySeverity;
  /** A released version of the package mends it. */
  readonly fixable: boolean;
  /** Of the package. */
  readonly purl?: string;
}

/** Why a document that was recognised is no evidence. */
export type NoEvidenceReason =
  /** No digest of an image that a registry knows. */
  | "no-digest"
  /** Nothing says when the image was scanned. */
  | "no-time"
  /** The only time is one that conversion sets anew (CycloneDX, `trivy convert`). */
  | "restamped"
  /** A scan of something else: a directory, a repository, a cluster, a virtual machine. */
  | "not-an-image"
  /** Of more than one image: which finding is whose cannot be told. */
  | "several-images"
  /** The scan did not complete, or its result is out of date by the scanner's own account. */
  | "scanner-failed"
  /** Made by a version of a scanner that is known to be bad. */
  | "denied-scanner"
  /** Scanned after now, or after it was signed. */
  | "future"
  /** A signed verdict that does not say that the image was scanned for vulnerabilities. */
  | "not-a-scan"
  /** A format or predicate that is known and not read. */
  | "unsupported";

/** What a document has, whether or not it is accepted. */
export interface DocumentContent {
  /** Every digest once, in the order of the document. */
  readonly subjects: readonly SubjectDigest[];
  /** The earliest of the times that the document gives for the scan, as its format names them. */
  readonly time?: Instant;
  readonly findings: readonly Finding[];
}

/** Where a reading comes from; who vouches for it is the caller's to say. */
export type DocumentOrigin = Omit<EvidenceOrigin, "trust" | "signer">;
export type UnattributedScan = Omit<ImageScan, "origin">;
export type UnattributedProvenance = Omit<ImageProvenance, "origin">;

interface ReadingOf {
  readonly origin: DocumentOrigin;
  readonly content: DocumentContent;
}

export interface ScanReading extends ReadingOf {
  readonly kind: "scan";
  /** The images that were scanned: of kind `image` only. */
  readonly digests: readonly Digest[];
  readonly scan: UnattributedScan;
}

export interface VexReading extends ReadingOf {
  readonly kind: "vex";
  readonly vex: VexDocument;
}

export interface ProvenanceReading extends ReadingOf {
  readonly kind: "provenance";
  readonly digests: readonly Digest[];
  readonly provenance: UnattributedProvenance;
}

/** A list of components. It is no scan, even where it lists vulnerabilities. */
export interface SbomReading extends ReadingOf {
  readonly kind: "sbom";
  readonly digests: readonly Digest[];
  readonly baseImages: readonly BaseImage[];
  /** Where vulnerabilities are analysed in it. */
  readonly vex?: VexDocument;
}

/** cosign's statement that an image is signed (`https://sigstore.dev/cosign/sign/v1`). */
export interface SignatureReading extends ReadingOf {
  readonly kind: "signature";
  readonly digests: readonly Digest[];
}

/** A document that says nothing before its signature is verified. */
export interface EnvelopeReading {
  readonly kind: "envelope";
  readonly format: "dsse" | "sigstore-bundle" | "cosign-simple-signing";
  readonly origin: DocumentOrigin;
  /** The JSON value. */
  readonly value: unknown;
}

export interface NoEvidence extends ReadingOf {
  readonly kind: "none";
  readonly reason: NoEvidenceReason;
  /** A sentence. */
  readonly message: string;
}

export type Reading = ScanReading | VexReading | ProvenanceReading | SbomReading | SignatureReading | EnvelopeReading | NoEvidence;

/** What a reader of one format found, before it is judged. */
export interface ScanDraft {
  readonly format: string;
  readonly scanner: { readonly name: string; readonly version?: string };
  /** Further tools that had a part in it: the deny-list is held against them too. */
  readonly tools?: readonly { readonly name: string; readonly version?: string }[];
  /** Milliseconds since 1970. */
  readonly times: readonly (number | undefined)[];
  /** Times that conversion sets anew: known, and never the time of a scan. */
  readonly restamped?: readonly (number | undefined)[];
  readonly databaseBuiltAt?: number | undefined;
  readonly subjects: readonly SubjectDigest[];
  readonly platform?: string | undefined;
  readonly findings: readonly Finding[];
  readonly suppressed?: readonly Suppression[];
  readonly verdictOnly?: boolean;
  /** What makes it no evidence from the start. */
  readonly refusal?: { readonly reason: NoEvidenceReason; readonly message: string } | undefined;
}
