import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect } from "vitest";
import { RegistryError } from "../src/registry/error";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Blob {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const ociConfig = "application/vnd.oci.image.config.v1+json";
/** Stands in each credential, token and query string of these tests, and in no message. */
export const secret = "c0nfidential";

/** A registry on loopback that answers well, but where a test tells it to misbehave. It remembers what it was asked. */
export class TestRegistry {
  readonly requests: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"]; body: string }[] = [];
  /** Requests under way at once, at most. */
  most = 0;
  /** Milliseconds before each answer, so that requests meet. */
  slow = 0;
  /** By method and path (a query string is left off); used up one after the other, the last one for ever. */
  private readonly handlers = new Map<string, Handler[]>();
  private readonly content = new Map<string, { readonly type: string; readonly bytes: Buffer }>();
  private before: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  private open = 0;
  private readonly server: Server;
  /** With its port. */
  readonly host: string;

  private constructor(server: Server, host: string) {
    this.server = server;
    this.host = host;
  }

  static async start(address = "127.0.0.1", make: (listener: RequestListener) => Server = createServer): Promise<TestRegistry> {
    let registry: TestRegistry | undefined;
    const server = make((request, response) => registry?.handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    registry = new TestRegistry(server, `${address.includes(":") ? `[${address}]` : address}:${(server.address() as AddressInfo).port}`);
    return registry;
  }

  /** Misbehaves at one path: the handlers in turn, and the last one from then on. `undefined`: behaves. */
  on(route: string, ...handlers: readonly (Handler | undefined)[]): void {
    this.handlers.set(route, handlers.map((handler) => handler ?? ((request, response) => this.serve(request, response))));
  }

  /** Called first; whether it answered. */
  guard(before: (request: IncomingMessage, response: ServerResponse) => boolean): void {
    this.before = before;
  }

  blob(bytes: Buffer | string, mediaType: string): Blob {
    const content = Buffer.from(bytes);
    const digest = sha256(content);
    this.content.set(`/v2/team/app/blobs/${digest}`, { type: "application/octet-stream", bytes: content });
    return { mediaType, digest, size: content.length };
  }

  /** Keeps a manifest or index by its digest, and by a tag. */
  manifest(document: object, tag?: string, mediaType = "manifests" in document ? ociIndex : ociManifest): Blob {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
    const digest = sha256(bytes);
    for (const name of [digest, ...(tag === undefined ? [] : [tag])]) this.content.set(`/v2/team/app/manifests/${name}`, { type: mediaType, bytes });
    return { mediaType, digest, size: bytes.length };
  }

  /** An image of no layers under the tag `1`. */
  image(settings: { readonly created?: string; readonly labels?: { readonly [name: string]: string }; readonly tag?: string } = {}): Blob {
    const { created = "2026-01-02T03:04:05Z", labels = {}, tag = "1" } = settings;
    const config = this.blob(JSON.stringify({ created, architecture: "amd64", os: "linux", config: { Labels: labels } }), ociConfig);
    return this.manifest({ config, layers: [] }, tag);
  }

  /** A manifest with one document, attached to a digest. */
  attach(subject: Blob | undefined, document: string, mediaType: string, more: object = {}): Blob {
    const layer = this.blob(document, mediaType);
    const config = this.blob("{}", "application/vnd.oci.empty.v1+json");
    return this.manifest({ config, layers: [layer], ...(subject === undefined ? {} : { subject }), ...more });
  }

  /** What the referrers API answers for a digest, page after page. */
  referrers(subject: Blob, manifests: readonly object[], headers: { readonly [name: string]: string } = {}): void {
    this.on(`GET /v2/team/app/referrers/${subject.digest}`, (_, response) => {
      response.writeHead(200, { "content-type": ociIndex, ...headers }).end(JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }));
    });
  }

  asked(route: string): number {
    return this.requests.filter(({ method, url }) => `${method} ${url.split("?")[0]}` === route).length;
  }

  get reference(): string {
    return `${this.host}/team/app:1`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private handle(request: IncomingMessage, response: ServerResponse): void {
    const entry = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body: "" };
    this.requests.push(entry);
    this.most = Math.max(this.most, ++this.open);
    response.on("close", () => this.open--);
    request.on("data", (chunk: Buffer) => {
      entry.body += chunk.toString();
    });
    request.on("end", () => {
      if (this.before?.(request, response) === true) return;
      const handlers = this.handlers.get(`${entry.method} ${entry.url.split("?")[0]}`);
      const handler = handlers !== undefined && handlers.length > 1 ? handlers.shift() : handlers?.[0];
      const answer = (): void => (handler === undefined ? this.serve(request, response) : handler(request, response));
      if (this.slow > 0) setTimeout(answer, this.slow);
      else answer();
    });
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const found = this.content.get((request.url ?? "").split("?")[0] ?? "");
    if (found === undefined) {
      response.writeHead(404, { "content-type": "application/json" }).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
      return;
    }
    response.writeHead(200, { "content-type": found.type, "content-length": found.bytes.length });
    response.end(request.method === "HEAD" ? undefined : found.bytes);
  }
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function status(code: number, headers: { readonly [name: string]: string } = {}, body = ""): Handler {
  return (_, response) => {
    response.writeHead(code, headers).end(body);
  };
}

/** The error that a promise is rejected with: the client's own, and nothing secret anywhere in it. */
export async function failureOf(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(RegistryError);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
  return error as RegistryError;
}
