import { createPublicKey, type KeyObject, verify as nodeVerify, constants } from "node:crypto";
import type { Digest } from "@bulkhead/core";
import { digestOf } from "../digest";
import { ed25519ph } from "./sigstore";

/** A text that is no public key that signatures can be verified with. The message never has anything of the text. */
export class PublicKeyError extends Error {}

/** A key, and the ways in which it may have signed. */
export interface PublicKey {
  /** `sha256:` and the digest of its SubjectPublicKeyInfo (DER). */
  readonly id: Digest;
  readonly key: KeyObject;
}

/**
 * Reads one PEM block: SubjectPublicKeyInfo (`PUBLIC KEY`), or the RSA key of PKCS #1. ECDSA on P-256, P-384 and P-521,
 * RSA of 2048 to 16384 bits, and Ed25519. Throws PublicKeyError for anything else, a private key above all.
 */
export function readPublicKey(pem: string): PublicKey {
  const labels = [...pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = ""]) => label);
  if (labels.some((label) => label.includes("ENCRYPTED"))) throw new PublicKeyError("is an encrypted private key; give the public key that belongs to it (cosign public-key --key FILE)");
  if (labels.some((label) => label.includes("PRIVATE KEY"))) throw new PublicKeyError("is a private key, which must never stand in a configuration; give its public key, and replace the private key if others could have read this");
  if (labels.some((label) => label.includes("CERTIFICATE"))) throw new PublicKeyError("is a certificate; give its public key (openssl x509 -noout -pubkey -in FILE), or accept an identity and an issuer");
  if (labels.length === 0) throw new PublicKeyError("is no PEM: expected -----BEGIN PUBLIC KEY-----");
  if (labels.length > 1) throw new PublicKeyError(`has ${labels.length} PEM blocks; give each key on its own`);
  const [label] = labels;
  if (label !== "PUBLIC KEY" && label !== "RSA PUBLIC KEY") throw new PublicKeyError("is a PEM of another kind: expected PUBLIC KEY");
  if (!/^\s*-----BEGIN ([A-Z ]+)-----\r?\n[A-Za-z0-9+/=\r\n]+-----END \1-----\s*$/.test(pem)) throw new PublicKeyError("is no whole PEM block, or there is text around it");
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw new PublicKeyError("is no public key that can be decoded, or is on a curve that is not known: expected ECDSA on P-256, P-384 or P-521, RSA or Ed25519");
  }
  checkKind(key);
  return toPublicKey(key);
}

/** Digest of the SubjectPublicKeyInfo (DER) of a public key in PEM: what `Signer.key` names. Throws PublicKeyError. */
export function publicKeyId(pem: string): Digest {
  return readPublicKey(pem).id;
}

export function toPublicKey(key: KeyObject): PublicKey {
  // By way of JWK, which has one encoding of a point: a compressed one would have another digest.
  const plain = key.asymmetricKeyType === "ec" ? createPublicKey({ key: key.export({ format: "jwk" }), format: "jwk" }) : key;
  return { id: digestOf(plain.export({ type: "spki", format: "der" })), key: plain };
}

const curves: { readonly [name: string]: readonly string[] } = {
  prime256v1: ["sha256"],
  // Sigstore's registry pairs these curves with the longer hash; cosign signs with SHA-256 unless it is told otherwise.
  secp384r1: ["sha384", "sha256"],
  secp521r1: ["sha512", "sha256"],
};

function checkKind(key: KeyObject): void {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "ed25519") return;
  if (type === "rsa" || type === "rsa-pss") {
    const bits = details?.modulusLength ?? 0;
    if (bits < 2048 || bits > 16384) throw new PublicKeyError(`is an RSA key of ${bits} bits: expected 2048 to 16384`);
    return;
  }
  if (type !== "ec") throw new PublicKeyError(`is a key of kind ${type ?? "unknown"}: expected ECDSA on P-256, P-384 or P-521, RSA or Ed25519`);
  const curve = details?.namedCurve;
  if (curve === undefined) throw new PublicKeyError("is an ECDSA key whose curve is not named: expected P-256, P-384 or P-521");
  if (!Object.hasOwn(curves, curve)) throw new PublicKeyError(`is an ECDSA key on the curve ${curve}: expected P-256, P-384 or P-521`);
}

/** Whether a signature over these bytes is the key's. Keys of a kind that is not accepted verify nothing. */
export function verifies(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  try {
    checkKind(key);
    switch (key.asymmetricKeyType) {
      case "ed25519":
        return nodeVerify(null, signed, key, signature) || verifiesPrehashed(key, signed, signature);
      case "ec":
        return (curves[key.asymmetricKeyDetails?.namedCurve ?? ""] ?? []).some((hash) => nodeVerify(hash, signed, key, signature));
      case "rsa":
        return nodeVerify("sha256", signed, key, signature) || verifiesPss(key, signed, signature);
      default:
        return verifiesPss(key, signed, signature);
    }
  } catch {
    return false;
  }
}

/**
 * Ed25519ph (RFC 8032, section 5.1): what cosign makes with an Ed25519 key, as its log takes hashes only. Node has no way to it.
 * No signature is valid in both forms: this one is over a prefix of its own.
 */
function verifiesPrehashed(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  const raw = Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url");
  return ed25519ph().verify(signature, signed, raw, { zip215: false });
}

function verifiesPss(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  return nodeVerify("sha256", signed, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature);
}
