import type { BaseImage, Digest, VulnerabilitySeverity } from "@bulkhead/core";
import { severityOf, severityOfScore, vulnerabilities, worst } from "./findings";
import type { Node } from "./node";
import { isDigest } from "../digest";
import { parsePurl } from "./purl";
import type { Finding, SubjectDigest } from "./reading";
import { normalReference, subjectOfReference } from "./reference";
import type { Tool } from "./scanner";
import { toolOf } from "./scanner";
import type { VexDocument, VexStatement, VexStatus } from "./vex-document";

/** What a list of components says. */
export interface SbomContent {
  readonly format: string;
  /** What wrote it. */
  readonly tools: readonly Tool[];
  /** When the document was written: conversion sets it anew. */
  readonly written: number | undefined;
  readonly subjects: readonly SubjectDigest[];
  readonly isImage: boolean;
  readonly componentCount: number;
  readonly baseImages: readonly BaseImage[];
  readonly findings: readonly Finding[];
  readonly vex?: VexDocument;
}

export function isCycloneDx(document: Node): boolean {
  return document.has("bomFormat");
}

/** CycloneDX JSON, 1.2 and later: components, vulnerabilities and their analysis. */
export function readCycloneDx(document: Node, maxFindings: number, attested: readonly Digest[]): SbomContent {
  const format = document.at("bomFormat");
  if (format.value !== "CycloneDX") throw format.error('"CycloneDX"');
  const metadata = document.at("metadata");
  const component = metadata.at("component");
  const subjects = cycloneDxSubjects(component);
  const entries = vulnerabilities(document.at("vulnerabilities"), maxFindings);
  const purls = purlsByRef(document);
  const written = metadata.at("timestamp").instant();
  const images = attested.length > 0 ? attested : subjects.filter(({ kind }) => kind !== "config").map(({ digest }) => digest);
  const statements = entries.flatMap((entry) => analysis(entry, { written, images, purls, imageRef: component.at("bom-ref").textIfAny() }));
  return {
    format: "cyclonedx",
    tools: toolsOf(metadata.at("tools")),
    written,
    subjects,
    isImage: component.at("type").textIfAny() === "container" || subjects.length > 0,
    componentCount: document.at("components").items().length,
    baseImages: [...labels(component), ...ancestors(component)],
    findings: entries.flatMap((entry) => findingsOf(entry, purls)),
    ...(statements.length === 0 ? {} : { vex: { statements } }),
  };
}

/** A list of tools until 1.4, an object with components and services since. */
function toolsOf(tools: Node): readonly Tool[] {
  const list = tools.isObject ? [...tools.at("components").items(), ...tools.at("services").items()] : tools.items();
  return list.map((tool) => toolOf(tool.at("name").textIfAny(), tool.at("version").textIfAny()));
}

/** The purl and Trivy's properties name the image as a registry knows it; Syft's `version` is what Syft computed. */
function cycloneDxSubjects(component: Node): readonly SubjectDigest[] {
  const purl = parsePurl(component.at("purl").text() ?? "");
  const subjects: SubjectDigest[] = [];
  if (purl?.type === "oci" && purl.version !== undefined && isDigest(purl.version)) subjects.push({ digest: purl.version, kind: "image", ...repositoryOf(purl.qualifiers.get("repository_url")) });
  for (const property of component.at("properties").items()) {
    const value = property.at("value").textIfAny();
    if (property.at("name").value === "aquasecurity:trivy:RepoDigest") subjects.push(...[subjectOfReference(value) ?? []].flat());
    if (property.at("name").value === "aquasecurity:trivy:ImageID" && value !== undefined && isDigest(value)) subjects.push({ digest: value, kind: "config" });
  }
  const version = component.at("version").text();
  if (version !== undefined && isDigest(version)) subjects.push({ digest: version, kind: "computed" });
  return subjects;
}

function repositoryOf(url: string | undefined): { readonly repository?: string } {
  const reference = url === undefined ? undefined : normalReference(url)?.reference;
  return reference === undefined ? {} : { repository: reference };
}

/** Labels of the image, as Syft and Trivy list them. */
function labels(component: Node): readonly BaseImage[] {
  const values = new Map<string, string>();
  for (const property of component.at("properties").items()) {
    const key = /(?:^|:)(org\.opencontainers\.image\.base\.(?:name|digest))$/.exec(property.at("name").textIfAny() ?? "")?.[1];
    const value = property.at("value").textIfAny();
    if (key !== undefined && value !== undefined) values.set(key, value);
  }
  return baseImage(values.get("org.opencontainers.image.base.name"), values.get("org.opencontainers.image.base.digest"));
}

function ancestors(component: Node): readonly BaseImage[] {
  return component.at("pedigree").at("ancestors").items().flatMap((ancestor) => {
    const purl = parsePurl(ancestor.at("purl").textIfAny() ?? "");
    if (purl?.type !== "oci" && purl?.type !== "docker") return [];
    return baseImage(purl.qualifiers.get("repository_url") ?? purl.path, purl.version);
  });
}

