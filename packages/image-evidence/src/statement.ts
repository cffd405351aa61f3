import type { Digest, Signer } from "@bulkhead/core";
import type { DocumentLimits } from "./read/json";
import { parseJson } from "./read/json";
import { isDigest } from "./digest";
import { Node } from "./read/node";

/** What an in-toto statement says that it is about. */
export interface StatementSubject {
  readonly name?: string;
  /** Digests other than sha256 do not name an image here, and are left out. */
  readonly digest?: Digest;
}

/** An in-toto statement as it stands in a document: nobody has vouched for it yet. */
export interface Statement {
  readonly predicateType: string;
  readonly subjects: readonly StatementSubject[];
  /** Still to be read, by its type. */
  readonly predicate: unknown;
}

/** Who signed a statement, and in which document. */
export interface StatementProof {
  readonly signer: Signer;
  /** Digest of the signed document's bytes: the envelope or bundle, not the statement within it. */
  readonly document: Digest;
  /** File name, or the repository that it was fetched from. */
  readonly name: string;
}

declare const verified: unique symbol;

/** A statement of which the signature was verified. Only `verifiedStatement` makes one. */
export interface VerifiedStatement extends Statement {
  readonly proof: StatementProof;
  readonly [verified]: true;
}

const made = new WeakSet<object>();

/** To be called by what verified the signature over the very bytes that `statement` was parsed from, and by nothing else. */
export function verifiedStatement(statement: Statement, proof: StatementProof): VerifiedStatement {
  const result = { ...statement, proof } as VerifiedStatement;
  made.add(result);
  return result;
}

/** Holds at run time too: a look-alike made by a cast or by JavaScript is none. */
export function isVerifiedStatement(statement: Statement): statement is VerifiedStatement {
  return made.has(statement);
}

/** `payloadType` of a DSSE envelope that carries a statement. */
export const statementPayloadType = "application/vnd.in-toto+json";

const statementTypes: readonly unknown[] = ["https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"];

/**
 * The statement in a payload.
 *
 * @throws {DocumentError} for anything that is not a statement, or that has a sha256 digest which is none.
 */
export function parseStatement(payload: Uint8Array, file: string, limits?: DocumentLimits): Statement {
  return statementOf(new Node(parseJson(payload, file, limits), file));
}

/** As `parseStatement`, of a value that was parsed already. */
export function statementOf(document: Node): Statement {
  const type = document.object().at("_type");
  if (!statementTypes.includes(type.value)) throw type.error("an in-toto statement of version 0.1 or 1");
  const predicateType = document.at("predicateType").requiredText();
  const subjects = document.at("subject");
  if (!subjects.isList || subjects.items().length === 0) throw subjects.error("a list of subjects");
  return { predicateType, subjects: subjects.items().map(subjectOf), predicate: document.at("predicate").value };
}

function subjectOf(subject: Node): StatementSubject {
  const name = subject.object().at("name").text();
  const digests = subject.at("digest").object();
  const hex = digests.at("sha256");
  const digest = hex.present ? `sha256:${hex.requiredText()}` : undefined;
  if (digest !== undefined && !isDigest(digest)) throw hex.error("64 lower-case hexadecimal digits");
  return { ...(name === undefined ? {} : { name }), ...(digest === undefined ? {} : { digest }) };
}

/** Each digest once, in the order of the statement. */
export function subjectDigests(statement: Statement): readonly Digest[] {
  return [...new Set(statement.subjects.flatMap(({ digest }) => (digest === undefined ? [] : [digest])))];
}

