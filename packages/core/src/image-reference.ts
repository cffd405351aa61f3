/**
 * Image references as Docker and containerd read them: a port of the grammar of github.com/distribution/reference
 * (reference.go, regexp.go, normalize.go), anchored, with no dependency.
 */
export interface ImageReference {
  /** Registry with its port: `docker.io`, `registry.example.com:5000`. `parseImage` gives it in lower case and never empty. */
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
  /** Whether docker.io stands for a registry that was not written. */
  readonly implicitDomain: boolean;
}

export type ParsedImage =
  | { readonly kind: "name"; readonly reference: ImageReference }
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "invalid"; readonly reason: string };

export type ReferenceResult = { readonly reference: ImageReference } | { readonly error: string };

/** Digest algorithms and the length of their hexadecimal form. */
export type DigestLengths = { readonly [algorithm: string]: number };
const registered: DigestLengths = { sha256: 64, sha384: 96, sha512: 128 };

const maxInput = 4096;
const maxName = 255;
const defaultDomain = "docker.io";

const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const label = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/;
const ipv6 = /^\[[a-fA-F0-9:]+\]$/;
const digestForm = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const tagForm = /^\w[\w.-]{0,127}$/;
const bareId = /^[a-f0-9]{64}$/;

/** reference.Parse: the name as it is written; the domain is empty where none is recognised. */
export function parse(input: string, lengths: DigestLengths = registered): ReferenceResult {
  if (input === "") return { error: "repository name must have at least one component" };
  if (input.length > maxInput) return { error: `longer than ${maxInput} characters` };
  const split = splitReference(input, lengths);
  if ("error" in split) return split;
  const { name, tag, digest } = split;
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const domain = slash > 0 && isDomain(first) && isPath(name.slice(slash + 1)) ? first : "";
  const path = domain === "" ? name : name.slice(slash + 1);
  if (!isPath(path)) return { error: /[A-Z]/.test(path) && isPath(path.toLowerCase()) ? "repository name must be lowercase" : "invalid reference format" };
  if (path.length > maxName) return { error: `repository name must not be more than ${maxName} characters` };
  return { reference: complete(domain, path, tag, digest, false) };
}

/** reference.ParseNormalizedNamed: docker.io and library/ are filled in as the docker command does. */
export function parseNormalizedNamed(input: string, lengths: DigestLengths = registered): ReferenceResult {
  if (bareId.test(input)) return { error: "cannot specify 64-byte hexadecimal strings" };
  if (input.length > maxInput) return { error: `longer than ${maxInput} characters` };
  const { domain, rest, implicit } = splitDomain(input);
  const remote = rest.split(/[:@]/, 1)[0] ?? "";
  const colon = rest.indexOf(":");
  const name = colon > -1 ? rest.slice(0, colon) : remote;
  if (/[A-Z]/.test(name)) return { error: "repository name must be lowercase" };
  const parsed = parse(`${domain}/${rest}`, lengths);
  if ("error" in parsed) return parsed;
  return { reference: { ...parsed.reference, implicitDomain: implicit } };
}

/** reference.ParseDockerRef: normalised, with latest for a missing tag; of a tag and a digest the digest stays. */
export function parseDockerRef(input: string, lengths: DigestLengths = registered): ReferenceResult {
  const parsed = parseNormalizedNamed(input, lengths);
  if ("error" in parsed) return parsed;
  const { domain, path, digest, implicitDomain } = parsed.reference;
  if (digest !== undefined) return { reference: complete(domain, path, undefined, digest, implicitDomain) };
  return { reference: tagNameOnly(parsed.reference) };
}

/** reference.TagNameOnly: `latest` for a reference that has neither a tag nor a digest. */
export function tagNameOnly(reference: ImageReference): ImageReference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: "latest" } : reference;
}

