import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "./connection";
import { ask } from "./connection";
import type { DaemonSettings } from "./daemon";
import { resolveDaemon } from "./daemon";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-connection-"));
const socket = join(folder, "docker.sock");
const answer: http.RequestListener = (request, response) => {
  if (request.url === "/slow") return;
  response.end(JSON.stringify({ asked: request.url }));
};
const plain = http.createServer(answer);
const local = http.createServer(answer);
let secure: https.Server;
const path = process.env["PATH"];

const file = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(file(name), "utf8");
const openssl = (...args: readonly string[]): Buffer => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;
const get = (settings: DaemonSettings, seconds = 5, what = "/version"): Promise<Answer> => ask(resolveDaemon(settings, {}, folder), { method: "GET", path: what, seconds });
const reason = (promise: Promise<unknown>): Promise<string> => promise.then(() => "no failure", (error: Error) => error.message);

beforeAll(async () => {
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca-key.pem", "-out", "ca.pem", "-subj", "/CN=test", "-days", "2");
  writeFileSync(file("names"), "subjectAltName=DNS:localhost");
  for (const name of ["server", ""]) {
    const prefix = name === "" ? "" : `${name}-`;
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", `${prefix}key.pem`, "-out", "request", "-subj", "/CN=localhost");
    openssl("x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial", "-out", `${prefix}cert.pem`, "-days", "2", "-extfile", "names");
  }
  secure = https.createServer({ key: text("server-key.pem"), cert: text("server-cert.pem"), ca: text("ca.pem"), requestCert: true, rejectUnauthorized: true }, answer);
  await Promise.all([
    new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve)),
    new Promise<void>((resolve) => secure.listen(0, "127.0.0.1", resolve)),
    new Promise<void>((resolve) => local.listen(socket, resolve)),
  ]);
});
afterAll(() => {
  process.env["PATH"] = path;
  for (const server of [plain, local, secure]) server.closeAllConnections();
  for (const server of [plain, local, secure]) server.close();
  rmSync(folder, { recursive: true });
});

/** A program `ssh` that writes its arguments down and runs `script`. */
function fakeSsh(script: string): void {
  writeFileSync(file("ssh"), `#!/bin/sh\nprintf '%s\\n' "$@" > "${file("ssh-arguments")}"\n${script}\n`);
  chmodSync(file("ssh"), 0o755);
  process.env["PATH"] = `${folder}${delimiter}${path}`;
}

const pipe = `exec "${process.execPath}" -e 'const s = require("net").connect(process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)' "${socket}"`;

describe("every kind of address", () => {
  test("a socket", async () => {
    expect(await get({ host: `unix://${socket}` })).toEqual({ status: 200, body: { asked: "/version" } });
  });

  test("tcp, also below a path", async () => {
    expect(await get({ host: `tcp://127.0.0.1:${portOf(plain)}/docker/` })).toEqual({ status: 200, body: { asked: "/docker/version" } });
  });

  test("tcp with TLS, from a folder and from material", async () => {
    const host = `tcp://localhost:${portOf(secure)}`;
    const material = { certMaterial: text("cert.pem"), keyMaterial: text("key.pem") };
    expect((await get({ host, certPath: folder })).status).toBe(200);
    expect((await get({ host, ...material, caMaterial: text("ca.pem") })).status).toBe(200);
    expect((await get({ host, ...material })).status).toBe(200);
  });

  test("ssh, to the far end of docker system dial-stdio", async () => {
    fakeSsh(pipe);
    expect(await get({ host: "ssh://me@far:2222", sshOpts: ["-v"] })).toEqual({ status: 200, body: { asked: "/version" } });
    expect(text("ssh-arguments").split("\n").slice(0, -1)).toEqual(["-l", "me", "-p", "2222", "-v", "-o", "ConnectTimeout=30", "-T", "--", "far", "docker system dial-stdio"]);
  });
});

describe("why it failed", () => {
  test("nothing listens, no such name, no answer", async () => {
    const closed = http.createServer();
    await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
    const port = portOf(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect(await reason(get({ host: `tcp://127.0.0.1:${port}` }))).toBe("nothing listens there; is the daemon running?");
    expect(await reason(get({ host: "unix:///nowhere.sock" }))).toBe("there is no such socket; is the daemon running?");
    expect(await reason(get({ host: `unix://${socket}` }, 0.2, "/slow"))).toBe("no answer in 0.2 s");
  });

  test("a TLS port without TLS, a wrong authority, a wrong name, a certificate that is none: never a key", async () => {
    const host = `tcp://localhost:${portOf(secure)}`;
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "other-key.pem", "-out", "other.pem", "-subj", "/CN=other", "-days", "2");
    const material = { certMaterial: text("cert.pem"), keyMaterial: text("key.pem"), caMaterial: text("ca.pem") };
    const said = [
      await reason(get({ host })),
      await reason(get({ host, ...material, caMaterial: text("other.pem") })),
      await reason(get({ host: host.replace("localhost", "127.0.0.1"), ...material })),
      await reason(get({ host, ...material, keyMaterial: "not a key" })),
    ];
    expect(said[0]).toMatch(/TLS/);
    expect(said[1]).toMatch(/certificate|signature/i);
    expect(said[2]).toMatch(/altnames/);
    expect(said[3]).not.toBe("no failure");
    for (const each of said) expect(each).not.toMatch(/BEGIN|not a key/);
  });

  test("ssh says why, or is not there", async () => {
    fakeSsh('echo "Permission denied (publickey)." >&2; exit 255');
    expect(await reason(get({ host: "ssh://far" }))).toBe("ssh: Permission denied (publickey).");
    process.env["PATH"] = "/nowhere";
    expect(await reason(get({ host: "ssh://far" }))).toBe("the address is an ssh:// one, and there is no program ssh");
  });
});
