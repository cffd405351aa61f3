import type { BaseImage, EvidenceLock, EvidenceOrigin, ImageEvidence, ImageProvenance, ImageScan, ImageSignature, ImageVex, Instant, Resolution, Signer, Suppression, VulnerabilityIds } from "@bulkhead/core";
import { vulnerabilitySeverities } from "@bulkhead/core";
import { formatInstant } from "../instant";
import { DocumentError } from "../read/document-error";
import { parseJson } from "../read/json";
import { isDigest } from "../digest";
import { Node } from "../read/node";
import { some } from "../some";

/** 64 MiB: about 20,000 images with a hundred vulnerabilities each. */
const maxBytes = 64 * 1024 * 1024;

export const emptyLock: EvidenceLock = { schemaVersion: 1, references: {}, images: {} };

/**
 * `bulkhead.evidence.json`. Strict: what is not understood is refused, as it would be lost when the file is written again.
 *
 * @throws {DocumentError}
 */
export function readLock(bytes: Uint8Array, file: string): EvidenceLock {
  const root = new Node(parseJson(bytes, file, { maxBytes }), file).object();
  const version = root.at("schemaVersion");
  if (version.value !== 1) throw version.error("1, the version of the lockfile that this release reads");
  only(root, ["schemaVersion", "references", "images"]);
  return { schemaVersion: 1, references: table(root.at("references"), referenceName, resolutionOf), images: table(root.at("images"), digestName, imageOf) };
}

function resolutionOf(node: Node): Resolution {
  only(node, ["digest", "resolvedAt", "moved"]);
  const moved = node.at("moved");
  if (moved.present) only(moved, ["digest", "seenAt"]);
  return { digest: node.at("digest").digest(), resolvedAt: instant(node.at("resolvedAt")), ...(moved.present ? { moved: { digest: moved.at("digest").digest(), seenAt: instant(moved.at("seenAt")) } } : {}) };
}

function imageOf(node: Node): ImageEvidence {
  only(node, ["platforms", "config", "createdAt", "baseImages", "scans", "signatures", "provenance", "vex"]);
  return {
    ...some("platforms", optional(node.at("platforms"), (entry) => table(entry, platformName, (value) => value.digest()))),
    ...some("config", optional(node.at("config"), (entry) => entry.digest())),
    ...some("createdAt", optional(node.at("createdAt"), instant)),
    ...some("baseImages", list(node.at("baseImages"), baseImageOf)),
    ...some("scans", list(node.at("scans"), scanOf)),
    ...some("signatures", list(node.at("signatures"), signatureOf)),
    ...some("provenance", list(node.at("provenance"), provenanceOf)),
    ...some("vex", list(node.at("vex"), vexOf)),
  };
}

function scanOf(node: Node): ImageScan {
  only(node, ["scanner", "scannedAt", "databaseBuiltAt", "platform", "vulnerabilities", "suppressed", "verdictOnly", "origin"]);
  const scanner = node.at("scanner").object();
  only(scanner, ["name", "version"]);
  const verdictOnly = node.at("verdictOnly").flag();
  return {
    scanner: { name: scanner.at("name").requiredText(), ...some("version", scanner.at("version").text()) },
    scannedAt: instant(node.at("scannedAt")),
    ...some("databaseBuiltAt", optional(node.at("databaseBuiltAt"), instant)),
    ...some("platform", node.at("platform").text()),
    vulnerabilities: table(node.at("vulnerabilities").object(), severityName, idsOf),
    ...some("suppressed", list(node.at("suppressed"), suppressionOf)),
    ...some("verdictOnly", verdictOnly),
    origin: originOf(node.at("origin")),
  };
}

function idsOf(node: Node): VulnerabilityIds {
  only(node, ["fixable", "unfixed"]);
  const ids = (name: "fixable" | "unfixed") => some(name, list(node.at(name), (id) => id.requiredText()));
  return { ...ids("fixable"), ...ids("unfixed") };
}

function suppressionOf(node: Node): Suppression {
  only(node, ["id", "by", "status", "justification", "author", "document"]);
  return {
    id: node.at("id").requiredText(), by: choice(node.at("by"), ["vex", "scanner"] as const), status: node.at("status").requiredText(),
    ...some("justification", node.at("justification").text()), ...some("author", optional(node.at("author"), signerOf)),
    ...some("document", optional(node.at("document"), (entry) => entry.digest())),
  };
}

function signatureOf(node: Node): ImageSignature {
  only(node, ["signer", "origin"]);
  return { signer: signerOf(node.at("signer")), origin: originOf(node.at("origin")) };
}