/** reference.ParseAnyReference: an image id (64 hexadecimal digits, or a digest alone), or a normalised name. */
export function parseAnyReference(input: string, lengths: DigestLengths = registered): ParsedImage {
  if (bareId.test(input)) return { kind: "id", id: `sha256:${input}` };
  if (isDigest(input, lengths)) return { kind: "id", id: input };
  const parsed = parseNormalizedNamed(input, lengths);
  return "error" in parsed ? { kind: "invalid", reason: parsed.error } : { kind: "name", reference: parsed.reference };
}

/**
 * What an `image` setting means: an id, a normalised name, or nothing valid. Stricter than the library in one point: it
 * takes `my_host.com/app` for a name without a registry, while the runtimes would pull from my_host.com.
 */
export function parseImage(input: string): ParsedImage {
  const parsed = parseAnyReference(input);
  if (parsed.kind !== "name") return parsed;
  const { reference } = parsed;
  if (reference.domain === "") return { kind: "invalid", reason: "the registry is not a domain name" };
  return { kind: "name", reference: { ...reference, domain: reference.domain.toLowerCase() } };
}

/** The reference as text: `docker.io/library/app:1@sha256:...`. */
export function formatReference({ domain, path, tag, digest }: ImageReference): string {
  return `${domain === "" ? "" : `${domain}/`}${path}${tag === undefined ? "" : `:${tag}`}${digest === undefined ? "" : `@${digest}`}`;
}

/** How the docker command shows the name: without docker.io and library/. */
export function familiarName({ domain, path }: ImageReference): string {
  if (domain !== defaultDomain) return domain === "" ? path : `${domain}/${path}`;
  return path.startsWith("library/") && !path.slice("library/".length).includes("/") ? path.slice("library/".length) : path;
}

function complete(domain: string, path: string, tag: string | undefined, digest: string | undefined, implicitDomain: boolean): ImageReference {
  return { domain, path, implicitDomain, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

type Split = { readonly name: string; readonly tag?: string; readonly digest?: string };

function splitReference(input: string, lengths: DigestLengths): Split | { readonly error: string } {
  const invalid = { error: "invalid reference format" };
  const at = input.indexOf("@");
  const digest = at < 0 ? undefined : input.slice(at + 1);
  if (digest !== undefined && !digestForm.test(digest)) return invalid;
  const named = at < 0 ? input : input.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const tag = tagged ? named.slice(colon + 1) : undefined;
  if (tag !== undefined && !tagForm.test(tag)) return invalid;
  if (digest !== undefined && !isDigest(digest, lengths)) return { error: "invalid digest" };
  const name = tagged ? named.slice(0, colon) : named;
  return { name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

function isDigest(text: string, lengths: DigestLengths): boolean {
  const colon = text.indexOf(":");
  const length = colon < 0 ? undefined : lengths[text.slice(0, colon)];
  const hex = text.slice(colon + 1);
  return length !== undefined && hex.length === length && /^[a-f0-9]+$/.test(hex);
}

function isPath(path: string): boolean {
  return path.split("/").every((part) => component.test(part));
}

function isDomain(text: string): boolean {
  const port = /:[0-9]+$/.exec(text);
  const host = port === null ? text : text.slice(0, port.index);
  return ipv6.test(host) || host.split(".").every((part) => label.test(part));
}

/** normalize.go splitDockerDomain: what stands before the first slash is a registry only where it looks like one. */
function splitDomain(input: string): { readonly domain: string; readonly rest: string; readonly implicit: boolean } {
  const slash = input.indexOf("/");
  const first = slash < 0 ? "" : input.slice(0, slash);
  const isRegistry = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const written = isRegistry ? first : undefined;
  const rest = written === undefined ? input : input.slice(slash + 1);
  const domain = written === undefined || written === "index.docker.io" ? defaultDomain : written;
  const library = domain === defaultDomain && !rest.includes("/");
  return { domain, rest: library ? `library/${rest}` : rest, implicit: written === undefined };
}
