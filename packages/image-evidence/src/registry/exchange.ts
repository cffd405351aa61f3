import { type AddressClass, classOfHost, mayLeadTo } from "./address";
import { failure, RegistryError, type Subject } from "./error";

export interface Call {
  readonly subject: Subject;
  readonly method: "GET" | "HEAD" | "POST";
  readonly url: URL;
  readonly accept?: string;
  /** Sent to the origin of `url`, and to no other. */
  readonly authorization?: string;
  /** A form. */
  readonly body?: string;
  /** Bytes of the answer that are accepted, after a content encoding is undone. */
  readonly maxBytes: number;
  /** The registry's own address: where it may lead to is judged by it. */
  readonly from: AddressClass;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of a good answer; else empty. */
  readonly body: Buffer;
}

const maxRedirects = 5;
const redirects: readonly number[] = [301, 302, 303, 307, 308];
/** An error's text is read so that the connection can be used again, and thrown away. */
const maxErrorBytes = 64 * 1024;

/** Lasting is what another attempt cannot mend: an unknown host, a certificate, an answer that is refused. */
export type Attempt = { readonly answer: Answer } | { readonly error: RegistryError; readonly lasting: boolean };

/** One request and its answer, redirects followed, in at most so many milliseconds. */
export async function exchange(call: Call, milliseconds: number): Promise<Attempt> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  try {
    return { answer: await follow(call, controller.signal) };
  } catch (error) {
    if (error instanceof RegistryError) return { error, lasting: true };
    if (controller.signal.aborted) return { error: failure(call.subject, "timeout", `no whole answer within ${milliseconds} ms`), lasting: false };
    const code = codeOf(error);
    return { error: failure(call.subject, "network", connectionReason(code)), lasting: code !== undefined && lastingCodes.test(code) };
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}

async function follow(call: Call, signal: AbortSignal): Promise<Answer> {
  let { url, authorization } = call;
  for (let hops = 0; ; hops++) {
    const response = await fetch(url, { method: call.method, redirect: "manual", signal, headers: headersOf(call, authorization), ...(call.body === undefined ? {} : { body: call.body }) });
    const { status, headers } = response;
    if (!redirects.includes(status)) {
      const good = status >= 200 && status < 300;
      return { status, headers, body: good ? await read(call, response) : await discard(response) };
    }
    await discard(response);
    if (call.method === "POST") throw refused(call, "a token server may not send a credential on", status);
    if (hops === maxRedirects) throw refused(call, `more than ${maxRedirects} in a row`, status);
    const next = await judge(call, url, headers.get("location"), status);
    // Once another host was asked, none is told anything, whichever comes after it.
    if (next.origin !== url.origin) authorization = undefined;
    url = next;
  }
}

function headersOf(call: Call, authorization: string | undefined): { readonly [name: string]: string } {
  return {
    // Sent explicitly, or a server may compress: a bomb is cut off all the same.
    "accept-encoding": "identity",
    "user-agent": "bulkhead",
    ...(call.accept === undefined ? {} : { accept: call.accept }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(call.body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
  };
}

async function judge(call: Call, from: URL, location: string | null, status: number): Promise<URL> {
  if (location === null || !URL.canParse(location, from.href)) throw refused(call, "it names no URL", status);
  const next = new URL(location, from);
  if (next.protocol !== "https:" && next.protocol !== "http:") throw refused(call, "it leads to something else than HTTP", status);
  if (next.username !== "" || next.password !== "") throw refused(call, `it leads to ${next.host} with a user name in the URL`, status);
  if (from.protocol === "https:" && next.protocol === "http:") throw refused(call, `it leads from HTTPS to plain HTTP at ${next.host}`, status);
  if (next.origin === from.origin) return next;
  const reached = await classOfHost(next.hostname);
  // A name that changes its address between this question and the connection is not seen through; the digest of what it answers is.
  if (!mayLeadTo(call.from, reached)) throw refused(call, `it leads to ${next.host}, an address of this machine or of a private network`, status);
  return next;
}

function refused(call: Call, reason: string, status: number): RegistryError {
  return failure(call.subject, "redirect-refused", `a redirect is refused: ${reason}`, status);
}

async function read(call: Call, response: Response): Promise<Buffer> {
  const tooLarge = (): RegistryError => failure(call.subject, "too-large", `the answer is larger than ${call.maxBytes} bytes`, response.status);
  if (call.method !== "HEAD" && Number(response.headers.get("content-length") ?? 0) > call.maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > call.maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function discard(response: Response): Promise<Buffer> {
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxErrorBytes) break;
  }
  return Buffer.alloc(0);
}

const lastingCodes = /^ENOTFOUND$|CERT|TLS|SSL|SELF_SIGNED|^HPE_/;

/** Codes of Node's, never its sentences: they may quote a URL. */
function connectionReason(code: string | undefined): string {
  if (code === "UND_ERR_SOCKET" || code === "ECONNRESET" || code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return `the connection ended before the answer was whole (${code})`;
  return `no connection, or no answer of HTTP${code === undefined ? "" : ` (${code})`}`;
}

function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const { code } = at as NodeJS.ErrnoException;
    if (typeof code === "string" && /^[A-Z][A-Z0-9_]{0,60}$/.test(code)) return code;
    if (at instanceof AggregateError && at.errors.length > 0) return codeOf(at.errors[0]);
  }
  return undefined;
}
