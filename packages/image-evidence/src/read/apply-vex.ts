import type { Digest, Signer, Suppression } from "@bulkhead/core";
import { sortedSuppressions } from "./conclude";
import { groupFindings } from "./findings";
import { purlCovers } from "./purl";
import type { Finding, ScanReading } from "./reading";
import type { VexDocument, VexStatement } from "./vex-document";

/** A VEX document, and who signed it. Whose documents count is decided before: each that is given here counts. */
export interface VexSource {
  readonly vex: VexDocument;
  readonly author?: Signer;
  /** The signed document that it stands in. */
  readonly document?: Digest;
}

export interface ApplyVexOptions {
  /** Digests that stand for the same image: of the index, for a scan of one of its platforms. */
  readonly images?: readonly Digest[];
  /** Milliseconds since 1970: a statement from the future is not taken. */
  readonly now?: number;
}

interface Candidate {
  readonly statement: VexStatement;
  readonly source: VexSource;
}

/**
 * The scan without what is stated not to concern this image: `not_affected` with a justification, and `fixed`. Of several
 * statements about a vulnerability in a package the latest counts; of equally late ones, one that does not suppress. Each
 * suppression is recorded. When the image was scanned stays as it is.
 */
export function applyVex(reading: ScanReading, documents: readonly VexSource[], options: ApplyVexOptions = {}): ScanReading {
  const images = new Set([...reading.digests, ...(options.images ?? [])]);
  const byName = statementsByName(documents, images, options.now);
  if (byName.size === 0) return reading;
  const suppressed: Suppression[] = [];
  const remaining = reading.content.findings.filter((finding) => {
    const candidate = latest(finding, byName, images);
    if (candidate === undefined || !suppresses(candidate.statement)) return true;
    const { statement, source: { author, document } } = candidate;
    suppressed.push({ id: finding.id, by: "vex", status: statement.status, ...(statement.justification === undefined ? {} : { justification: statement.justification }), ...(author === undefined ? {} : { author }), ...(document === undefined ? {} : { document }) });
    return false;
  });
  if (suppressed.length === 0) return reading;
  return { ...reading, scan: { ...reading.scan, vulnerabilities: groupFindings(remaining), suppressed: sortedSuppressions([...(reading.scan.suppressed ?? []), ...suppressed]) } };
}

function statementsByName(documents: readonly VexSource[], images: ReadonlySet<Digest>, now: number | undefined): ReadonlyMap<string, readonly Candidate[]> {
  const byName = new Map<string, Candidate[]>();
  for (const source of documents) {
    for (const statement of source.vex.statements) {
      if (now !== undefined && statement.at > now) continue;
      if (!statement.products.some((product) => product.digests.some((digest) => images.has(digest)))) continue;
      for (const name of new Set(statement.names)) byName.set(name, [...(byName.get(name) ?? []), { statement, source }]);
    }
  }
  return byName;
}

function latest(finding: Finding, byName: ReadonlyMap<string, readonly Candidate[]>, images: ReadonlySet<Digest>): Candidate | undefined {
  let best: Candidate | undefined;
  for (const name of [finding.id, ...(finding.aliases ?? [])]) {
    for (const candidate of byName.get(name) ?? []) {
      if (!concerns(candidate.statement, finding, images)) continue;
      const { at } = candidate.statement;
      if (best === undefined || at > best.statement.at || (at === best.statement.at && !suppresses(candidate.statement))) best = candidate;
    }
  }
  return best;
}

function concerns(statement: VexStatement, { purl }: Finding, images: ReadonlySet<Digest>): boolean {
  return statement.products.some(({ digests, subcomponents }) => digests.some((digest) => images.has(digest)) && (subcomponents.length === 0 || (purl !== undefined && subcomponents.some((pattern) => purlCovers(pattern, purl)))));
}

function suppresses({ status, justification }: VexStatement): boolean {
  return status === "fixed" || (status === "not_affected" && justification !== undefined);
}
