import type { Digest, RejectionCode } from "@bulkhead/core";
import { parseJson } from "../read/json";
import { isDigest } from "../digest";
import { Node } from "../read/node";
import { parseStatement, type Statement } from "../statement";
import type { Opened } from "./open";

/** What a signature on an image says: that its signer has seen this digest, with these remarks. */
export interface SignatureClaim {
  readonly digest: Digest;
  /** What the signer added, by name (`cosign sign -a`). Signed, and of no meaning by itself. */
  readonly annotations: { readonly [name: string]: string };
}

/** What was signed, read after its signature was verified. */
export type Claim = { readonly kind: "signature"; readonly signature: SignatureClaim } | { readonly kind: "attestation"; readonly statement: Statement };

/** Statements of this type are signatures on an image, as cosign 3 makes them. They attest nothing else. */
export const signaturePredicateType = "https://sigstore.dev/cosign/sign/v1";

export class ClaimError extends Error {
  readonly code: RejectionCode;
  constructor(code: RejectionCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/** @throws {ClaimError | DocumentError} */
export function readClaim(opened: Opened, images: readonly Digest[]): Claim {
  if (opened.content === "attestation") return statementClaim(parseStatement(opened.payload, "statement"), opened.payload, images);
  if (opened.content === "simple-signing") return { kind: "signature", signature: simpleSigning(opened.payload, images) };
  // The signature is over the manifest itself; which manifest that is, its own digest says.
  throw new ClaimError("malformed", "an artifact has no claim");
}

function statementClaim(statement: Statement, payload: Buffer, images: readonly Digest[]): Claim {
  const named = new Map<string, Digest>();
  for (const { name, digest } of statement.subjects) {
    if (name === undefined || name === "_" || digest === undefined) continue;
    // In-toto has a name once in a list of subjects: with two digests nobody can say which of them was meant.
    if ((named.get(name) ?? digest) !== digest) throw new ClaimError("wrong-subject", "the statement has one subject with two digests");
    named.set(name, digest);
  }
  const subject = statement.subjects.find(({ digest }) => digest !== undefined && images.includes(digest));
  if (subject?.digest === undefined) throw new ClaimError("wrong-subject", "the statement is about another image");
  if (statement.predicateType !== signaturePredicateType) return { kind: "attestation", statement };
  const own = new Node(parseJson(payload, "statement"), "statement").at("subject").items()[statement.subjects.indexOf(subject)];
  return { kind: "signature", signature: { digest: subject.digest, annotations: texts(own?.at("annotations")) } };
}

/** github.com/containers/image/blob/main/docs/containers-signature.5.md; the reference in it is not compared: images move. */
function simpleSigning(payload: Buffer, images: readonly Digest[]): SignatureClaim {
  const root = new Node(parseJson(payload, "signature", { maxBytes: 1024 * 1024 }), "signature").object();
  const critical = root.at("critical").object();
  const type = critical.at("type").requiredText();
  if (type !== "cosign container image signature") throw new ClaimError("wrong-type", "what was signed is not a signature on an image");
  const digest = critical.at("image").object().at("docker-manifest-digest").requiredText();
  if (!isDigest(digest) || !images.includes(digest)) throw new ClaimError("wrong-subject", "the signature is on another image");
  return { digest, annotations: texts(root.at("optional")) };
}

/** What is not text says nothing that could be compared. */
function texts(annotations: Node | undefined): SignatureClaim["annotations"] {
  const found = (annotations?.names ?? []).map((name) => [name, annotations?.at(name).value] as const);
  return Object.fromEntries(found.filter((entry): entry is readonly [string, string] => typeof entry[1] === "string"));
}
