import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { AcceptedSigner } from "@bulkhead/core";
import { canonicalJson, type JsonObject } from "../../packages/image-evidence/src/verify/canonical.ts";
import type { RekorBundle, SignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { preAuthEncoding } from "../../packages/image-evidence/src/verify/open.ts";

/** A certificate authority, a certificate log and a transparency log of our own: for what no honest ones would sign. */
export interface Authority {
  readonly trustedRoot: string;
  issue(options: Issue): Certificate;
  /** An entry with the log's promise. */
  log(body: JsonObject, at: number): RekorBundle;
  /** An entry with promise and proof, as bundles have it. */
  entry(body: JsonObject, at: number): JsonObject;
}

export interface Issue {
  /** DER of general names; a URI for text. */
  readonly names: string | readonly Buffer[];
  readonly issuer?: string;
  readonly from: number;
  readonly usage?: string;
  readonly extra?: readonly Buffer[];
}

export interface Certificate {
  readonly der: Buffer;
  readonly pem: string;
  readonly key: KeyObject;
}

export const sha256 = (data: Uint8Array | string): Buffer => createHash("sha256").update(data).digest();
export const newKey = (): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } => generateKeyPairSync("ec", { namedCurve: "P-256" });
export const pemOf = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }) as string;
export const accepted = (key: KeyObject, requireLog = false): AcceptedSigner => ({ kind: "key", key: pemOf(key), requireLog });

const spki = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" });

/** Tag, length, value. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const size = value.length < 128 ? Buffer.from([value.length]) : value.length < 256 ? Buffer.from([0x81, value.length]) : Buffer.from([0x82, value.length >> 8, value.length & 255]);
  return Buffer.concat([Buffer.from([tag]), size, value]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return der(6, Buffer.from(bytes));
}

export const extension = (id: string, value: Buffer): Buffer => der(0x30, oid(id), der(4, value));
export const uri = (text: string): Buffer => der(0x86, Buffer.from(text, "latin1"));
const ecdsa = der(0x30, oid("1.2.840.10045.4.3.2"));
const nameOf = (text: string): Buffer => der(0x30, der(0x31, der(0x30, oid("2.5.4.3"), der(12, Buffer.from(text)))));
const time = (at: number): Buffer => der(0x18, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`));
const bits = (value: Buffer): Buffer => der(3, Buffer.from([0]), value);
const year = 365 * 86_400_000;

export function createAuthority(start: number): Authority {
  const ca = newKey();
  const ctlog = newKey();
  const rekor = newKey();
  const signed = (tbs: Buffer): Buffer => der(0x30, tbs, ecdsa, bits(sign("sha256", tbs, ca.privateKey)));
  const tbsOf = (subject: string, key: KeyObject, from: number, until: number, extensions: readonly Buffer[]): Buffer =>
    der(0x30, der(0xa0, der(2, Buffer.from([2]))), der(2, Buffer.from([1])), ecdsa, nameOf("test authority"), der(0x30, time(from), time(until)), nameOf(subject), spki(key), der(0xa3, der(0x30, ...extensions)));
  const root = signed(tbsOf("test authority", ca.publicKey, start - year, start + year, [extension("2.5.29.19", der(0x30, der(1, Buffer.from([255]))))]));

  /** RFC 6962, section 3.2. */
  const sct = (tbs: Buffer, at: number): Buffer => {
    const stamp = Buffer.alloc(8);
    stamp.writeBigUInt64BE(BigInt(at));
    const length = Buffer.from([tbs.length >> 16, (tbs.length >> 8) & 255, tbs.length & 255]);
    const signature = sign("sha256", Buffer.concat([Buffer.from([0, 0]), stamp, Buffer.from([0, 1]), sha256(spki(ca.publicKey)), length, tbs, Buffer.from([0, 0])]), ctlog.privateKey);
    const item = Buffer.concat([Buffer.from([0]), sha256(spki(ctlog.publicKey)), stamp, Buffer.from([0, 0, 4, 3, 0, signature.length]), signature]);
    return Buffer.concat([Buffer.from([0, item.length + 2, 0, item.length]), item]);
  };

  const log = (body: JsonObject, at: number): RekorBundle => {
    const Payload = { body: Buffer.from(canonicalJson(body)).toString("base64"), integratedTime: Math.floor(at / 1000), logIndex: 7, logID: sha256(spki(rekor.publicKey)).toString("hex") };
    return { SignedEntryTimestamp: sign("sha256", Buffer.from(canonicalJson(Payload)), rekor.privateKey).toString("base64"), Payload };
  };

  const instance = (key: KeyObject, baseUrl: string): JsonObject => ({
    baseUrl,
    hashAlgorithm: "SHA2_256",
    publicKey: { rawBytes: spki(key).toString("base64"), keyDetails: "PKIX_ECDSA_P256_SHA_256", validFor: { start: new Date(start - year).toISOString() } },
    logId: { keyId: sha256(spki(key)).toString("base64") },
  });

  return {
    trustedRoot: JSON.stringify({
      mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
      tlogs: [instance(rekor.publicKey, "https://log.test")],
      certificateAuthorities: [{ subject: { commonName: "test authority" }, uri: "https://ca.test", certChain: { certificates: [{ rawBytes: root.toString("base64") }] }, validFor: { start: new Date(start - year).toISOString() } }],
      ctlogs: [instance(ctlog.publicKey, "https://certificates.test")],
    }),
    issue({ names, issuer = "https://issuer.test", from, usage = "1.3.6.1.5.5.7.3.3", extra = [] }) {
      const key = newKey();
      const extensions = [
        extension("2.5.29.37", der(0x30, oid(usage))),
        extension("2.5.29.17", der(0x30, ...(typeof names === "string" ? [uri(names)] : names))),
        extension("1.3.6.1.4.1.57264.1.8", der(12, Buffer.from(issuer))),
        ...extra,
      ];
      const until = from + 600_000;
      const bare = tbsOf("", key.publicKey, from, until, extensions);
      const bytes = signed(tbsOf("", key.publicKey, from, until, [...extensions, extension("1.3.6.1.4.1.11129.2.4.2", der(4, sct(bare, from)))]));
      return { der: bytes, pem: `-----BEGIN CERTIFICATE-----\n${(bytes.toString("base64").match(/.{1,64}/g) ?? []).join("\n")}\n-----END CERTIFICATE-----\n`, key: key.privateKey };
    },
    log,
    entry(body, at) {
      const { SignedEntryTimestamp, Payload } = log(body, at);
      const leaf = sha256(Buffer.concat([Buffer.from([0]), Buffer.from(Payload.body, "base64")]));
      const note = `log.test\n1\n${leaf.toString("base64")}\n`;
      const signature = Buffer.concat([sha256(spki(rekor.publicKey)).subarray(0, 4), sign("sha256", Buffer.from(note), rekor.privateKey)]);
      return {
        logIndex: String(Payload.logIndex),
        logId: { keyId: Buffer.from(Payload.logID, "hex").toString("base64") },
        kindVersion: { kind: body["kind"] ?? "", version: body["apiVersion"] ?? "" },
        integratedTime: String(Payload.integratedTime),
        inclusionPromise: { signedEntryTimestamp: SignedEntryTimestamp },
        inclusionProof: { logIndex: "0", rootHash: leaf.toString("base64"), treeSize: "1", hashes: [], checkpoint: { envelope: `${note}\n\u2014 log.test ${signature.toString("base64")}\n` } },
        canonicalizedBody: Payload.body,
      };
    },
  };
}

