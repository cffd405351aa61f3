import type { SbomContent } from "./cyclonedx";
import { baseImage } from "./cyclonedx";
import type { Node } from "./node";
import { isDigest } from "../digest";
import { parsePurl } from "./purl";
import type { SubjectDigest } from "./reading";
import { normalReference, subjectOfReference } from "./reference";
import { toolOf } from "./scanner";

export function isSpdx2(document: Node): boolean {
  return document.has("spdxVersion");
}

export function isSpdx3(document: Node): boolean {
  return document.has("@graph") && document.at("@context").textIfAny()?.startsWith("https://spdx.org/") === true;
}

/** SPDX 2.2 and 2.3 as JSON. The image is the package that the document describes. */
export function readSpdx(document: Node): SbomContent {
  const version = document.at("spdxVersion");
  if (version.value !== "SPDX-2.2" && version.value !== "SPDX-2.3") throw version.error("SPDX-2.2 or SPDX-2.3");
  const packages = new Map(document.at("packages").items().map((entry) => [entry.at("SPDXID").requiredText(), entry]));
  const relations = document.at("relationships").items().map((relation) => ({ from: relation.at("spdxElementId").requiredText(), to: relation.at("relatedSpdxElement").requiredText(), type: relation.at("relationshipType").requiredText() }));
  const described = new Set([...document.at("documentDescribes").items().flatMap((id) => id.text() ?? []), ...relations.filter(({ type, from }) => type === "DESCRIBES" && from === "SPDXRef-DOCUMENT").map(({ to }) => to)]);
  const images = [...described].flatMap((id) => packages.get(id) ?? []);
  const bases = relations.flatMap(({ from, to, type }) => (type === "DESCENDANT_OF" && described.has(from) ? [to] : type === "ANCESTOR_OF" && described.has(to) ? [from] : []));
  const creation = document.at("creationInfo");
  const subjects = images.flatMap(subjectsOf);
  return {
    format: "spdx",
    tools: creation.at("creators").items().flatMap((creator) => toolOfCreator(creator.text()) ?? []),
    written: creation.at("created").instant(),
    subjects,
    isImage: subjects.length > 0 || images.some((image) => image.at("primaryPackagePurpose").value === "CONTAINER"),
    componentCount: packages.size,
    baseImages: bases.flatMap((id) => baseOf(packages.get(id))),
    findings: [],
  };
}

/** `Tool: trivy-0.69.4`. */
function toolOfCreator(creator: string | undefined): ReturnType<typeof toolOf> | undefined {
  const match = /^Tool: (.+?)(?:-(v?\d[^\s]*))?$/.exec(creator ?? "");
  return match === null ? undefined : toolOf(match[1], match[2]);
}

function purlsOf(entry: Node): readonly string[] {
  return entry.at("externalRefs").items().flatMap((reference) => (reference.at("referenceType").value === "purl" ? (reference.at("referenceLocator").text() ?? []) : []));
}

/** The purl names what a registry knows; checksums and `versionInfo` are what Syft computed; Trivy writes texts. */
function subjectsOf(entry: Node): readonly SubjectDigest[] {
  const subjects: SubjectDigest[] = [];
  for (const text of purlsOf(entry)) {
    const purl = parsePurl(text);
    if (purl?.type !== "oci" || purl.version === undefined || !isDigest(purl.version)) continue;
    const url = purl.qualifiers.get("repository_url");
    const repository = url === undefined ? undefined : normalReference(url)?.reference;
    subjects.push({ digest: purl.version, kind: "image", ...(repository === undefined ? {} : { repository }) });
  }
  const texts = [...entry.at("attributionTexts").items().map((text) => text.text()), ...entry.at("annotations").items().map((note) => note.at("comment").textIfAny())];
  for (const text of texts) {
    const [, key, value] = /^(RepoDigest|ImageID): (\S+)$/.exec(text ?? "") ?? [];
    if (key === "RepoDigest") subjects.push(...[subjectOfReference(value) ?? []].flat());
    if (key === "ImageID" && value !== undefined && isDigest(value)) subjects.push({ digest: value, kind: "config" });
  }
  const version = entry.at("versionInfo").text();
  if (version !== undefined && isDigest(version)) subjects.push({ digest: version, kind: "computed" });
  return subjects;
}

function baseOf(entry: Node | undefined): ReturnType<typeof baseImage> {
  if (entry === undefined) return [];
  const [purl] = purlsOf(entry).flatMap((text) => parsePurl(text) ?? []).filter(({ type }) => type === "oci" || type === "docker");
  if (purl !== undefined) return baseImage(purl.qualifiers.get("repository_url") ?? purl.path, purl.version);
  return baseImage(entry.at("name").textIfAny(), entry.at("versionInfo").textIfAny());
}