function vexOf(node: Node): ImageVex {
  only(node, ["origin"]);
  const origin = originOf(node.at("origin"));
  if (origin.trust !== "signed") throw node.at("origin").at("trust").error('"signed"');
  return { origin };
}

function provenanceOf(node: Node): ImageProvenance {
  only(node, ["builder", "buildType", "source", "sourceRef", "commit", "materials", "baseImages", "origin"]);
  const materials = list(node.at("materials"), (entry) => {
    only(entry, ["uri", "digest"]);
    return { uri: entry.at("uri").requiredText(), ...some("digest", entry.at("digest").text()) };
  });
  return {
    builder: node.at("builder").requiredText(), ...some("buildType", node.at("buildType").text()), ...some("source", node.at("source").text()),
    ...some("sourceRef", node.at("sourceRef").text()), ...some("commit", node.at("commit").text()),
    ...some("materials", materials), ...some("baseImages", list(node.at("baseImages"), baseImageOf)), origin: originOf(node.at("origin")),
  };
}

function baseImageOf(node: Node): BaseImage {
  only(node, ["reference", "digest", "from"]);
  return { ...some("reference", node.at("reference").text()), ...some("digest", optional(node.at("digest"), (entry) => entry.digest())), from: choice(node.at("from"), ["provenance", "sbom", "label", "dockerfile"] as const) };
}

function originOf(node: Node): EvidenceOrigin {
  only(node.object(), ["format", "name", "document", "trust", "signer"]);
  const trust = choice(node.at("trust"), ["signed", "registry", "local"] as const);
  const signer = optional(node.at("signer"), signerOf);
  if (trust === "signed" && signer === undefined) throw node.at("signer").error("who signed it");
  if (trust !== "signed" && signer !== undefined) throw node.at("signer").error(`nothing beside trust "${trust}"`);
  return { format: node.at("format").requiredText(), name: node.at("name").requiredText(), document: node.at("document").digest(), trust, ...some("signer", signer) };
}

function signerOf(node: Node): Signer {
  const kind = choice(node.at("kind"), ["key", "certificate"] as const);
  const signedAt = some("signedAt", optional(node.at("signedAt"), instant));
  if (kind === "key") {
    only(node, ["kind", "key", "signedAt"]);
    return { kind, key: node.at("key").digest(), ...signedAt };
  }
  only(node, ["kind", "identity", "issuer", "signedAt"]);
  return { kind, identity: node.at("identity").requiredText(), issuer: node.at("issuer").requiredText(), ...signedAt };
}

type Name = readonly [fits: (name: string) => boolean, expected: string];
const digestName: Name = [isDigest, "sha256: and 64 hexadecimal digits"];
const referenceName: Name = [(name) => /^[^\s@]+\/[^\s@]+:[\w][\w.-]{0,127}$/.test(name), "a whole reference with a tag and no digest (docker.io/library/nginx:1.29)"];
const platformName: Name = [(name) => /^[\w.-]+\/[\w.-]+(\/[\w.-]+)*$/.test(name), "a platform (linux/amd64)"];
const severityName: Name = [(name) => (vulnerabilitySeverities as readonly string[]).includes(name), vulnerabilitySeverities.join(", ")];

function table<T>(node: Node, [fits, expected]: Name, read: (entry: Node) => T): { readonly [name: string]: T } {
  const entries = node.names.map((name): readonly [string, T] => {
    if (!fits(name)) throw new DocumentError({ file: node.file, path: node.path, expected, found: JSON.stringify(name.slice(0, 80)) });
    return [name, read(node.at(name))];
  });
  // Without a prototype no name of a file can reach one.
  return Object.assign(Object.create(null) as object, Object.fromEntries(entries)) as { readonly [name: string]: T };
}

function list<T>(node: Node, read: (entry: Node) => T): readonly T[] | undefined {
  return node.present ? node.items().map(read) : undefined;
}

function optional<T>(node: Node, read: (entry: Node) => T): T | undefined {
  return node.present ? read(node) : undefined;
}

function instant(node: Node): Instant {
  const at = node.instant();
  if (at === undefined) throw node.error("a date with time and zone (RFC 3339)");
  return formatInstant(at);
}

function choice<T extends string>(node: Node, values: readonly T[]): T {
  const found = values.find((value) => value === node.value);
  if (found === undefined) throw node.error(values.map((value) => JSON.stringify(value)).join(" or "));
  return found;
}

function only(node: Node, names: readonly string[]): void {
  const unknown = node.object().names.find((name) => !names.includes(name));
  if (unknown !== undefined) throw node.at(unknown).error(`nothing of this name; known are ${names.join(", ")}`);
}
