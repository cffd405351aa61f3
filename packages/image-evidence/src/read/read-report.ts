import { digestOf } from "../digest";
import { statementOf } from "../statement";
import type { ConcludeContext, ReadOptions } from "./conclude";
import { conclude, originOf } from "./conclude";
import { isCycloneDx, readCycloneDx } from "./cyclonedx";
import { readScan } from "./formats";
import { defaultLimits, parseJson } from "./json";
import { Node } from "./node";
import { readStatementContent } from "./read-statement";
import type { EnvelopeReading, Reading } from "./reading";
import { concludeSbom } from "./sbom";
import { isSpdx2, isSpdx3, readSpdx } from "./spdx";
import { readOpenVex } from "./vex-document";
import { isCosignVuln, readCosignVuln } from "./vulnerability-predicates";

/**
 * What one document says, which may have come from anywhere: the format is known by what is in it, never by its name. An envelope is
 * handed over unread, for its signature to be verified first. `name` is what messages call it.
 *
 * @throws {DocumentError} for what is not recognised, with the first thing that did not fit, and for what is beyond the limits
 */
export function readReport(bytes: Uint8Array, name: string, options: ReadOptions = {}): Reading {
  const document = new Node(parseJson(bytes, name, options), name);
  const digest = digestOf(bytes);
  const context: ConcludeContext = { name, document: digest, options };
  const maxFindings = options.maxFindings ?? defaultLimits.maxFindings;
  const envelope = envelopeFormat(document);
  if (envelope !== undefined) return { kind: "envelope", format: envelope, origin: originOf(envelope, context), value: document.value };
  if (document.has("_type")) return readStatementContent(statementOf(document), context);
  if (isOpenVex(document)) return { kind: "vex", origin: originOf("openvex", context), content: { subjects: [], findings: [] }, vex: readOpenVex(document, []) };
  if (isCycloneDx(document)) return concludeSbom(readCycloneDx(document, maxFindings, []), context);
  if (isSpdx2(document)) return concludeSbom(readSpdx(document), context);
  if (isSpdx3(document)) return unsupported("spdx-3", "SPDX 3: give version 2.3 of it", context);
  if (isCsaf(document)) return unsupported("csaf", "a CSAF advisory: give OpenVEX", context);
  if (isCosignVuln(document)) return conclude(readCosignVuln(document, maxFindings), context);
  const draft = readScan(document, maxFindings, options.askedFor);
  if (draft === undefined) throw document.error("a report of a scanner, an attestation, a VEX document or a list of components, in one of the formats that are read");
  return conclude(draft, context);
}

function envelopeFormat(document: Node): EnvelopeReading["format"] | undefined {
  if (document.has("payloadType") && document.has("payload") && document.has("signatures")) return "dsse";
  if (document.has("mediaType") && document.at("mediaType").textIfAny()?.startsWith("application/vnd.dev.sigstore.bundle") === true) return "sigstore-bundle";
  return document.has("critical") && document.has("optional") ? "cosign-simple-signing" : undefined;
}

function isOpenVex(document: Node): boolean {
  return document.has("@context") && /^https:\/\/openvex\.dev\/ns(?:\/|$)/.test(document.at("@context").textIfAny() ?? "");
}

function isCsaf(document: Node): boolean {
  return document.has("document") && document.at("document").has("csaf_version");
}

function unsupported(format: string, message: string, context: ConcludeContext): Reading {
  return { kind: "none", reason: "unsupported", message, origin: originOf(format, context), content: { subjects: [], findings: [] } };
}
