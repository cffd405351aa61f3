import { createHash, X509Certificate } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { statementPayloadType } from "../statement";
import { parseBundle } from "./bundle";
import { strictBase64 } from "./canonical";
import type { CosignMaterial, RekorBundle, SignedDocument } from "./document";
import { sigstoreBundle } from "./sigstore";

/** What a signature is over, and what came with it: the same for every kind of document. */
export interface Opened {
  /** `attestation`: `payload` is a statement. `simple-signing`: a signature claim. `artifact`: the image's own manifest. */
  readonly content: "attestation" | "simple-signing" | "artifact";
  readonly payload: Buffer;
  /** The bytes that were signed. */
  readonly signed: Buffer;
  readonly signatures: readonly Buffer[];
  /** What timestamps are over, where that is not the signature itself. */
  readonly timestamped?: Buffer;
  /** DER. Without one the document was signed with a key. */
  readonly certificate?: Buffer;
  /** As the library takes it: log entries and timestamps, with the one signature that is to be verified. */
  bundle(signature: Buffer): Bundle;
}

/** A document that does not fit together. `code` as in Rejection. */
export class OpenError extends Error {
  readonly code: "malformed" | "cannot-verify" | "bad-signature";
  constructor(code: OpenError["code"], reason: string) {
    super(reason);
    this.code = code;
  }
}

/**
 * Pre-authentication encoding of DSSE: lengths are of bytes, so that no type and payload can be taken for another type and
 * another payload.
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** @param artifact the bytes of the image's manifest, for a bundle that signs them and does not contain them. */
export function openDocument(document: SignedDocument, artifact?: Uint8Array): Opened {
  if (document.kind === "bundle") return openBundle(parseBundle(document.bundle), artifact);
  const certificate = document.certificate === undefined ? undefined : leafOf(document.certificate);
  if (document.kind === "simple-signing") {
    const payload = Buffer.from(document.payload);
    const content = (signature: Buffer): Bundle["content"] => ({ $case: "messageSignature", messageSignature: { messageDigest: { algorithm: 1, digest: sha256(payload) }, signature } });
    return { content: "simple-signing", payload, signed: payload, signatures: [bytes(document.signature)], ...(certificate === undefined ? {} : { certificate }), bundle: (signature) => cosignBundle(document, certificate, content(signature)) };
  }
  const envelope = JSON.parse(document.envelope) as { payloadType: string; payload: string; signatures: readonly { sig: string }[] };
  checkType(envelope.payloadType);
  const payload = bytes(envelope.payload);
  const signatures = envelope.signatures.map(({ sig }) => bytes(sig));
  if (certificate !== undefined && signatures.length > 1) throw new OpenError("malformed", "there is one certificate, and more than one signature");
  const content = (sig: Buffer): Bundle["content"] => ({ $case: "dsseEnvelope", dsseEnvelope: { payloadType: envelope.payloadType, payload, signatures: [{ sig, keyid: "" }] } });
  return {
    content: "attestation",
    payload,
    signed: preAuthEncoding(envelope.payloadType, payload),
    signatures,
    // cosign 2 asks for a timestamp over the envelope: pkg/cosign/verify.go, VerifyRFC3161Timestamp.
    timestamped: Buffer.from(document.envelope),
    ...(certificate === undefined ? {} : { certificate }),
    bundle: (signature) => cosignBundle(document, certificate, content(signature)),
  };
}

function openBundle(bundle: Bundle, artifact: Uint8Array | undefined): Opened {
  const { content } = bundle.verificationMaterial;
  const raw = content.$case === "certificate" ? content.certificate.rawBytes : content.$case === "x509CertificateChain" ? content.x509CertificateChain.certificates[0]?.rawBytes : undefined;
  const common = { ...(raw === undefined ? {} : { certificate: raw }), bundle: () => bundle };
  if (bundle.content.$case === "dsseEnvelope") {
    const { payload, payloadType, signatures } = bundle.content.dsseEnvelope;
    checkType(payloadType);
    return { ...common, content: "attestation", payload, signed: preAuthEncoding(payloadType, payload), signatures: signatures.map(({ sig }) => sig) };
  }
  if (artifact === undefined) throw new OpenError("cannot-verify", "the bundle signs an artifact that it does not contain, and the image's manifest is not at hand");
  const { messageDigest, signature } = bundle.content.messageSignature;
  const payload = Buffer.from(artifact);
  const hash = { 1: "sha256", 2: "sha384", 3: "sha512" }[messageDigest.algorithm as number];
  if (hash === undefined) throw new OpenError("malformed", "the digest of the artifact is of an algorithm that is not known");
  if (!createHash(hash).update(payload).digest().equals(messageDigest.digest)) throw new OpenError("bad-signature", "the bundle signs another artifact");
  return { ...common, content: "artifact", payload, signed: payload, signatures: [signature] };
}

function cosignBundle(material: CosignMaterial, certificate: Buffer | undefined, content: Bundle["content"]): Bundle {
  const { rekorBundle, timestamp } = material;
  return {
    mediaType: sigstoreBundle().BUNDLE_V01_MEDIA_TYPE,
    content,
    verificationMaterial: {
      content: certificate === undefined ? { $case: "publicKey", publicKey: { hint: "" } } : { $case: "certificate", certificate: { rawBytes: certificate } },
      tlogEntries: rekorBundle === undefined ? [] : [logEntry(rekorBundle)],
      timestampVerificationData: { rfc3161Timestamps: timestamp === undefined ? [] : [{ signedTimestamp: bytes(timestamp) }] },
    },
  } as Bundle;
}

function logEntry({ SignedEntryTimestamp, Payload }: RekorBundle): Bundle["verificationMaterial"]["tlogEntries"][number] {
  const canonicalizedBody = bytes(Payload.body);
  let body: { readonly kind?: unknown; readonly apiVersion?: unknown } | null;
  try {
    body = JSON.parse(canonicalizedBody.toString()) as typeof body;
  } catch {
    throw new OpenError("malformed", "the body of the log entry is not JSON");
  }
  return {
    logIndex: String(Payload.logIndex),
    logId: { keyId: Buffer.from(Payload.logID, "hex") },
    kindVersion: { kind: String(body?.kind), version: String(body?.apiVersion) },
    integratedTime: String(Payload.integratedTime),
    inclusionPromise: { signedEntryTimestamp: bytes(SignedEntryTimestamp) },
    inclusionProof: undefined,
    canonicalizedBody,
  };
}

function leafOf(pem: string): Buffer {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;
  if (blocks !== 1) throw new OpenError("malformed", "the certificate is not one PEM block");
  try {
    return new X509Certificate(pem).raw;
  } catch {
    throw new OpenError("malformed", "the certificate cannot be decoded");
  }
}

function checkType(payloadType: string): void {
  if (payloadType !== statementPayloadType) throw new OpenError("malformed", `the payload's type is not ${statementPayloadType}`);
}

/** The reader has checked that it is base64; a document that another made may still be anything. */
function bytes(text: string): Buffer {
  const found = strictBase64(text);
  if (found === undefined || found.length === 0) throw new OpenError("malformed", "base64 that is not in its canonical form");
  return found;
}

function sha256(data: Uint8Array): Buffer {
  return createHash("sha256").update(data).digest();
}