const statementType = "application/vnd.in-toto+json";

export interface Dsse {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
}

export function dsse(payload: string, keys: readonly KeyObject[], payloadType = statementType): Dsse {
  return { payloadType, payload: Buffer.from(payload).toString("base64"), signatures: keys.map((key) => ({ sig: sign("sha256", preAuthEncoding(payloadType, Buffer.from(payload)), key).toString("base64"), keyid: "" })) };
}

export function attestation(envelope: Dsse): Extract<SignedDocument, { kind: "dsse" }> {
  return { kind: "dsse", envelope: JSON.stringify(envelope) };
}

export function imageSignature(payload: string, key: KeyObject): Extract<SignedDocument, { kind: "simple-signing" }> {
  return { kind: "simple-signing", payload, signature: sign("sha256", Buffer.from(payload), key).toString("base64") };
}

/** `verifier`: PEM of the certificate or public key. */
export function dsseBody({ payload, signatures }: Dsse, verifier: string): JsonObject {
  return { apiVersion: "0.0.1", kind: "dsse", spec: { payloadHash: { algorithm: "sha256", value: sha256(Buffer.from(payload, "base64")).toString("hex") }, signatures: [{ signature: signatures[0]?.sig ?? "", verifier: Buffer.from(verifier).toString("base64") }] } };
}

export function hashedBody({ payload, signature }: { readonly payload: string; readonly signature: string }, verifier: string): JsonObject {
  return { apiVersion: "0.0.1", kind: "hashedrekord", spec: { data: { hash: { algorithm: "sha256", value: sha256(payload).toString("hex") } }, signature: { content: signature, publicKey: { content: Buffer.from(verifier).toString("base64") } } } };
}
