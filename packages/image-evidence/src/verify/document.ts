import type { Digest } from "@bulkhead/core";
import { DocumentError } from "../read/document-error";
import { parseJson } from "../read/json";
import { Node } from "../read/node";
import { statementPayloadType } from "../statement";
import { digestOf } from "../digest";
import { some } from "../some";
import { readBundle } from "./bundle";
import { canonicalJson, type Json, type JsonObject, strictBase64, strictText } from "./canonical";

/** What cosign 2 puts beside a signature, in annotations of its layer. None of it is signed. */
export interface CosignMaterial {
  /** PEM, of the certificate that signed. */
  readonly certificate?: string;
  /** PEM. Kept for other tools; only the authorities of the trusted root are ever taken for a chain. */
  readonly chain?: string;
  readonly rekorBundle?: RekorBundle;
  /** RFC 3161 response, DER in base64. */
  readonly timestamp?: string;
}

/** Rekor's promise of inclusion: the signature is over `Payload` as canonical JSON. */
export interface RekorBundle {
  /** Base64. */
  readonly SignedEntryTimestamp: string;
  /** `body`: base64. `integratedTime`: seconds since 1970. `logID`: digest of the log's key, in hexadecimal. */
  readonly Payload: { readonly body: string; readonly integratedTime: number; readonly logIndex: number; readonly logID: string };
}

/** A document with a signature in it, which nobody has verified yet: it is evidence of nothing. */
export type SignedDocument =
  /** A sigstore bundle, 0.1 to 0.3: what cosign 3 writes. */
  | { readonly kind: "bundle"; readonly bundle: JsonObject }
  /** An attestation of cosign 2. `envelope`: the text of the DSSE envelope, byte for byte, as its timestamp is over it. */
  | ({ readonly kind: "dsse"; readonly envelope: string } & CosignMaterial)
  /** A signature of cosign 2 on an image. `payload`: the text that was signed. `signature`: base64. */
  | ({ readonly kind: "simple-signing"; readonly payload: string; readonly signature: string } & CosignMaterial);

/** Bytes of one signed document. An attested report is the largest thing in one. */
export const maxDocumentBytes = 32 * 1024 * 1024;
const limits = { maxBytes: maxDocumentBytes, maxDepth: 64 } as const;
const maxSignatures = 8;

const cosignAnnotation = {
  signature: "dev.cosignproject.cosign/signature",
  certificate: "dev.sigstore.cosign/certificate",
  chain: "dev.sigstore.cosign/chain",
  rekorBundle: "dev.sigstore.cosign/bundle",
  timestamp: "dev.sigstore.cosign/rfc3161timestamp",
} as const;

/**
 * Reads a signed document: a sigstore bundle, a DSSE envelope, or what `writeSignedDocument` wrote. Refused is whatever
 * two readers could take for two things: a key twice, an unknown field, base64 that is not canonical, anything after the end.
 *
 * @param file is only named in the error.
 * @throws {DocumentError}
 */
export function readSignedDocument(bytes: Uint8Array, file: string): SignedDocument {
  const value = parseJson(bytes, file, limits) as Json;
  const root = new Node(value, file).object();
  if (root.has("kind")) return kept(root);
  if (root.has("mediaType")) return { kind: "bundle", bundle: readBundle(value, file) };
  if (root.has("payloadType")) return { kind: "dsse", envelope: textOf(bytes, checkEnvelope(root)) };
  throw root.error("a sigstore bundle, a DSSE envelope, or a signature as it is kept here");
}

/** What is attached to an image, as the registry has it: bundles, and the layers of `sha256-<digest>.sig` and `.att` of cosign 2. */
export interface AttachedDocument {
  readonly mediaType: string;
  readonly annotations: { readonly [name: string]: string };
  /** The blob, of which the digest was checked. */
  readonly bytes: Uint8Array;
}

/** @throws {DocumentError} */
export function readAttachedDocument(attached: AttachedDocument, file: string): SignedDocument {
  const { mediaType, bytes, annotations } = attached;
  if (mediaType.startsWith("application/vnd.dev.sigstore.bundle")) {
    const document = readSignedDocument(bytes, file);
    if (document.kind === "bundle") return document;
    throw new DocumentError({ file, path: "", expected: "a sigstore bundle, as its media type says", found: "another document" });
  }
  const material = materialOf(annotations, file);
  const nothing = new Node(undefined, file);
  if (mediaType === "application/vnd.dsse.envelope.v1+json" || mediaType === statementPayloadType) {
    const envelope = checkEnvelope(new Node(parseJson(bytes, file, limits), file).object());
    return { kind: "dsse", envelope: textOf(bytes, envelope), ...material };
  }
  if (mediaType !== "application/vnd.dev.cosign.simplesigning.v1+json") throw nothing.error("a bundle, a DSSE envelope or a simple signing payload");
  const signature = base64(new Node(annotation(annotations, "signature"), `${file} (${cosignAnnotation.signature})`));
  if (signature === undefined) throw new DocumentError({ file, path: "", expected: `an annotation ${cosignAnnotation.signature}`, found: "none" });
  return { kind: "simple-signing", payload: textOf(bytes, nothing), signature, ...material };
}

type Annotations = AttachedDocument["annotations"];

