import { X509Certificate } from "node:crypto";
import type { Bundle } from "@sigstore/bundle";
import { DocumentError } from "../read/document-error";
import { Node } from "../read/node";
import { canonicalJson, type Json, type JsonObject } from "./canonical";
import { sigstoreBundle } from "./sigstore";

const mediaTypes: readonly unknown[] = [
  "application/vnd.dev.sigstore.bundle+json;version=0.1",
  "application/vnd.dev.sigstore.bundle+json;version=0.2",
  "application/vnd.dev.sigstore.bundle+json;version=0.3",
  "application/vnd.dev.sigstore.bundle.v0.3+json",
];

/**
 * A bundle in the one form that it has as protobuf JSON.
 *
 * The library's reader takes anything for base64 and ignores what it does not know. So what it read is written again, and
 * must be what was there, but for defaults that are spelled out.
 *
 * @throws {DocumentError}
 */
export function readBundle(value: Json, file: string): JsonObject {
  const root = new Node(value, file).object();
  if (!mediaTypes.includes(root.at("mediaType").value)) throw root.at("mediaType").error("a sigstore bundle of version 0.1, 0.2 or 0.3");
  const refuse = (expected: string, path = ""): DocumentError => new DocumentError({ file, path, expected, found: "another" });
  let parsed: Bundle;
  let written: Json;
  try {
    parsed = parseBundle(value as JsonObject);
    written = JSON.parse(JSON.stringify(sigstoreBundle().bundleToJSON(parsed))) as Json;
  } catch (error) {
    const { ValidationError } = sigstoreBundle();
    throw refuse(`a bundle that has what its version asks for${error instanceof ValidationError ? ` (${(error.fields ?? []).join(", ")})` : ""}`);
  }
  if (canonical(value) !== canonical(written)) throw refuse("a bundle with known fields only, of their types, and base64 in its canonical form");
  checkEntries(parsed, refuse);
  checkChain(parsed, refuse);
  return written as JsonObject;
}

/** The library's own checks are run again: a document is data, and may have been made by other code. */
export function parseBundle(value: JsonObject): Bundle {
  return sigstoreBundle().bundleFromJSON(value);
}

function canonical(value: Json): string {
  return canonicalJson(withoutDefaults(value) ?? null);
}

/** Protobuf JSON may spell out defaults, and writes 64 bit integers as text or as numbers. */
function withoutDefaults(value: Json | undefined): Json | undefined {
  if (value === null || value === undefined || value === "" || value === 0 || value === "0" || value === false) return undefined;
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item: Json) => withoutDefaults(item) ?? null);
  if (typeof value !== "object") return value;
  const members = Object.entries(value).map(([key, item]) => [key, withoutDefaults(item)] as const);
  return Object.fromEntries(members.filter(([, item]) => item !== undefined)) as JsonObject;
}

function checkEntries({ verificationMaterial: { tlogEntries } }: Bundle, refuse: (expected: string, path: string) => DocumentError): void {
  if (tlogEntries.length > 8) throw refuse("at most 8 log entries", "verificationMaterial.tlogEntries");
  for (const [index, { logIndex, integratedTime, inclusionProof }] of tlogEntries.entries()) {
    const numbers = [logIndex, integratedTime, inclusionProof?.logIndex ?? "0", inclusionProof?.treeSize ?? "0"];
    if (!numbers.every((text) => /^\d{1,19}$/.test(text))) throw refuse("whole numbers for indexes, sizes and times", `verificationMaterial.tlogEntries[${index}]`);
  }
}

/** Signers must not include root certificates (sigstore_bundle.proto): one that did could be taken for its own authority. */
function checkChain({ verificationMaterial: { content } }: Bundle, refuse: (expected: string, path: string) => DocumentError): void {
  if (content.$case !== "x509CertificateChain") return;
  for (const [index, { rawBytes }] of content.x509CertificateChain.certificates.entries()) {
    const path = `verificationMaterial.x509CertificateChain.certificates[${index}]`;
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(rawBytes);
    } catch {
      throw refuse("a certificate", path);
    }
    if (certificate.checkIssued(certificate)) throw refuse("no root certificate", path);
  }
}
