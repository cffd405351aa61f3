import { formatReference, type ImageReference, parseImage, tagNameOnly } from "@bulkhead/core";
import { failure, type RegistryErrorCode, type RegistryStep, type Subject } from "./error";
import type { Answer } from "./exchange";
import { readObject } from "./json";
import { Shared } from "./limiter";
import { digestOf, isDigest } from "../digest";
import { type Descriptor, type Manifest, manifestTypes, readManifest } from "./manifest";
import { type RegistryOptions, type Settings, settingsOf } from "./options";
import { Sender } from "./sender";
import { Session } from "./session";

/** A manifest with its digest, which was computed from its bytes. */
export interface FetchedManifest {
  readonly digest: string;
  readonly manifest: Manifest;
  readonly bytes: Buffer;
}

/** A name and a password in front of a host, as in a URL; what stands before a digest is none. */
const userInfo = /^(?:\w+:\/\/)?[^/]*@(?!sha\d)/;
const accept = Object.keys(manifestTypes).join(", ");

/**
 * Reads registries (OCI distribution 1.1), never writes. What is fetched by digest is what the digest says, or an error;
 * who made it is for others to judge. Each failure is a `RegistryError`. Mirrors are not asked: the registry that the
 * reference names is. Node's `fetch` uses HTTPS_PROXY only with NODE_USE_ENV_PROXY=1.
 */
export class RegistryClient {
  readonly settings: Settings;
  private readonly sender: Sender;
  private readonly sessions = new Map<string, Session>();
  private readonly answers = new Shared<Answer>();

  constructor(options: RegistryOptions = {}) {
    this.settings = settingsOf(options);
    this.sender = new Sender(this.settings);
  }

  /** What a reference names, with `latest` for a missing tag; an error for an image id, and for what is no reference. */
  read(text: string): ImageReference {
    const parsed = parseImage(text);
    const subject: Subject = { registry: "", reference: JSON.stringify(text.replace(userInfo, "***@").slice(0, 200)), step: "reference" };
    if (parsed.kind === "id") throw failure(subject, "invalid-reference", "expected the name of an image in a registry, found an image's id");
    if (parsed.kind === "invalid") throw failure(subject, "invalid-reference", parsed.reason);
    const { digest, domain } = parsed.reference;
    // The grammar allows ports and addresses that do not exist.
    if (!URL.canParse(`http://${domain}`)) throw failure(subject, "invalid-reference", "the registry is not a host that can be asked");
    if (digest !== undefined && !isDigest(digest)) throw failure(subject, "invalid-reference", "only sha256 digests are read");
    return tagNameOnly(parsed.reference);
  }

  /** The digest that a tag names at the moment, as the registry says it in answer to HEAD: it is not checked, nor is the digest of a reference that has one. */
  async headDigest(reference: ImageReference): Promise<string> {
    if (reference.digest !== undefined) return reference.digest;
    const subject = subjectOf(reference, "manifest");
    const answer = await this.request(reference, `manifests/${reference.tag}`, subject, "HEAD", this.settings.maxManifestBytes);
    this.expectGood(subject, answer);
    const digest = answer.headers.get("docker-content-digest");
    // Not every registry says it there; the bytes always do.
    return isDigest(digest) ? digest : (await this.manifest(reference)).digest;
  }

  /** The manifest that the reference's digest names, else its tag. */
  async manifest(reference: ImageReference): Promise<FetchedManifest> {
    const fetched = await this.find(reference, reference.digest ?? reference.tag ?? "latest", "manifest");
    if (fetched === undefined) throw failure(subjectOf(reference, "manifest"), "not-found", "status 404: the registry has no such manifest, or does not show it to everybody", 404);
    return fetched;
  }

  /** The manifest by a tag or digest of the reference's repository, or nothing where the registry has none. */
  find(reference: ImageReference, tagOrDigest: string, step: RegistryStep): Promise<FetchedManifest | undefined> {
    return this.fetchManifest(reference, tagOrDigest, subjectOf(reference, step));
  }

  /** A manifest that a descriptor speaks of: its size must be as said, too. */
  async described(reference: ImageReference, descriptor: Descriptor, step: RegistryStep): Promise<FetchedManifest> {
    const { maxManifestBytes } = this.settings;
    const subject = subjectOf(reference, step);
    if (descriptor.size > maxManifestBytes) throw failure(subject, "too-large", `the manifest ${descriptor.digest} has ${descriptor.size} bytes, more than ${maxManifestBytes}`);
    const fetched = await this.fetchManifest(reference, descriptor.digest, subject);
    if (fetched === undefined) throw failure(subject, "not-found", `status 404: the registry has no manifest ${descriptor.digest}, of which it spoke`, 404);
    if (fetched.bytes.length !== descriptor.size) throw failure(subject, "wrong-length", `the manifest ${descriptor.digest} has ${fetched.bytes.length} bytes, and was said to have ${descriptor.size}`);
    return fetched;
  }

