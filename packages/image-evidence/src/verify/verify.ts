import type { AcceptedSigner, Digest, Rejection, RejectionCode, Signer } from "@bulkhead/core";
import type { TrustMaterial } from "@sigstore/verify";
import { DocumentError } from "../read/document-error";
import { digestOf, isDigest } from "../digest";
import { type VerifiedStatement, verifiedStatement } from "../statement";
import { CheckError, checkCertificateSignature, checkKeySignature } from "./check";
import { ClaimError, readClaim, type SignatureClaim } from "./claim";
import { documentDigest, type SignedDocument } from "./document";
import { OpenError, type Opened, openDocument } from "./open";
import { verifies } from "./public-key";
import { describeSigner, type PreparedSigners, prepareSigners, SignerError } from "./signers";
import { readTrustedRoot } from "./trusted-root";

export interface VerifyOptions {
  /** Digests that are the image: one, or those of its index and of the platform's manifest where both count. */
  readonly subject: Digest | readonly Digest[];
  readonly signers: readonly AcceptedSigner[];
  /** What the document is to be. Anything that was signed for the image, if not given; the result says what it is. */
  readonly wanted?: { readonly kind: "signature" } | { readonly kind: "attestation"; readonly predicateTypes?: readonly string[] };
  /** Contents of a `trusted_root.json`: needed for certificates, for `requireLog`, and to know when a key signed. */
  readonly trustedRoot?: string;
  /** Milliseconds since 1970; the clock's unless given. */
  readonly now?: number;
  /** For `proof.name`: file name or repository. */
  readonly name?: string;
  /** The bytes of the image's manifest: only for bundles that sign them directly, and do not contain them. */
  readonly artifact?: Uint8Array;
}

export type VerifiedDocument =
  | { readonly verified: true; readonly kind: "attestation"; readonly signer: Signer; readonly statement: VerifiedStatement }
  | { readonly verified: true; readonly kind: "signature"; readonly signer: Signer; readonly signature: SignatureClaim };

export type Verification = VerifiedDocument | (Rejection & { readonly verified: false });

/**
 * Verifies a signed document, offline: that it is signed by one of the accepted signers, for this image, and says what is
 * wanted. Nothing of the document is read as a claim before its signature was verified. Does not throw: what cannot be
 * verified is rejected.
 *
 * `signer.signedAt` is a time by which the signature was there, of a log or a timestamp authority of the trusted root. It is
 * absent where nobody vouches for one.
 */
export function verifyDocument(document: SignedDocument, options: VerifyOptions): Verification {
  try {
    const images = typeof options.subject === "string" ? [options.subject] : options.subject;
    const malformed = images.find((image) => !isDigest(image));
    if (images.length === 0 || malformed !== undefined) throw new CheckError("cannot-verify", "the image is not named by a digest (sha256: and 64 hexadecimal digits)");
    const opened = openDocument(document, options.artifact);
    const signer = signerOf(opened, prepareSigners(options.signers), options);
    return claimOf(document, opened, signer, images, options);
  } catch (error) {
    return rejection(error);
  }
}

function signerOf(opened: Opened, { keys, certificates }: PreparedSigners, { trustedRoot, now = Date.now() }: VerifyOptions): Signer {
  if (keys.length + certificates.length === 0) throw new CheckError("untrusted-signer", "no signer is accepted");
  const root = trustedRoot === undefined ? undefined : rootOf(trustedRoot);
  let refused: CheckError | undefined;
  for (const key of keys) {
    for (const signature of opened.signatures) {
      if (!verifies(key.key, opened.signed, signature)) continue;
      try {
        const signedAt = checkKeySignature(opened, signature, key, root, { now });
        return { kind: "key", key: key.id, ...(signedAt === undefined ? {} : { signedAt }) };
      } catch (error) {
        if (!(error instanceof CheckError)) throw error;
        refused ??= error;
      }
    }
  }
  if (refused !== undefined) throw refused;
  if (opened.certificate === undefined) throw new CheckError("untrusted-signer", keys.length === 0 ? "signed with a key, and no key is accepted" : "none of the accepted keys made the signature, or the content was changed since");
  if (certificates.length === 0) throw new CheckError("untrusted-signer", "signed with a certificate, and not by an accepted key");
  if (root === undefined) throw new CheckError("cannot-verify", "signed with a certificate, which cannot be verified without a trusted root");
  const checked = checkCertificateSignature(opened, opened.certificate, root, { now });
  const signer: Signer = { kind: "certificate", ...checked };
  if (!certificates.some((matches) => matches(checked))) throw new CheckError("untrusted-signer", `signed by ${describeSigner(signer)}, who is not accepted`);
  return signer;
}

function claimOf(document: SignedDocument, opened: Opened, signer: Signer, images: readonly Digest[], { wanted, name }: VerifyOptions): VerifiedDocument {
  const claim = opened.content === "artifact" ? { kind: "signature" as const, signature: { digest: manifestDigest(opened, images), annotations: {} } } : readClaim(opened, images);
  if (wanted !== undefined && wanted.kind !== claim.kind) throw new ClaimError("wrong-type", `it is ${nouns[claim.kind]}, and ${nouns[wanted.kind]} is asked for`);
  if (claim.kind === "signature") return { verified: true, kind: "signature", signer, signature: claim.signature };
  if (wanted?.kind === "attestation" && wanted.predicateTypes?.includes(claim.statement.predicateType) === false) throw new ClaimError("wrong-type", "its statement is of another type than asked for");
  return { verified: true, kind: "attestation", signer, statement: verifiedStatement(claim.statement, { signer, document: documentDigest(document), name: name ?? "" }) };
}

const nouns = { signature: "a signature", attestation: "an attestation" } as const;

function manifestDigest({ payload }: Opened, images: readonly Digest[]): Digest {
  const digest = digestOf(payload);
  if (!images.includes(digest)) throw new ClaimError("wrong-subject", "the signature is on another artifact");
  return digest;
}

function rootOf(text: string): TrustMaterial {
  try {
    return readTrustedRoot(text);
  } catch (error) {
    throw new CheckError("cannot-verify", error instanceof DocumentError ? `the trusted root cannot be read: ${error.problem.expected} is expected` : "the trusted root cannot be read");
  }
}

function rejection(error: unknown): Rejection & { readonly verified: false } {
  const reject = (code: RejectionCode, reason: string): Rejection & { readonly verified: false } => ({ verified: false, code, reason });
  if (error instanceof CheckError || error instanceof ClaimError || error instanceof OpenError) return reject(error.code, error.message);
  if (error instanceof SignerError) return reject("cannot-verify", `an accepted signer cannot be used: ${error.message}`);
  // Of the problem only the place: what stands there is content.
  if (error instanceof DocumentError) return reject("malformed", `${error.problem.path === "" ? "what was signed" : `what was signed, at ${error.problem.path}`}: expected ${error.problem.expected}`);
  return reject("malformed", "the document cannot be decoded");
}
