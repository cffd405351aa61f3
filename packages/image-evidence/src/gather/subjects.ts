import type { Digest } from "@bulkhead/core";
import { DocumentError } from "../read/document-error";
import { parseJson } from "../read/json";
import { isDigest } from "../digest";
import { Node } from "../read/node";
import { parseStatement, subjectDigests } from "../statement";
import type { SignedDocument } from "../verify/document";

/**
 * The images that a document says it is about, before anyone has verified it: they tell what to verify it for, and nothing
 * else. A file that is not fetched from beside an image names its image only within.
 */
export function claimedImages(document: SignedDocument, file: string): readonly Digest[] {
  try {
    if (document.kind === "simple-signing") return ofSignature(document.payload, file);
    const envelope = new Node(document.kind === "bundle" ? document.bundle["dsseEnvelope"] : parseJson(Buffer.from(document.envelope), file), file);
    const payload = envelope.isObject ? envelope.at("payload").value : undefined;
    return typeof payload === "string" ? subjectDigests(parseStatement(Buffer.from(payload, "base64"), file)) : [];
  } catch (error) {
    if (error instanceof DocumentError) return [];
    throw error;
  }
}

function ofSignature(payload: string, file: string): readonly Digest[] {
  const digest = new Node(parseJson(Buffer.from(payload), file), file).at("critical").at("image").at("docker-manifest-digest").value;
  return typeof digest === "string" && isDigest(digest) ? [digest] : [];
}
