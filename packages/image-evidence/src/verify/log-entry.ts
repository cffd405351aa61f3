import { createHash, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import type { Opened } from "./open";

export type LogEntry = Bundle["verificationMaterial"]["tlogEntries"][number];

type Value = string | number | boolean | null | undefined | { readonly [key: string]: Value };

/**
 * Why a log entry is not about this very signature: of these bytes, by this key. Without a problem, nothing.
 *
 * The library compares signature and digest, and not who signed: with ECDSA another key can be made that fits the same
 * signature and content.
 */
export function entryProblem(entry: LogEntry, opened: Opened, signature: Buffer, signer: KeyObject): string | undefined {
  let body: Value;
  try {
    body = JSON.parse(entry.canonicalizedBody.toString()) as Value;
  } catch {
    return "the body of the log entry is not JSON";
  }
  const kind = `${String(at(body, "kind"))} ${String(at(body, "apiVersion"))}`;
  if (kind !== `${entry.kindVersion.kind} ${entry.kindVersion.version}`) return "the log entry is of another kind than it says";
  const claim = readers[kind]?.(at(body, "spec"));
  if (claim === undefined) return `log entries of the kind ${/^[a-z]{1,20} [0-9.]{1,10}$/.test(kind) ? kind : "given"} are not supported`;
  if (claim.signature === undefined || !claim.signature.equals(signature)) return "the log entry is for another signature";
  const signed = claim.of === "payload" ? opened.payload : opened.signed;
  if (claim.digest === undefined || !digestOf(signed, claim.digest)) return "the log entry is for another artifact";
  const key = keyOf(claim.verifier);
  if (key === undefined || !key.equals(signer)) return "the log entry is of another signer";
  return undefined;
}

interface Claim {
  readonly signature: Buffer | undefined;
  readonly of: "payload" | "signed";
  readonly digest: Buffer | undefined;
  /** PEM or DER, of a certificate or a public key. */
  readonly verifier: Buffer | undefined;
}

/** By kind and version: github.com/sigstore/rekor/pkg/types, and protobuf-specs' rekor/v2. */
const readers: { readonly [kind: string]: (spec: Value) => Claim } = {
  "hashedrekord 0.0.1": (spec) => ({ signature: base64(at(spec, "signature", "content")), of: "signed", digest: hex(at(spec, "data", "hash", "value")), verifier: base64(at(spec, "signature", "publicKey", "content")) }),
  "dsse 0.0.1": (spec) => ({ signature: base64(only(spec, "signatures", "signature")), of: "payload", digest: hex(at(spec, "payloadHash", "value")), verifier: base64(only(spec, "signatures", "verifier")) }),
  "intoto 0.0.2": (spec) => {
    const envelope = at(spec, "content", "envelope");
    // The signature is encoded twice.
    return { signature: base64(base64(only(envelope, "signatures", "sig"))?.toString()), of: "payload", digest: hex(at(spec, "content", "payloadHash", "value")), verifier: base64(only(envelope, "signatures", "publicKey")) };
  },
  "hashedrekord 0.0.2": (spec) => {
    const entry = at(spec, "hashedRekordV002");
    return { signature: base64(at(entry, "signature", "content")), of: "signed", digest: base64(at(entry, "data", "digest")), verifier: material(at(entry, "signature", "verifier")) };
  },
  "dsse 0.0.2": (spec) => {
    const entry = at(spec, "dsseV002");
    return { signature: base64(only(entry, "signatures", "content")), of: "payload", digest: base64(at(entry, "payloadHash", "digest")), verifier: material(only(entry, "signatures", "verifier")) };
  },
};

function material(verifier: Value): Buffer | undefined {
  return base64(at(verifier, "x509Certificate", "rawBytes") ?? at(verifier, "publicKey", "rawBytes"));
}

function at(value: Value, ...path: readonly string[]): Value {
  return path.reduce<Value>((found, key) => (typeof found === "object" && found !== null && Object.hasOwn(found, key) ? found[key] : undefined), value);
}

/** Of a list with one member. */
function only(value: Value, list: string, key: string): Value {
  const members = at(value, list);
  return Array.isArray(members) && members.length === 1 ? at(members[0] as Value, key) : undefined;
}

function base64(value: Value): Buffer | undefined {
  return typeof value === "string" && value !== "" ? Buffer.from(value, "base64") : undefined;
}

function hex(value: Value): Buffer | undefined {
  return typeof value === "string" && /^(?:[0-9a-f]{2})+$/.test(value) ? Buffer.from(value, "hex") : undefined;
}

const hashes: { readonly [bytes: number]: string } = { 32: "sha256", 48: "sha384", 64: "sha512" };

export function digestOf(data: Buffer, digest: Buffer): boolean {
  const hash = hashes[digest.length];
  return hash !== undefined && createHash(hash).update(data).digest().equals(digest);
}

function keyOf(verifier: Buffer | undefined): KeyObject | undefined {
  if (verifier === undefined) return undefined;
  const pem = verifier.toString("latin1");
  for (const read of [() => new X509Certificate(verifier).publicKey, () => (pem.startsWith("-----BEGIN") ? createPublicKey(pem) : createPublicKey({ key: verifier, format: "der", type: "spki" }))]) {
    try {
      return read();
    } catch {
      // The other form, or neither.
    }
  }
  return undefined;
}
