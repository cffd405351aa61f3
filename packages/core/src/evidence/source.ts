import type { Digest, ImageEvidence, ImageProvenance, ImageScan, ImageSignature, Resolution } from "./record";

/** Whose signature is accepted. An issuer without an identity, or an identity without an issuer, is no policy. */
export type AcceptedSigner =
  /** A public key, PEM (SubjectPublicKeyInfo). `requireLog`: the signature must be in the transparency log too. */
  | { readonly kind: "key"; readonly key: string; readonly requireLog?: boolean }
  /** A certificate of Fulcio: both must match, the identity as a whole. `pattern` is a regular expression, anchored by us. */
  | { readonly kind: "certificate"; readonly issuer: string; readonly identity: { readonly exact: string } | { readonly pattern: string } };

/** Why a signed document does not count. */
export type RejectionCode =
  /** The document is not kept beside the lockfile, or its bytes have another digest. */
  | "document-missing"
  /** Not a signed document of a kind that is read. */
  | "malformed"
  /** The signature does not fit the content. */
  | "bad-signature"
  /** Signed, but by nobody who is accepted. */
  | "untrusted-signer"
  /** Signed for another image. */
  | "wrong-subject"
  /** A statement of another type than asked for. */
  | "wrong-type"
  /** No valid entry of the transparency log, or no trusted time. */
  | "no-log-entry"
  /** What the lockfile says differs from what the signed document says. */
  | "differs-from-document"
  /** Verification needs something that is not there: a trusted root. */
  | "cannot-verify";

export interface Rejection {
  readonly code: RejectionCode;
  /** For people; names keys and identities, never content of the document. */
  readonly reason: string;
}

/** Those records whose documents were verified now, by one of the accepted signers, and why the others were not. */
export interface VerifiedRecords<T> {
  readonly accepted: readonly T[];
  readonly rejected: readonly { readonly record: T; readonly rejection: Rejection }[];
}

export type EvidenceStatus =
  | { readonly kind: "loaded"; readonly file: string }
  /** `file` is where the lockfile was looked for. */
  | { readonly kind: "missing"; readonly file: string }
  | { readonly kind: "unreadable"; readonly file: string; readonly problem: string };

/**
 * What rules may ask of gathered evidence. Every answer is synchronous, and without `ask` offline and the same for the same
 * lockfile and time.
 */
export interface EvidenceSource {
  readonly status: EvidenceStatus;
  /**
   * Present where registries are asked during the run (`evidence.live`). Has the registry asked, once a run, for what the
   * image is now and what is attached to it; from then on every other answer counts that. Gives why it could not be asked,
   * as the end of a sentence, or nothing. An image id is only looked for among what was asked: no registry knows it.
   */
  ask?(image: string): string | undefined;
  /** Images that may be asked for soon, so that they are asked for together with the first of them. */
  expect?(images: readonly string[]): void;
  /** Why documents that the registry has attached to the image were not taken, with `ask`; none where all were. */
  refusals?(digest: Digest): readonly string[];
  /** By a normalised reference with a tag and no digest, or nothing where the lock does not know it. */
  resolve(reference: string): Resolution | undefined;
  image(digest: Digest): ImageEvidence | undefined;
  /** The indexes that list a manifest. */
  indexesOf(manifest: Digest): readonly Digest[];
  /** The manifest that has a config, by the config's digest. */
  manifestOfConfig(config: Digest): Digest | undefined;
  /** Names of the signers that the configuration defines. */
  readonly signers: readonly string[];
  /**
   * Records of the image whose kept documents verify now, by one of the named signers. Without names nothing is
   * accepted; a name that is not among `signers` accepts nothing.
   */
  verifyScans(digest: Digest, signers: readonly string[]): VerifiedRecords<ImageScan>;
  verifySignatures(digest: Digest, signers: readonly string[]): VerifiedRecords<ImageSignature>;
  verifyProvenance(digest: Digest, signers: readonly string[]): VerifiedRecords<ImageProvenance>;
}
