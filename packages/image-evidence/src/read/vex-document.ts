import type { Digest } from "@bulkhead/core";
import { isDigest } from "../digest";
import type { Node } from "./node";
import { parsePurl } from "./purl";
import { subjectOfReference } from "./reference";

export const vexStatuses = ["not_affected", "affected", "fixed", "under_investigation"] as const;
export type VexStatus = (typeof vexStatuses)[number];

/** What a statement is about: an image, and of it all packages or some. */
export interface VexProduct {
  readonly digests: readonly Digest[];
  /** Package URLs; none means all packages of the image. */
  readonly subcomponents: readonly string[];
}

export interface VexStatement {
  /** The vulnerability and its other names. */
  readonly names: readonly string[];
  readonly products: readonly VexProduct[];
  readonly status: VexStatus;
  /** Of OpenVEX's or CycloneDX's closed list. */
  readonly justification?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface VexDocument {
  readonly statements: readonly VexStatement[];
}

/** OpenVEX 0.2, "Status Justifications". */
const justifications: readonly string[] = ["component_not_present", "vulnerable_code_not_present", "vulnerable_code_not_in_execute_path", "vulnerable_code_cannot_be_controlled_by_adversary", "inline_mitigations_already_exist"];

/**
 * An OpenVEX document. A statement that names no product is about `subjects`, those of the attestation that it came in.
 *
 * @throws {DocumentError} for a status or a justification that OpenVEX does not know, and for a document without a time.
 */
export function readOpenVex(document: Node, subjects: readonly Digest[]): VexDocument {
  const issued = document.at("timestamp").instant();
  const updated = document.at("last_updated").instant();
  const statements = document.at("statements");
  if (!statements.isList) throw statements.error("a list of statements");
  return { statements: statements.items().map((statement) => readStatement(statement, updated ?? issued, subjects)) };
}

function readStatement(statement: Node, documentTime: number | undefined, subjects: readonly Digest[]): VexStatement {
  const vulnerability = statement.at("vulnerability");
  const names = vulnerability.isObject ? [vulnerability.at("name").text() ?? vulnerability.at("@id").requiredText(), ...vulnerability.at("aliases").items().map((alias) => alias.requiredText())] : [vulnerability.requiredText()];
  const status = statement.at("status");
  const known = vexStatuses.find((candidate) => candidate === status.value);
  if (known === undefined) throw status.error(`one of ${vexStatuses.join(", ")}`);
  const justification = statement.at("justification");
  const given = justification.text();
  if (given !== undefined && !justifications.includes(given)) throw justification.error(`one of ${justifications.join(", ")}`);
  const at = statement.at("last_updated").instant() ?? statement.at("timestamp").instant() ?? documentTime;
  if (at === undefined) throw statement.at("timestamp").error("a time, here or of the document");
  const ownSubcomponents = statement.at("subcomponents").items();
  const products = statement.at("products").items().map((product) => readProduct(product, ownSubcomponents));
  return { names, status: known, at, products: products.length === 0 ? [{ digests: subjects, subcomponents: [] }] : products, ...(given === undefined ? {} : { justification: given }) };
}

function readProduct(product: Node, statementSubcomponents: readonly Node[]): VexProduct {
  const own = product.isObject ? product.at("subcomponents").items() : [];
  return { digests: product.isObject ? productDigests(product) : digestsOfText(product.requiredText()), subcomponents: [...statementSubcomponents, ...own].map(packageOf) };
}

function productDigests(product: Node): readonly Digest[] {
  const texts = [product.at("@id").text(), product.at("identifiers").at("purl").text()];
  const hex = product.at("hashes").at("sha-256").text();
  const hash = hex === undefined ? undefined : `sha256:${hex}`;
  return [...new Set([...texts.flatMap((text) => (text === undefined ? [] : digestsOfText(text))), ...(hash !== undefined && isDigest(hash) ? [hash] : [])])];
}

/** `pkg:oci/app@sha256:...`, `registry/app@sha256:...`, or the digest alone. A purl of another type is not one of an image. */
export function digestsOfText(text: string): readonly Digest[] {
  const purl = parsePurl(text);
  if (purl === undefined) return [subjectOfReference(text)?.digest ?? []].flat();
  const known = (purl.type === "oci" || purl.type === "docker") && purl.version !== undefined && isDigest(purl.version);
  return known ? [purl.version as Digest] : [];
}

/** An identifier that is no purl stays as it is: it matches nothing but itself. */
function packageOf(component: Node): string {
  if (!component.isObject) return component.requiredText();
  return component.at("identifiers").at("purl").text() ?? component.at("@id").requiredText();
}
