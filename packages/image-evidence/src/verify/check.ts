import { createPublicKey, type KeyObject } from "node:crypto";
import type { RejectionCode } from "@bulkhead/core";
import type { SignedEntity, TrustMaterial } from "@sigstore/verify";
import { formatInstant } from "../instant";
import { type CertificateIdentity, CertificateError, certificateIdentity } from "./certificate";
import { digestOf, entryProblem } from "./log-entry";
import type { Opened } from "./open";
import { verifies } from "./public-key";
import type { KeySigner } from "./signers";
import { sigstoreVerify } from "./sigstore";

/** A signature that does not count, and why. */
export class CheckError extends Error {
  readonly code: RejectionCode;
  constructor(code: RejectionCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

interface Times {
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Log and timestamp authorities have clocks of their own. */
const clockSkew = 5 * 60_000;

/**
 * Checks log entries and timestamps of a signature that the key was found to have made. Returns the instant that it was
 * made at or before, where that is known.
 *
 * An entry that is there must be about this very signature. Without a trusted root it is not known to be in a log, so
 * nothing is taken from it: no time, and not the fulfilment of `requireLog`.
 *
 * @throws {CheckError}
 */
export function checkKeySignature(opened: Opened, signature: Buffer, signer: KeySigner, root: TrustMaterial | undefined, { now }: Times): string | undefined {
  const bundle = opened.bundle(signature);
  const { tlogEntries } = bundle.verificationMaterial;
  if (signer.requireLog && tlogEntries.length === 0) throw new CheckError("no-log-entry", "the signature is in no transparency log, which is required of this key");
  checkEntries(opened, signature, tlogEntries, signer.key);
  if (root === undefined) {
    if (signer.requireLog) throw new CheckError("cannot-verify", "the entry of the transparency log cannot be verified without a trusted root");
    return undefined;
  }
  const entity = entityOf(opened, signature);
  const material: TrustMaterial = { ...root, publicKey: () => ({ publicKey: signer.key, validFor: () => true }) };
  run({ ...entity, key: { $case: "public-key", hint: "" } }, material, { tlogThreshold: signer.requireLog ? 1 : 0, timestampThreshold: 0, ctlogThreshold: 0 });
  return signedAt(entity, now);
}

export interface CheckedCertificate extends CertificateIdentity {
  readonly signedAt: string;
}

/**
 * Checks a signature that was made with a certificate: that it fits, that the certificate is of an authority of the root,
 * is in a certificate log, and was valid at a time that a log or a timestamp authority vouches for, and that the signature
 * is in a transparency log.
 *
 * @throws {CheckError}
 */
export function checkCertificateSignature(opened: Opened, certificate: Buffer, root: TrustMaterial, { now }: Times): CheckedCertificate {
  const [signature, ...others] = opened.signatures;
  if (signature === undefined || others.length > 0) throw new CheckError("malformed", "there is not exactly one signature");
  const entity = entityOf(opened, signature);
  if (entity.key.$case !== "certificate") throw new CheckError("malformed", "there is no certificate");
  let key: KeyObject;
  let identity: CertificateIdentity;
  try {
    key = createPublicKey({ key: entity.key.certificate.publicKey, format: "der", type: "spki" });
    identity = certificateIdentity(entity.key.certificate, certificate);
  } catch (error) {
    throw new CheckError("malformed", error instanceof CertificateError ? error.message : "the certificate cannot be decoded");
  }
  if (!verifies(key, opened.signed, signature)) throw new CheckError("bad-signature", "the signature does not fit the content");
  const { tlogEntries } = opened.bundle(signature).verificationMaterial;
  if (tlogEntries.length === 0) throw new CheckError("no-log-entry", "the signature is in no transparency log, which is required with a certificate");
  checkEntries(opened, signature, tlogEntries, key);
  run(entity, root, {});
  const at = signedAt(entity, now);
  if (at === undefined) throw new CheckError("no-log-entry", "nobody vouches for the time of the signature");
  return { ...identity, signedAt: at };
}

function checkEntries(opened: Opened, signature: Buffer, entries: ReturnType<Opened["bundle"]>["verificationMaterial"]["tlogEntries"], key: KeyObject): void {
  for (const entry of entries) {
    const problem = entryProblem(entry, opened, signature, key);
    if (problem !== undefined) throw new CheckError("no-log-entry", problem);
  }
}

/**
 * The library verifies logs, timestamps and certificates; what was signed is ours to say: it takes one hash for all keys,
 * and a timestamp of cosign 2 is not over the signature.
 */
function entityOf(opened: Opened, signature: Buffer): SignedEntity {
  const bundle = opened.bundle(signature);
  let entity: SignedEntity;
  try {
    entity = sigstoreVerify().toSignedEntity(bundle, opened.signed);
  } catch {
    throw new CheckError("malformed", "the certificate or a timestamp cannot be decoded");
  }
  const content: SignedEntity["signature"] = {
    signature: opened.timestamped ?? signature,
    compareSignature: (other) => other.equals(signature),
    compareDigest: (digest) => digestOf(opened.payload, digest),
    compareSignedDigest: (digest) => digestOf(opened.signed, digest),
    verifySignature: (key) => verifies(key, opened.signed, signature),
  };
  return { ...entity, signature: content };
}

type VerifierOptions = NonNullable<ConstructorParameters<typeof import("@sigstore/verify").Verifier>[1]>;

/** Thresholds that are not given are one each. */
function run(entity: SignedEntity, material: TrustMaterial, options: VerifierOptions): void {
  const { Verifier, VerificationError } = sigstoreVerify();
  try {
    new Verifier(material, options).verify(entity);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw new CheckError("malformed", "a part of the document cannot be decoded");
    throw new CheckError(codes[error.code] ?? "bad-signature", reasons[error.code] ?? "the signature could not be verified");
  }
}

type LibraryCode = import("@sigstore/verify").VerificationError["code"];

const codes: { readonly [code in LibraryCode]?: RejectionCode } = {
  TLOG_ERROR: "no-log-entry",
  TLOG_INCLUSION_PROOF_ERROR: "no-log-entry",
  TLOG_INCLUSION_PROMISE_ERROR: "no-log-entry",
  TLOG_MISSING_INCLUSION_ERROR: "no-log-entry",
  TLOG_BODY_ERROR: "no-log-entry",
  TIMESTAMP_ERROR: "no-log-entry",
  CERTIFICATE_ERROR: "untrusted-signer",
  PUBLIC_KEY_ERROR: "untrusted-signer",
};

/** The library's own messages quote the document. */
const reasons: { readonly [code in LibraryCode]?: string } = {
  TLOG_ERROR: "there are too few log entries, or one twice",
  TLOG_INCLUSION_PROOF_ERROR: "the proof that the entry is in the log does not hold, or the log is not one of the trusted root",
  TLOG_INCLUSION_PROMISE_ERROR: "the log's promise to include the entry does not hold, or the log is not one of the trusted root",
  TLOG_MISSING_INCLUSION_ERROR: "the log entry has neither a promise nor a proof of inclusion",
  TLOG_BODY_ERROR: "the log entry is not about this signature",
  TIMESTAMP_ERROR: "there is no trusted time: a timestamp does not hold, or there is none",
  CERTIFICATE_ERROR: "the certificate is not of an authority of the trusted root, was not valid when the signature was made, or is in none of the root's certificate logs",
};

/** The earliest time that somebody vouches for: the signature was there by then. All of them were verified before. */
function signedAt({ timestamps }: SignedEntity, now: number): string | undefined {
  const times = timestamps.flatMap((timestamp) => {
    if (timestamp.$case === "timestamp-authority") return [timestamp.timestamp.signingTime.getTime()];
    // Without a promise the log's time is not signed.
    return timestamp.tlogEntry.inclusionPromise === undefined ? [] : [Number(timestamp.tlogEntry.integratedTime) * 1000];
  });
  if (times.some((time) => !Number.isFinite(time) || time > now + clockSkew)) throw new CheckError("no-log-entry", "the signature is dated in the future");
  return times.length === 0 ? undefined : formatInstant(Math.min(...times));
}
