import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import net from "node:net";
import { join } from "node:path";

/**
 * Serves the bare repositories of a folder by git's own http-backend, to be cloned only, as public hosts on the usual
 * port: a proxy on loopback takes what is meant for them to a server with a certificate of theirs, and lets all else pass.
 * The CLI would take a plain https://127.0.0.1:PORT as well, but fails when it writes that down as a package.
 */
export class GitHosts {
  /** Makes a client trust the hosts and go through the proxy; known once they are open. */
  env: NodeJS.ProcessEnv = {};
  /** Each request as `METHOD https://HOST/PATH`. */
  readonly requests: string[] = [];
  private readonly server: https.Server;
  private readonly proxy: http.Server;
  private readonly certificate: string;

  /** `folder` holds OWNER/NAME.git; a key and a certificate are written there. */
  constructor(folder: string, hosts: readonly string[]) {
    this.certificate = join(folder, "certificate.pem");
    const key = join(folder, "key.pem");
    const names = hosts.map((host) => `DNS:${host}`).join();
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", this.certificate, "-subj", "/CN=loopback", "-addext", `subjectAltName=${names}`, "-days", "2"], { stdio: "pipe" });
    this.server = https.createServer({ key: readFileSync(key), cert: readFileSync(this.certificate) }, (request, response) => {
      this.requests.push(`${request.method} https://${request.headers.host}${request.url}`);
      answer(folder, request, response);
    });
    this.proxy = http.createServer((_, response) => response.writeHead(405).end()).on("connect", (request, client, head) => {
      const [host = "", port = "443"] = (request.url ?? "").split(":");
      const onward = hosts.includes(host) ? net.connect(portOf(this.server), "127.0.0.1") : net.connect(Number(port), host);
      onward.on("connect", () => {
        client.write("HTTP/1.1 200 Connection established\r\n\r\n");
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      for (const [one, other] of [[onward, client], [client, onward]] as const) one.on("error", () => other.destroy()).on("close", () => other.destroy());
    });
  }

  async open(): Promise<void> {
    for (const server of [this.server, this.proxy]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${portOf(this.proxy)}`;
    const { HTTPS_PROXY: outer = process.env["https_proxy"] } = process.env;
    this.env = {
      SSL_CERT_FILE: this.certificate, HTTPS_PROXY: address, https_proxy: address, GITHUB_TOKEN: undefined,
      // What npm fetches takes the way that it always takes.
      ...(outer === undefined ? {} : { npm_config_https_proxy: outer }),
    };
  }

  close(): void {
    for (const server of [this.server, this.proxy]) {
      server.closeAllConnections();
      server.close();
    }
  }
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port;
}

/** As a web server runs a program by the common gateway interface. */
function answer(folder: string, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? "/", "https://localhost");
  const { "content-type": type = "", "content-encoding": encoding = "", "git-protocol": protocol = "" } = request.headers;
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"], GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: "1", PATH_INFO: decodeURIComponent(pathname), QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method, CONTENT_TYPE: type, HTTP_CONTENT_ENCODING: encoding, GIT_PROTOCOL: String(protocol), REMOTE_ADDR: "127.0.0.1",
    },
  });
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.on("error", () => response.destroy());
  child.on("close", () => {
    const said = Buffer.concat(chunks);
    const end = said.indexOf("\r\n\r\n");
    const headers = new Map(said.subarray(0, Math.max(end, 0)).toString().split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const));
    const status = Number(headers.get("Status")?.slice(0, 3) ?? (end < 0 ? "500" : "200"));
    response.writeHead(status, Object.fromEntries([...headers].filter(([name]) => name !== "Status" && name !== ""))).end(said.subarray(end + 4));
  });
}
