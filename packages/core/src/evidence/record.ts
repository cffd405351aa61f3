/**
 * What is known of images, one record per digest: the shape of `bulkhead.evidence.json` and what rules are given.
 *
 * Digests are `sha256:` and 64 lower-case hexadecimal digits. Instants are RFC 3339 in UTC, as
 * `2026-11-24T22:47:58Z` (fractions of a second are kept where a source has them).
 */
export type Digest = string;
export type Instant = string;

/** Worst first. `unknown` is what a scanner could not rate; it is never taken for harmless. */
export const vulnerabilitySeverities = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;
export type VulnerabilitySeverity = (typeof vulnerabilitySeverities)[number];

/** The ids of one severity, sorted: those that a released version of the package mends, and those that none does. */
export interface VulnerabilityIds {
  readonly fixable?: readonly string[];
  readonly unfixed?: readonly string[];
}

/** A vulnerability that was found and is not counted: by a VEX statement, or by the scanner's own list of exceptions. */
export interface Suppression {
  readonly id: string;
  readonly by: "vex" | "scanner";
  /** `not_affected` or `fixed` for VEX; what the scanner calls it otherwise. */
  readonly status: string;
  /** The justification of a VEX statement, of a closed list; never free text. */
  readonly justification?: string;
  /** Who signed the VEX document, where it was signed. */
  readonly author?: Signer;
  /** The signed VEX document, kept beside the lockfile. */
  readonly document?: Digest;
}

/** Who vouched for a document, as verified when it was gathered. A rule that trusts nobody asks for it to be verified anew. */
export type Signer =
  /** `key`: `sha256:` and the digest of the key's SubjectPublicKeyInfo (DER). */
  | { readonly kind: "key"; readonly key: Digest; readonly signedAt?: Instant }
  /** `identity`: the certificate's subject alternative name; `issuer`: that of its OIDC token. */
  | { readonly kind: "certificate"; readonly identity: string; readonly issuer: string; readonly signedAt?: Instant };

/**
 * - `signed`: an attestation whose signature was verified.
 * - `registry`: a registry's or a scanner's own answer over an authenticated connection.
 * - `local`: a file that anyone could have written.
 */
export type Trust = "signed" | "registry" | "local";

/** The document that a record was read from. */
export interface EvidenceOrigin {
  /** As it is detected: `trivy-json`, `grype-json`, `cosign-vuln`, `in-toto-vulns`, `slsa-provenance-v1` ... */
  readonly format: string;
  /** File name, or the repository that the document was fetched from; never with a credential in it. */
  readonly name: string;
  /** Digest of the document's bytes. Signed documents are kept beside the lockfile under this name. */
  readonly document: Digest;
  readonly trust: Trust;
  /** For `signed`. */
  readonly signer?: Signer;
}

/** One scan of one image. */
export interface ImageScan {
  readonly scanner: { readonly name: string; readonly version?: string };
  /** When the image was scanned: the earliest of the times that the document gives. */
  readonly scannedAt: Instant;
  /** When the database of vulnerabilities was built. */
  readonly databaseBuiltAt?: Instant;
  /** Of an image for several platforms, the one that was scanned: `linux/amd64`, `linux/arm/v7`. */
  readonly platform?: string;
  /** What remains after VEX and the scanner's exceptions. Severities without a vulnerability are left out. */
  readonly vulnerabilities: { readonly [S in VulnerabilitySeverity]?: VulnerabilityIds };
  readonly suppressed?: readonly Suppression[];
  /** The scanner looked, and lists no vulnerability of its own accord: a signed verdict without findings (SVR, VSA). */
  readonly verdictOnly?: boolean;
  readonly origin: EvidenceOrigin;
}

/** A signature on the image itself, of which the document is kept beside the lockfile. */
export interface ImageSignature {
  readonly signer: Signer;
  readonly origin: EvidenceOrigin;
}

/** A signed VEX document about the image, kept beside the lockfile. It counts for every scan of it, whichever was added first. */
export interface ImageVex {
  readonly origin: EvidenceOrigin;
}

export interface BaseImage {
  /** Normalised, as far as the source says: `docker.io/library/debian:13`. */
  readonly reference?: string;
  readonly digest?: Digest;
  readonly from: "provenance" | "sbom" | "label" | "dockerfile";
}

/** How an image was built: SLSA provenance 0.2 or 1.0. */
export interface ImageProvenance {
  /** `builder.id`. */
  readonly builder: string;
  readonly buildType?: string;
  /** The source repository's URI, without a `git+` prefix, without a reference. */
  readonly source?: string;
  /** Git reference that was built: `refs/heads/main`. */
  readonly sourceRef?: string;
  /** Commit, in hexadecimal. */
  readonly commit?: string;
  /** URIs with digests (`algorithm:hex`), sorted. */
  readonly materials?: readonly { readonly uri: string; readonly digest?: string }[];
  readonly baseImages?: readonly BaseImage[];
  readonly origin: EvidenceOrigin;
}

/** Everything known of one digest: an image index, or the manifest of one platform. */
export interface ImageEvidence {
  /** For an index: the manifest of each platform. Attestation manifests are not images and not listed. */
  readonly platforms?: { readonly [platform: string]: Digest };
  /** For a manifest: digest of its config, which Docker's classic store calls the image's id. Never one of a manifest. */
  readonly config?: Digest;
  /** `created` of the config; of an index the oldest of its platforms. */
  readonly createdAt?: Instant;
  /** From the labels `org.opencontainers.image.base.name` and `.digest`, and from SBOMs. Provenance has its own. */
  readonly baseImages?: readonly BaseImage[];
  readonly scans?: readonly ImageScan[];
  readonly signatures?: readonly ImageSignature[];
  readonly provenance?: readonly ImageProvenance[];
  readonly vex?: readonly ImageVex[];
}

/** What a tag named when it was looked at. */
export interface Resolution {
  readonly digest: Digest;
  readonly resolvedAt: Instant;
  /** The tag names another image since: the lock keeps what was accepted, until the move is accepted too. */
  readonly moved?: { readonly digest: Digest; readonly seenAt: Instant };
}

/** `bulkhead.evidence.json`. Keys are sorted, lists too; one entry per digest and per reference. */
export interface EvidenceLock {
  readonly schemaVersion: 1;
  /** By normalised reference with a tag and no digest: `docker.io/library/nginx:1.29`. */
  readonly references: { readonly [reference: string]: Resolution };
  readonly images: { readonly [digest: Digest]: ImageEvidence };
}