function annotation(annotations: Annotations, name: keyof typeof cosignAnnotation): string | undefined {
  return Object.hasOwn(annotations, cosignAnnotation[name]) ? annotations[cosignAnnotation[name]] : undefined;
}

function materialOf(annotations: Annotations, file: string): CosignMaterial {
  const json = (name: "rekorBundle" | "timestamp"): Node | undefined => {
    const found = annotation(annotations, name);
    const place = `${file} (${cosignAnnotation[name]})`;
    return found === undefined || found === "" ? undefined : new Node(parseJson(Buffer.from(found), place, limits), place).object();
  };
  return {
    ...some("certificate", annotation(annotations, "certificate") || undefined),
    ...some("chain", annotation(annotations, "chain") || undefined),
    ...some("rekorBundle", rekorBundle(json("rekorBundle"))),
    ...some("timestamp", base64(json("timestamp")?.at("SignedRFC3161Timestamp"))),
  };
}

/** The one way in which a document is written: reading it gives the same document, and writing that the same bytes. */
export function writeSignedDocument(document: SignedDocument): Buffer {
  // By way of JSON: interfaces have no index signature.
  return Buffer.from(canonicalJson(document.kind === "bundle" ? document.bundle : (JSON.parse(JSON.stringify(document)) as Json)));
}

/** Digest of the document as it is written: the name under which it is kept. */
export function documentDigest(document: SignedDocument): Digest {
  return digestOf(writeSignedDocument(document));
}

function kept(root: Node): SignedDocument {
  const kind = root.at("kind");
  const optional = ["certificate", "chain", "rekorBundle", "timestamp"];
  const material: CosignMaterial = {
    ...some("certificate", text(root.at("certificate"))),
    ...some("chain", text(root.at("chain"))),
    ...some("rekorBundle", rekorBundle(root.has("rekorBundle") ? root.at("rekorBundle").object() : undefined)),
    ...some("timestamp", base64(root.at("timestamp"))),
  };
  if (kind.value === "dsse") {
    only(root, ["kind", "envelope", ...optional]);
    const envelope = required(text(root.at("envelope")), root.at("envelope"));
    checkEnvelope(new Node(parseJson(Buffer.from(envelope), `${root.file} (envelope)`, limits), `${root.file} (envelope)`).object());
    return { kind: "dsse", envelope, ...material };
  }
  if (kind.value !== "simple-signing") throw kind.error('"dsse" or "simple-signing"');
  only(root, ["kind", "payload", "signature", ...optional]);
  const payload = required(text(root.at("payload")), root.at("payload"));
  return { kind: "simple-signing", payload, signature: required(base64(root.at("signature")), root.at("signature")), ...material };
}

/** Fields that are not known are left alone, as DSSE asks for: the envelope is kept as it is, and nothing reads them. */
function checkEnvelope(envelope: Node): Node {
  envelope.at("payloadType").requiredText();
  required(base64(envelope.at("payload")), envelope.at("payload"));
  const signatures = envelope.at("signatures");
  const count = signatures.items().length;
  if (count === 0 || count > maxSignatures) throw signatures.error(`1 to ${maxSignatures} signatures`);
  for (const signature of signatures.items()) {
    required(base64(signature.object().at("sig")), signature.at("sig"));
    text(signature.at("keyid"));
  }
  return envelope;
}

function rekorBundle(bundle: Node | undefined): RekorBundle | undefined {
  if (bundle === undefined) return undefined;
  only(bundle, ["SignedEntryTimestamp", "Payload"]);
  const payload = bundle.at("Payload").object();
  only(payload, ["body", "integratedTime", "logIndex", "logID"]);
  const logID = payload.at("logID").requiredText();
  if (!/^[0-9a-f]{64}$/.test(logID)) throw payload.at("logID").error("64 lower-case hexadecimal digits");
  return {
    SignedEntryTimestamp: required(base64(bundle.at("SignedEntryTimestamp")), bundle.at("SignedEntryTimestamp")),
    Payload: { body: required(base64(payload.at("body")), payload.at("body")), integratedTime: whole(payload.at("integratedTime")), logIndex: whole(payload.at("logIndex")), logID },
  };
}

function whole(node: Node): number {
  if (typeof node.value !== "number" || !Number.isSafeInteger(node.value) || node.value < 0) throw node.error("a whole number");
  return node.value;
}

/** Without a limit of its own: a payload is as large as the document. */
function text(node: Node): string | undefined {
  if (!node.present || node.value === "") return undefined;
  if (typeof node.value !== "string") throw node.error("text");
  return node.value;
}

function base64(node: Node | undefined): string | undefined {
  const found = node === undefined ? undefined : text(node);
  if (found !== undefined && strictBase64(found) === undefined) throw node?.error("base64 in its canonical form");
  return found;
}

function required<T>(value: T | undefined, node: Node): T {
  if (value === undefined) throw node.error("text");
  return value;
}

function only(node: Node, names: readonly string[]): void {
  const unknown = node.names.find((name) => !names.includes(name));
  if (unknown !== undefined) throw node.error(`only ${names.join(", ")}`);
}

function textOf(bytes: Uint8Array, node: Node): string {
  const found = strictText(bytes);
  if (found === undefined) throw node.error("text in UTF-8");
  return found;
}
