import { isDeepStrictEqual } from "node:util";
import type { AcceptedSigner, Digest, EvidenceOrigin, EvidenceSource, ImageProvenance, ImageScan, ImageSignature, Rejection, VerifiedRecords } from "@bulkhead/core";
import type { DocumentStore } from "../lockfile/documents";
import type { VexSource } from "../read/apply-vex";
import { applyVex } from "../read/apply-vex";
import { DocumentError } from "../read/document-error";
import { readStatement } from "../read/read-statement";
import type { Finding, Reading } from "../read/reading";
import { signaturePredicateType } from "../verify/claim";
import { readSignedDocument } from "../verify/document";
import type { VerifiedDocument } from "../verify/verify";
import { verifyDocument } from "../verify/verify";

export interface VerifierOptions {
  readonly index: () => Pick<EvidenceSource, "image" | "indexesOf">;
  readonly store: Pick<DocumentStore, "read">;
  readonly signers: { readonly [name: string]: AcceptedSigner };
  readonly vexAuthors: readonly string[];
  readonly trustedRoot: string | undefined;
  readonly now: number;
}

type Verifiers = Pick<EvidenceSource, "verifyScans" | "verifySignatures" | "verifyProvenance">;

/**
 * Verifies records by their kept documents, and holds the record against what the document says: what was written into
 * the lockfile by hand has no document that says the same. Each question is answered once.
 */
export function createVerifiers(options: VerifierOptions): Verifiers {
  // By the records themselves: what was found meanwhile makes others of them.
  const known = new WeakMap<readonly unknown[], Map<string, unknown>>();
  const once = <T extends { readonly origin: EvidenceOrigin }>(digest: Digest, names: readonly string[], records: readonly T[] | undefined, judge: (record: T) => Rejection | undefined): VerifiedRecords<T> => {
    if (records === undefined) return { accepted: [], rejected: [] };
    const answers = known.get(records) ?? new Map<string, unknown>();
    known.set(records, answers);
    const key = `${digest} ${names.join("\u0000")}`;
    const answer = (answers.get(key) as VerifiedRecords<T> | undefined) ?? split(records, judge);
    answers.set(key, answer);
    return answer;
  };
  const verified = (digest: Digest, origin: EvidenceOrigin, names: readonly string[]): VerifiedDocument | Rejection => {
    if (origin.trust !== "signed") return reject("document-missing", "it was not signed");
    const bytes = options.store.read(origin.document);
    if (bytes === undefined) return reject("document-missing", "its signed document is not kept beside the lockfile, or has other bytes");
    try {
      const verification = verifyDocument(readSignedDocument(bytes, origin.document), {
        subject: [digest], signers: names.flatMap((name) => (Object.hasOwn(options.signers, name) ? (options.signers[name] ?? []) : [])), name: origin.name, now: options.now,
        ...(options.trustedRoot === undefined ? {} : { trustedRoot: options.trustedRoot }),
      });
      return verification;
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return reject("malformed", `its signed document: expected ${error.problem.expected}`);
    }
  };
  const reading = (digest: Digest, origin: EvidenceOrigin, names: readonly string[]): Reading | Rejection => {
    const document = verified(digest, origin, names);
    if (!("kind" in document)) return document;
    if (document.kind !== "attestation") return reject("wrong-type", "it is a signature, and an attestation is asked for");
    try {
      return readStatement(document.statement, { now: options.now });
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      return reject("malformed", `its statement: expected ${error.problem.expected}`);
    }
  };
  /**
   * The VEX documents that the record names, by those authors who count; nothing where one does not. Of each only what it
   * says of the vulnerabilities that the record leaves out by it: of the others a later document, which the record need
   * not name, may have said something else.
   */
  const vexOf = ({ suppressed = [] }: ImageScan, findings: readonly Finding[], digest: Digest): readonly VexSource[] | undefined => {
    const sources: VexSource[] = [];
    const documents = new Map(suppressed.flatMap(({ by, document, author }) => (by === "vex" && document !== undefined ? [[document, author] as const] : [])));
    for (const [document, author] of documents) {
      const read = reading(digest, { format: "openvex", name: "", document, trust: "signed" }, options.vexAuthors);
      if (!("kind" in read) || (read.kind !== "vex" && read.kind !== "sbom") || read.vex === undefined) return undefined;
      const ids = new Set(suppressed.filter((entry) => entry.document === document).map(({ id }) => id));
      const names = new Set([...ids, ...findings.flatMap(({ id, aliases = [] }) => (ids.has(id) ? aliases : []))]);
      const statements = read.vex.statements.filter((statement) => statement.names.some((name) => names.has(name)));
      sources.push({ vex: { ...read.vex, statements }, document, ...(author === undefined ? {} : { author }) });
    }
    return sources;
  };
  return {
    verifyScans: (digest, names) => once(digest, names, options.index().image(digest)?.scans, (record) => {
      const read = reading(digest, record.origin, names);
      if (!("kind" in read)) return read;
      if (read.kind !== "scan") return reject("wrong-type", "its signed document is no scan");
      const sources = vexOf(record, read.content.findings, digest);
      if (sources === undefined) return reject("differs-from-document", "vulnerabilities are left out of it by a VEX document whose author does not count");
      const { scan } = sources.length === 0 ? read : applyVex(read, sources, { now: options.now });
      return sameAs(scan, record);
    }),
    verifySignatures: (digest, names) => once(digest, names, options.index().image(digest)?.signatures, (record: ImageSignature) => {
      const document = verified(digest, record.origin, names);
      if (!("kind" in document)) return document;
      if (document.kind === "attestation" && document.statement.predicateType !== signaturePredicateType) return reject("wrong-type", "its signed document is an attestation, and no signature on the image");
      return isDeepStrictEqual(document.signer, record.signer) ? undefined : reject("differs-from-document", "the lockfile names another signer than its signed document");
    }),
    verifyProvenance: (digest, names) => once(digest, names, options.index().image(digest)?.provenance, (record: ImageProvenance) => {
      const read = reading(digest, record.origin, names);
      if (!("kind" in read)) return read;
      return read.kind === "provenance" ? sameAs(read.provenance, record) : reject("wrong-type", "its signed document is no provenance");
    }),
  };
}

function split<T>(records: readonly T[], judge: (record: T) => Rejection | undefined): VerifiedRecords<T> {
  const judged = records.map((record) => ({ record, rejection: judge(record) }));
  return { accepted: judged.flatMap(({ record, rejection }) => (rejection === undefined ? [record] : [])), rejected: judged.flatMap(({ record, rejection }) => (rejection === undefined ? [] : [{ record, rejection }])) };
}

/** Plain copies: what was read from the file has tables without a prototype. */
function sameAs(said: object, { origin: _, ...recorded }: { readonly origin: EvidenceOrigin }): Rejection | undefined {
  const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));
  return isDeepStrictEqual(plain(said), plain(recorded)) ? undefined : reject("differs-from-document", "the lockfile says something else than its signed document");
}

function reject(code: Rejection["code"], reason: string): Rejection {
  return { code, reason };
}
