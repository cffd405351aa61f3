import type { TrustMaterial } from "@sigstore/verify";
import { DocumentError } from "../read/document-error";
import { parseJson } from "../read/json";
import { Node } from "../read/node";
import { sigstoreSpecs, sigstoreVerify } from "./sigstore";

const mediaTypes: readonly unknown[] = ["application/vnd.dev.sigstore.trustedroot+json;version=0.1", "application/vnd.dev.sigstore.trustedroot.v0.2+json"];

/** Decoding the keys and certificates of a root takes longer than using them. */
const known = new Map<string, TrustMaterial>();
const kept = 4;

/**
 * Authorities of a `trusted_root.json`: certificate authorities, logs and timestamp authorities, each with the time that it
 * may be trusted for. The text is taken as it is: getting it safely (TUF) is the business of who configures it.
 *
 * @throws {DocumentError}
 */
export function readTrustedRoot(text: string, file = "trusted_root.json"): TrustMaterial {
  const before = known.get(text);
  if (before !== undefined) return before;
  const value = parseJson(Buffer.from(text), file, { maxBytes: 1024 * 1024, maxDepth: 32 });
  const type = new Node(value, file).object().at("mediaType");
  if (!mediaTypes.includes(type.value)) throw type.error("a trusted root of sigstore, version 0.1 or 0.2");
  let material: TrustMaterial;
  try {
    material = sigstoreVerify().toTrustMaterial(sigstoreSpecs().TrustedRoot.fromJSON(value), () => {
      throw new Error("keys are never found by a hint");
    });
  } catch {
    throw new DocumentError({ file, path: "", expected: "keys and certificates that can be decoded", found: "another" });
  }
  if (known.size >= kept) known.delete(known.keys().next().value ?? "");
  known.set(text, material);
  return material;
}