  /** A blob, as long as its descriptor says and with its digest. */
  async blob(reference: ImageReference, { digest, size }: Descriptor): Promise<Buffer> {
    const subject = subjectOf(reference, "blob");
    const { maxBlobBytes } = this.settings;
    if (size > maxBlobBytes) throw failure(subject, "too-large", `the blob ${digest} has ${size} bytes, more than ${maxBlobBytes}`);
    // One byte more, so that a longer answer is known for one.
    const answer = await this.request(reference, `blobs/${digest}`, subject, "GET", size + 1, "*/*").catch((error: unknown) => {
      throw isCode(error, "too-large") ? failure(subject, "wrong-length", `the blob ${digest} has more bytes than the ${size} that it was said to have`) : error;
    });
    this.expectGood(subject, answer);
    if (answer.body.length !== size) throw failure(subject, "wrong-length", `the blob ${digest} has ${answer.body.length} bytes, and was said to have ${size}`);
    expectDigest(subject, answer.body, digest);
    return answer.body;
  }

  /** A request that is not for a manifest or blob. `path` is absolute, and of the reference's repository. */
  get(reference: ImageReference, path: string, subject: Subject, accepted: string): Promise<Answer> {
    return this.request(reference, path, subject, "GET", this.settings.maxManifestBytes, accepted);
  }

  expectGood(subject: Subject, { status }: Answer): void {
    if (status === 200) return;
    const [code, reason]: readonly [RegistryErrorCode, string] = status === 404 ? ["not-found", "the registry has no such thing, or does not show it to everybody"] : status === 403 ? ["denied", "it may not be pulled with this credential"] : ["unexpected-status", "expected 200"];
    throw failure(subject, code, `status ${status}: ${reason}`, status);
  }

  private async fetchManifest(reference: ImageReference, name: string, subject: Subject): Promise<FetchedManifest | undefined> {
    const answer = await this.request(reference, `manifests/${name}`, subject, "GET", this.settings.maxManifestBytes);
    if (answer.status === 404) return undefined;
    this.expectGood(subject, answer);
    const digest = digestOf(answer.body);
    if (isDigest(name)) expectDigest(subject, answer.body, name);
    const said = answer.headers.get("docker-content-digest");
    if (isDigest(said) && said !== digest) throw failure(subject, "wrong-digest", `the manifest has digest ${digest}, and the registry says ${said}`, answer.status);
    const document = readObject(answer.body);
    if (document === undefined) throw failure(subject, "malformed", "the manifest: expected a JSON object", answer.status);
    const read = readManifest(document, answer.headers.get("content-type") ?? "");
    if ("problem" in read) throw failure(subject, "malformed", `the manifest ${digest}: ${read.problem}`, answer.status);
    return { digest, manifest: read.manifest, bytes: answer.body };
  }

  originOf(domain: string): URL {
    return this.session(domain).origin;
  }

  private session(domain: string): Session {
    const session = this.sessions.get(domain) ?? new Session(domain, this.settings, this.sender);
    this.sessions.set(domain, session);
    return session;
  }

  /** `what`: below the repository, or absolute. The same request at the same time is made once. */
  private request(reference: ImageReference, what: string, subject: Subject, method: "GET" | "HEAD", maxBytes: number, accepted = accept): Promise<Answer> {
    const { domain, path: repository } = reference;
    const path = what.startsWith("/") ? what : `/v2/${repository}/${what}`;
    const session = this.session(domain);
    return this.answers.run(`${method} ${domain} ${path} ${maxBytes}`, () => session.request({ subject, repository, path, method, accept: accepted, maxBytes }));
  }
}

export function subjectOf(reference: ImageReference, step: RegistryStep): Subject {
  return { registry: reference.domain, reference: formatReference(reference), step };
}

function expectDigest(subject: Subject, bytes: Buffer, expected: string): void {
  const found = digestOf(bytes);
  if (found !== expected) throw failure(subject, "wrong-digest", `expected content with digest ${expected}, found ${found}`, 200);
}

function isCode(error: unknown, code: RegistryErrorCode): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
