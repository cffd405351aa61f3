import type { BaseImage, ImageProvenance } from "@bulkhead/core";
import { formatReference, parseImage } from "@bulkhead/core";
import type { Node } from "./node";
import { isDigest } from "../digest";
import { parsePurl } from "./purl";
import type { UnattributedProvenance } from "./reading";

interface Material {
  readonly uri: string;
  readonly digest?: string;
}

type Source = Pick<ImageProvenance, "source" | "sourceRef" | "commit">;

/** SLSA provenance 0.2 (and 0.1's shape of it): `builder.id`, `invocation.configSource`, `materials`. */
export function readProvenance02(predicate: Node): UnattributedProvenance {
  const config = predicate.at("invocation").at("configSource");
  const materials = predicate.at("materials").items().flatMap(materialOf);
  const uri = config.at("uri").text();
  return {
    builder: predicate.at("builder").at("id").requiredText(),
    ...optional("buildType", predicate.at("buildType").text()),
    ...sourceOf(uri, commitOf(config.at("digest"), materials, uri)),
    ...lists(materials),
  };
}

/** SLSA provenance 1: `runDetails.builder.id`, `buildDefinition`. What `externalParameters` means is up to the build type. */
export function readProvenance1(predicate: Node): UnattributedProvenance {
  const definition = predicate.at("buildDefinition").object();
  const parameters = definition.at("externalParameters");
  const materials = definition.at("resolvedDependencies").items().flatMap(materialOf);
  const buildType = definition.at("buildType").requiredText();
  return {
    builder: predicate.at("runDetails").object().at("builder").object().at("id").requiredText(),
    buildType,
    ...sourceOfParameters(parameters, materials),
    ...lists(materials),
  };
}

/**
 * GitHub's workflow, BuildKit's and others' `configSource`, and the plain `source` of the generic build types. A dependency alone is
 * not the source: it may be anything that was fetched.
 */
function sourceOfParameters(parameters: Node, materials: readonly Material[]): Source {
  const workflow = parameters.at("workflow");
  if (workflow.isObject) {
    const repository = workflow.at("repository").text();
    const source = sourceOf(repository, undefined);
    const ref = workflow.at("ref").text();
    const commit = materials.find(({ uri }) => source.source !== undefined && sourceOf(uri, undefined).source === source.source)?.digest;
    return { ...source, ...optional("sourceRef", ref), ...optional("commit", hexOf(commit)) };
  }
  const config = parameters.at("configSource");
  if (config.isObject) {
    const uri = config.at("uri").text();
    return sourceOf(uri, commitOf(config.at("digest"), materials, uri));
  }
  const source = parameters.at("source");
  if (source.isObject) {
    const uri = source.at("uri").text();
    return sourceOf(uri, commitOf(source.at("digest"), materials, uri));
  }
  return typeof source.value === "string" ? sourceOf(source.text(), undefined) : {};
}

/** `git+https://github.com/acme/app@refs/heads/main`, and BuildKit's `https://github.com/acme/app.git#refs/heads/main`. */
function sourceOf(uri: string | undefined, commit: string | undefined): Source {
  if (uri === undefined) return {};
  const plain = uri.replace(/^git\+/, "");
  const [before = plain, ref] = plain.includes("#") ? [plain.slice(0, plain.indexOf("#")), plain.slice(plain.indexOf("#") + 1)] : splitAtReference(plain);
  return { ...optional("source", withoutCredentials(before)), ...optional("sourceRef", ref === "" ? undefined : ref), ...optional("commit", commit) };
}

function splitAtReference(uri: string): readonly [string, string | undefined] {
  const match = /@(refs\/.*|[^/@:]+)$/.exec(uri);
  return match === null ? [uri, undefined] : [uri.slice(0, match.index), match[1]];
}

/** A source may be written with a token in it. */
function withoutCredentials(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, "$1");
}

function commitOf(digests: Node, materials: readonly Material[], uri: string | undefined): string | undefined {
  const own = digests.at("sha1").text() ?? digests.at("gitCommit").text();
  return hexOf(own === undefined ? materials.find((material) => material.uri === uri)?.digest : `sha1:${own}`);
}

function hexOf(digest: string | undefined): string | undefined {
  const [algorithm, hex] = digest?.split(":") ?? [];
  return (algorithm === "sha1" || algorithm === "gitCommit" || algorithm === "sha256") && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hex ?? "") ? hex : undefined;
}

/** A dependency without a URI names nothing; sha256 is preferred where there are several digests. */
function materialOf(entry: Node): readonly Material[] {
  const uri = entry.at("uri").text() ?? entry.at("name").text();
  if (uri === undefined) return [];
  const digests = entry.at("digest");
  const algorithm = ["sha256", "gitCommit", "sha1", ...digests.names].find((name) => digests.has(name));
  const hex = algorithm === undefined ? undefined : digests.at(algorithm).text();
  return [{ uri: withoutCredentials(uri), ...(hex === undefined ? {} : { digest: `${algorithm}:${hex}` }) }];
}

function lists(materials: readonly Material[]): Pick<ImageProvenance, "materials" | "baseImages"> {
  const sorted = [...materials].sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : (a.digest ?? "") < (b.digest ?? "") ? -1 : 1));
  const bases = new Map(sorted.flatMap((material) => baseImageOf(material)).map((base) => [`${base.reference} ${base.digest}`, base]));
  return { ...(sorted.length === 0 ? {} : { materials: sorted }), ...(bases.size === 0 ? {} : { baseImages: [...bases.values()] }) };
}

/** Images that BuildKit runs to read a Dockerfile or to list packages: nothing of them is in the result. */
const helpers: readonly string[] = ["docker.io/docker/dockerfile", "docker.io/docker/dockerfile-upstream", "docker.io/docker/buildkit-syft-scanner"];

/** BuildKit writes images as `pkg:docker/debian@13?platform=linux%2Famd64`; others as `pkg:oci/...`, `oci://` or `docker://`. */
function baseImageOf({ uri, digest }: Material): readonly BaseImage[] {
  const purl = parsePurl(uri);
  const name = purl === undefined ? /^(?:oci|docker):\/\/(.+)$/.exec(uri)?.[1] : purl.type === "docker" ? `${purl.path}${versionOf(purl.version)}` : purl.type === "oci" ? `${purl.qualifiers.get("repository_url") ?? purl.path}${tagOf(purl.qualifiers.get("tag"))}` : undefined;
  const parsed = name === undefined ? undefined : parseImage(name);
  if (parsed?.kind !== "name") return [];
  const { digest: written, ...reference } = parsed.reference;
  if (helpers.includes(`${reference.domain}/${reference.path}`)) return [];
  const known = [digest, written, purl?.version].find((candidate) => candidate !== undefined && isDigest(candidate));
  return [{ from: "provenance", reference: formatReference(reference), ...(known === undefined ? {} : { digest: known }) }];
}

function versionOf(version: string | undefined): string {
  if (version === undefined) return "";
  return version.startsWith("sha256:") ? `@${version}` : `:${version}`;
}

function tagOf(tag: string | undefined): string {
  return tag === undefined ? "" : `:${tag}`;
}

function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
}
