
import type { AcceptedSigner, RejectionCode } from "@bulkhead/core";
import { readSignedDocument, type SignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { type VerifyOptions, verifyDocument } from "../../packages/image-evidence/src/verify/verify.ts";
import { accepted, createAuthority, newKey, sha256, } from "./signature-authority.ts";

export const manifest = '{"schemaVersion":2}';
export const hex = sha256(manifest).toString("hex");
export const image = `sha256:${hex}`;
export const other = "b".repeat(64);
export const slsa = "https://slsa.dev/provenance/v1";
export const { privateKey, publicKey } = newKey();
export const stranger = newKey();
export const now = Date.UTC(2026, 5, 1, 12);
export const authority = createAuthority(now);
export const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
export const acme: AcceptedSigner = { kind: "certificate", issuer: "https://issuer.test", identity: { exact: identity } };

export type Subject = { readonly name?: string; readonly digest: { readonly [algorithm: string]: string } };
export const statement = (subject: readonly Subject[] = [{ name: "app", digest: { sha256: hex } }], predicateType = slsa): string => JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject, predicateType, predicate: { a: 1 } });
export const simple = (digest: string, type = "cosign container image signature"): string => JSON.stringify({ critical: { identity: { "docker-reference": "registry.test/app" }, image: { "docker-manifest-digest": digest }, type }, optional: { team: "a" } });

export function verdict(document: SignedDocument, options: Partial<VerifyOptions> = {}): "verified" | RejectionCode {
  const result = verifyDocument(document, { subject: image, signers: [accepted(publicKey)], now, ...options });
  return result.verified ? "verified" : result.code;
}

export const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
export const read = (value: unknown): SignedDocument => readSignedDocument(json(value), "document");