export function baseImage(name: string | undefined, digest: string | undefined): readonly BaseImage[] {
  const reference = name === undefined ? undefined : normalReference(name);
  const known = digest !== undefined && isDigest(digest) ? digest : reference?.digest;
  if (reference === undefined && known === undefined) return [];
  return [{ from: "sbom", ...(reference === undefined ? {} : { reference: reference.reference }), ...(known === undefined ? {} : { digest: known }) }];
}

function purlsByRef(document: Node): ReadonlyMap<string, string> {
  const purls = new Map<string, string>();
  const visit = (components: Node): void => {
    for (const component of components.items()) {
      const ref = component.at("bom-ref").textIfAny();
      const purl = component.at("purl").textIfAny();
      if (ref !== undefined && purl !== undefined) purls.set(ref, purl);
      visit(component.at("components"));
    }
  };
  visit(document.at("components"));
  return purls;
}

function findingsOf(entry: Node, purls: ReadonlyMap<string, string>): readonly Finding[] {
  const finding = {
    id: entry.at("id").requiredText(),
    severity: ratings(entry),
    fixable: entry.at("recommendation").textIfAny()?.startsWith("Upgrade ") === true,
  };
  const aliases = entry.at("references").items().flatMap((reference) => reference.at("id").textIfAny() ?? []).filter((id) => id !== finding.id);
  const named = aliases.length === 0 ? finding : { ...finding, aliases };
  const refs = entry.at("affects").items().flatMap((affected) => affected.at("ref").textIfAny() ?? []);
  const packages = [...new Set(refs.map((ref) => purls.get(ref) ?? (ref.startsWith("pkg:") ? ref : undefined)))];
  return packages.length === 0 ? [named] : packages.map((purl) => (purl === undefined ? named : { ...named, purl }));
}

/** The rating of the source that reported it, else the worst of all. */
function ratings(entry: Node): VulnerabilitySeverity {
  const source = entry.at("source").at("name").textIfAny();
  const all = entry.at("ratings").items().map((rating) => ({ source: rating.at("source").at("name").textIfAny(), severity: severityOfRating(rating) }));
  const own = source === undefined ? undefined : all.find((rating) => rating.source === source)?.severity;
  return own === undefined || own === "unknown" ? worst(all.map(({ severity }) => severity)) : own;
}

function severityOfRating(rating: Node): VulnerabilitySeverity {
  const severity = severityOf(rating.at("severity").textIfAny());
  const score = rating.at("score").value;
  const method = rating.at("method").textIfAny() ?? "";
  return severity === "unknown" && typeof score === "number" && method.startsWith("CVSSv") ? severityOfScore(score) : severity;
}

interface AnalysisContext {
  readonly written: number | undefined;
  readonly images: readonly Digest[];
  readonly purls: ReadonlyMap<string, string>;
  readonly imageRef: string | undefined;
}

/** `false_positive` and `in_triage` are opinions that suppress nothing. */
const states: { readonly [state: string]: VexStatus } = {
  not_affected: "not_affected",
  resolved: "fixed",
  resolved_with_pedigree: "fixed",
  exploitable: "affected",
  in_triage: "under_investigation",
  false_positive: "under_investigation",
};

const justifications: readonly string[] = ["code_not_present", "code_not_reachable", "requires_configuration", "requires_dependency", "requires_environment", "protected_by_compiler", "protected_at_runtime", "protected_at_perimeter", "protected_by_mitigating_control"];

function analysis(entry: Node, { written, images, purls, imageRef }: AnalysisContext): readonly VexStatement[] {
  const given = entry.at("analysis");
  const state = given.at("state");
  if (!state.present) return [];
  const word = state.requiredText();
  if (!Object.hasOwn(states, word)) throw state.error(`one of ${Object.keys(states).join(", ")}`);
  const justification = given.at("justification").text();
  if (justification !== undefined && !justifications.includes(justification)) throw given.at("justification").error(`one of ${justifications.join(", ")}`);
  const at = given.at("lastUpdated").instant() ?? given.at("firstIssued").instant() ?? entry.at("updated").instant() ?? written;
  if (at === undefined) return [];
  const refs = entry.at("affects").items().map((affected) => affected.at("ref").requiredText());
  const whole = refs.includes(imageRef ?? "");
  // A BOM-Link (`urn:cdx:serial/version#ref`) is about a component of another document.
  const subcomponents = refs.filter((ref) => ref !== imageRef).map((ref) => purls.get(ref) ?? decoded(ref.replace(/^urn:cdx:[^#]*#/, "")));
  const aliases = entry.at("references").items().flatMap((reference) => reference.at("id").textIfAny() ?? []);
  const status = states[word] as VexStatus;
  // Nothing that it affects is named: nothing is said of any package.
  if (refs.length === 0) return [];
  return [{ names: [entry.at("id").requiredText(), ...aliases], status, at, products: [{ digests: images, subcomponents: whole ? [] : subcomponents }], ...(justification === undefined ? {} : { justification }) }];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
