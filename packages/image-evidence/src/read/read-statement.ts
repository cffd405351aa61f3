import type { Digest } from "@bulkhead/core";
import { parseInstant } from "../instant";
import type { Statement, VerifiedStatement } from "../statement";
import { isVerifiedStatement, subjectDigests } from "../statement";
import type { ConcludeContext, ReadOptions } from "./conclude";
import { conclude, originOf } from "./conclude";
import { isCycloneDx, readCycloneDx } from "./cyclonedx";
import { defaultLimits } from "./json";
import { Node } from "./node";
import { readProvenance02, readProvenance1 } from "./provenance";
import type { NoEvidence, Reading, SubjectDigest } from "./reading";
import { isSpdx2, readSpdx } from "./spdx";
import { concludeSbom } from "./sbom";
import { readOpenVex } from "./vex-document";
import { readCosignVuln, readInTotoVulns, readVerdict } from "./vulnerability-predicates";

/**
 * What a verified statement says. Its subjects are what it is about, whatever the predicate says of images.
 *
 * @throws {DocumentError} for a predicate that is not of the statement's type
 * @throws {TypeError} for a statement that no verification made
 */
export function readStatement(statement: VerifiedStatement, options: ReadOptions = {}): Reading {
  if (!isVerifiedStatement(statement)) throw new TypeError("the statement was not verified");
  const { name, document, signer } = statement.proof;
  const signedAt = signer.signedAt === undefined ? undefined : parseInstant(signer.signedAt);
  return readStatementContent(statement, { name, document, options, signedAt });
}

type PredicateReader = (predicate: Node, subjects: readonly Digest[], context: ConcludeContext) => Reading;

const maxFindings = ({ options }: ConcludeContext): number => options.maxFindings ?? defaultLimits.maxFindings;

const readers: readonly (readonly [type: RegExp, read: PredicateReader])[] = [
  [/^https:\/\/cosign\.sigstore\.dev\/attestation\/vuln\/v1$/, (predicate, subjects, context) => conclude({ ...readCosignVuln(predicate, maxFindings(context)), subjects: images(subjects) }, context)],
  [/^https:\/\/in-toto\.io\/attestation\/vulns\/v0\.[12]$/, (predicate, subjects, context) => conclude({ ...readInTotoVulns(predicate, maxFindings(context)), subjects: images(subjects) }, context)],
  [/^(?:https:\/\/in-toto\.io\/attestation\/svr\/v0\.[12]|https:\/\/slsa\.dev\/verification_summary\/v1)$/, (predicate, subjects, context) => conclude({ ...readVerdict(predicate, context.options.scanProperties ?? []), subjects: images(subjects) }, context)],
  [/^https:\/\/openvex\.dev\/ns(?:\/v0\.[0-9]+\.[0-9]+)?$/, (predicate, subjects, context) => ({ kind: "vex", origin: originOf("openvex", context), content: { subjects: images(subjects), findings: [] }, vex: readOpenVex(predicate, subjects) })],
  [/^https:\/\/cyclonedx\.org\/(?:bom|vex)(?:\/v?[0-9.]+)?$/, (predicate, subjects, context) => concludeSbom(readCycloneDx(unwrapped(predicate, isCycloneDx), maxFindings(context), subjects), context, images(subjects))],
  [/^https:\/\/spdx\.dev\/Document(?:\/v?[0-9.]+)?$/, (predicate, subjects, context) => concludeSbom(readSpdx(unwrapped(predicate, isSpdx2)), context, images(subjects))],
  [/^https:\/\/slsa\.dev\/provenance\/v0\.2$/, (predicate, subjects, context) => ({ kind: "provenance", origin: originOf("slsa-provenance-v0.2", context), content: { subjects: images(subjects), findings: [] }, digests: subjects, provenance: readProvenance02(predicate) })],
  [/^https:\/\/slsa\.dev\/provenance\/v1$/, (predicate, subjects, context) => ({ kind: "provenance", origin: originOf("slsa-provenance-v1", context), content: { subjects: images(subjects), findings: [] }, digests: subjects, provenance: readProvenance1(predicate) })],
  [/^https:\/\/sigstore\.dev\/cosign\/sign\/v1$/, (_, subjects, context) => ({ kind: "signature", origin: originOf("cosign-signature", context), content: { subjects: images(subjects), findings: [] }, digests: subjects })],
];

/** As `readStatement`, of a statement whoever made it: for files that nobody signed too. */
export function readStatementContent(statement: Statement, context: ConcludeContext): Reading {
  const subjects = [...subjectDigests(statement)].sort();
  const predicate = new Node(statement.predicate, context.name, new Node(undefined, context.name), "predicate");
  const refuse = (reason: NoEvidence["reason"], message: string): NoEvidence => ({ kind: "none", reason, message, origin: originOf("in-toto-statement", context), content: { subjects: images(subjects), findings: [] } });
  const read = readers.find(([type]) => type.test(statement.predicateType))?.[1];
  // Docker's own type of scan results has no published shape; Docker publishes in-toto's and OpenVEX's beside it.
  if (read === undefined) return refuse("unsupported", `a statement of type ${statement.predicateType}, which says nothing that is read here`);
  if (subjects.length === 0) return refuse("no-digest", "none of its subjects has a sha256 digest");
  return read(predicate.object(), subjects, context);
}

function images(digests: readonly Digest[]): readonly SubjectDigest[] {
  return digests.map((digest) => ({ digest, kind: "image" }));
}

/** Early versions of cosign put the document into `Data`. */
function unwrapped(predicate: Node, fits: (document: Node) => boolean): Node {
  return !fits(predicate) && predicate.at("Data").isObject ? predicate.at("Data") : predicate;
}
