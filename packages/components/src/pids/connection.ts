import { spawn } from "node:child_process";
import http from "node:http";
import https from "node:https";
import { Duplex } from "node:stream";
import type { Daemon, Transport } from "./daemon";

export interface Answer {
  readonly status: number;
  /** Parsed where it is JSON, else its text. */
  readonly body: unknown;
}

export interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: object;
  readonly seconds: number;
}

/** What ssh says of its failure, complete once it has ended: the connection may be closed before. */
interface Failure {
  text: string;
  ended: Promise<void>;
}

/** One request on a connection of its own. */
export function ask({ transport }: Daemon, { method, path, body, seconds }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const failure: Failure = { text: "", ended: Promise.resolve() };
    const options = {
      method,
      path: transport.kind === "tcp" ? transport.prefix + path : path,
      headers: { connection: "close", ...(transport.kind === "tcp" ? {} : { host: "docker" }), ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }) },
      signal: AbortSignal.timeout(seconds * 1000),
      ...connectionOf(transport, failure),
    };
    const request = (transport.kind === "tcp" && transport.tls !== undefined ? https : http).request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error) => reject(new Error(reasonOf(error, seconds, failure.text))));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks).toString("utf8")) }));
    });
    request.on("error", (error) => void failure.ended.then(() => reject(new Error(reasonOf(error, seconds, failure.text)))));
    request.end(text);
  });
}

function connectionOf(transport: Transport, failure: Failure): https.RequestOptions {
  if (transport.kind === "socket") return { socketPath: transport.path };
  if (transport.kind === "ssh") return { createConnection: () => dial(transport.args, failure) as ReturnType<NonNullable<http.ClientRequestArgs["createConnection"]>> };
  const { host, port, tls } = transport;
  // Node would cache the connection's secure context in the global agent, with the key in the name of the cache's entry.
  return { host, port, ...(tls === undefined ? {} : { ...tls, agent: false, rejectUnauthorized: tls.ca !== undefined || tls.cert === undefined }) };
}

/** The far end of `docker system dial-stdio`, which is the daemon's socket. */
function dial(args: readonly string[], failure: Failure): Duplex {
  const ssh = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
  const stream = Duplex.from({ readable: ssh.stdout, writable: ssh.stdin });
  ssh.stderr.on("data", (chunk: Buffer) => (failure.text = (failure.text + chunk.toString("utf8")).slice(-500)));
  ssh.on("error", (error) => stream.destroy(error));
  failure.ended = new Promise((resolve) => void ssh.once("close", () => resolve()).once("error", () => resolve()));
  stream.on("close", () => ssh.kill());
  return stream;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text.trim().slice(0, 500);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket; is the daemon running?",
  ECONNREFUSED: "nothing listens there; is the daemon running?",
  EACCES: "permission denied; whoever runs pulumi must be allowed to use the daemon's socket (group docker, or root)",
  EPERM: "permission denied; whoever runs pulumi must be allowed to use the daemon's socket (group docker, or root)",
  ENOTFOUND: "the host's name is not known",
  ECONNRESET: "the connection was closed before an answer came; is it a TLS port that was asked without TLS, or the other way round?",
};

function reasonOf(error: Error & { readonly code?: string; readonly syscall?: string; readonly errors?: readonly Error[] }, seconds: number, ssh: string): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") return `no answer in ${seconds} s`;
  if (error.code === "ENOENT" && error.syscall?.startsWith("spawn") === true) return "the address is an ssh:// one, and there is no program ssh";
  if (ssh.trim() !== "") return `ssh: ${ssh.trim()}`;
  // A name with several addresses fails once for each.
  const [first] = error.errors ?? [];
  if (first !== undefined) return reasonOf(first, seconds, ssh);
  return reasons[error.code ?? ""] ?? error.message;
}
