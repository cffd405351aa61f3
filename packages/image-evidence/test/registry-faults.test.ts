import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { classOfAddress, classOfHost } from "../src/registry/address";
import { RegistryClient } from "../src/registry/client";
import { resolveImage } from "../src/registry/image";
import type { RegistryOptions } from "../src/registry/options";
import { retryAfter } from "../src/registry/sender";
import { failureOf, ociManifest, secret, sha256, status, TestRegistry } from "./test-registry";

let registry: TestRegistry;
const others: TestRegistry[] = [];
beforeEach(async () => {
  registry = await TestRegistry.start();
});
afterEach(async () => {
  await Promise.all([registry, ...others.splice(0)].map((each) => each.stop()));
});

const byTag = "GET /v2/team/app/manifests/1";

function client(options: RegistryOptions = {}): RegistryClient {
  return new RegistryClient({ credentials: async () => ({ kind: "basic", username: "user", password: secret }), backoffMilliseconds: 1, requestMilliseconds: 5000, ...options });
}

async function another(address?: string): Promise<TestRegistry> {
  const started = await TestRegistry.start(address);
  others.push(started);
  return started;
}

describe("answers that may be better the next time", () => {
  test("429 with Retry-After is asked again, and no more often than attempts", async () => {
    const { digest } = registry.image();
    registry.on(byTag, status(429, { "retry-after": "0" }), status(429), undefined);
    expect((await resolveImage(client(), registry.reference)).digest).toBe(digest);
    expect(registry.asked(byTag)).toBe(3);
    registry.on(byTag, status(429));
    expect(await failureOf(resolveImage(client({ attempts: 2 }), registry.reference))).toMatchObject({ code: "rate-limited", status: 429, step: "manifest", registry: registry.host, reference: registry.reference });
    expect(registry.asked(byTag)).toBe(5);
  });

  test("a wait that is too long is not waited", async () => {
    registry.on(byTag, status(429, { "retry-after": "86400" }));
    const error = await failureOf(resolveImage(client(), registry.reference));
    expect(error).toMatchObject({ code: "rate-limited", status: 429 });
    expect(error.message).toContain("asks to wait for 86400 s");
    expect(registry.asked(byTag)).toBe(1);
  });

  test("Retry-After is seconds or a date", () => {
    const at = Date.parse("2026-01-01T00:00:00Z");
    const of = (text: string): number | undefined => retryAfter(new Headers({ "retry-after": text }), at);
    expect([of("7"), of("Thu, 01 Jan 2026 00:00:09 GMT"), of("Wed, 31 Dec 2025 00:00:00 GMT"), of("soon")]).toEqual([7000, 9000, 0, undefined]);
    expect(retryAfter(new Headers(), at)).toBeUndefined();
  });

  test.each([500, 502, 503, 504])("%i, then good; and always", async (code) => {
    const { digest } = registry.image();
    registry.on(byTag, status(code, {}, secret), undefined);
    expect((await resolveImage(client(), registry.reference)).digest).toBe(digest);
    registry.on(byTag, status(code, {}, secret));
    expect(await failureOf(resolveImage(client({ attempts: 3 }), registry.reference))).toMatchObject({ code: "server-error", status: code });
    expect(registry.asked(byTag)).toBe(5);
  });

  test("a connection that ends in the middle of an answer", async () => {
    const { digest } = registry.image();
    const half = registry.image({ tag: "whole" });
    registry.on(byTag, (_, response) => {
      response.writeHead(200, { "content-type": ociManifest, "content-length": half.size }).write("{");
      setTimeout(() => response.destroy(), 20);
    }, undefined);
    expect((await resolveImage(client(), registry.reference)).digest).toBe(digest);
    registry.on(byTag, (request) => request.socket.destroy());
    expect(await failureOf(resolveImage(client({ attempts: 2 }), registry.reference))).toMatchObject({ code: "network", status: undefined });
    expect(registry.asked(byTag)).toBe(4);
  });

  test("nobody listens, or not with HTTP", async () => {
    const { host } = registry;
    registry.on(byTag, (request) => request.socket.end(`${secret} 200\r\n\r\n`));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "network" });
    await registry.stop();
    const error = await failureOf(resolveImage(client({ attempts: 2 }), `${host}/team/app:1`));
    expect(error).toMatchObject({ code: "network" });
    expect(error.message).toContain("ECONNREFUSED");
  });
});

describe("answers that never come", () => {
  test.each([
    ["before the headers", (): void => undefined],
    ["within the body", (_: unknown, response: import("node:http").ServerResponse): void => void response.writeHead(200, { "content-type": ociManifest }).write("{")],
  ])("a request that hangs %s is given up, and its next attempt too", async (_, handler) => {
    registry.on(byTag, handler);
    const error = await failureOf(resolveImage(client({ requestMilliseconds: 200, attempts: 2 }), registry.reference));
    expect(error).toMatchObject({ code: "timeout", step: "manifest" });
    expect(error.message).toContain("no whole answer within 200 ms");
    // A slow machine may not get as far as asking.
    expect(registry.asked(byTag)).toBeLessThanOrEqual(2);
  });

  test("everything together is bounded, whatever each request may take and however often", async () => {
    registry.on(byTag, (_, response) => {
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
      response.writeHead(200, { "content-type": ociManifest });
    });
    const one = client({ totalMilliseconds: 300, requestMilliseconds: 100, attempts: 1000 });
    expect(await failureOf(resolveImage(one, registry.reference))).toMatchObject({ code: "timeout" });
    const asked = registry.asked(byTag);
    expect(asked).toBeLessThanOrEqual(4);
    expect((await failureOf(resolveImage(one, registry.reference))).message).toContain("the 300 ms for all requests together are over");
    expect(registry.asked(byTag)).toBe(asked);
  });

  test("a wait between attempts that would outlast everything is not begun", async () => {
    registry.on(byTag, status(503));
    const error = await failureOf(resolveImage(client({ totalMilliseconds: 2000, backoffMilliseconds: 60_000 }), registry.reference));
    expect(error).toMatchObject({ code: "timeout" });
    expect(error.message).toContain("status 503");
  });
});

describe("answers that are not what was asked for", () => {
  test("a manifest with another digest than asked for is refused, at once", async () => {
    const { digest } = registry.image();
    registry.on(`GET /v2/team/app/manifests/${digest}`, status(200, { "content-type": ociManifest, "docker-content-digest": digest }, "{}"));
    const error = await failureOf(resolveImage(client(), `${registry.host}/team/app@${digest}`));
    expect(error).toMatchObject({ code: "wrong-digest" });
    expect(error.message).toContain(`expected content with digest ${digest}, found ${sha256("{}")}`);
    expect(registry.asked(`GET /v2/team/app/manifests/${digest}`)).toBe(1);
  });

  test("a manifest by tag must have the digest that the registry says", async () => {
    registry.image();
    registry.on(byTag, (_, response) => void response.writeHead(200, { "content-type": ociManifest, "docker-content-digest": `sha256:${"0".repeat(64)}` }).end(JSON.stringify({ schemaVersion: 2 })));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "wrong-digest" });
  });

  test.each([
    ["wrong-digest", "other, of the same size"],
    ["wrong-length", "shorter"],
    ["wrong-length", "much longer than it was said to be, by far"],
  ])("%s of a blob", async (code, body) => {
    const config = registry.blob("x".repeat("other, of the same size".length), "application/vnd.oci.image.config.v1+json");
    registry.manifest({ config, layers: [] }, "1");
    registry.on(`GET /v2/team/app/blobs/${config.digest}`, status(200, {}, body));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code, step: "blob" });
  });

  test.each([
    ["its media type", { "content-type": "application/vnd.docker.distribution.manifest.v1+prettyjws" }, { schemaVersion: 1 }],
    ["its media type", { "content-type": "text/html" }, {}],
    ["its mediaType is another", { "content-type": ociManifest }, { schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests: [] }],
    ["a manifest and an index at once", { "content-type": ociManifest }, { schemaVersion: 2, config: {}, layers: [], manifests: [] }],
    ["schemaVersion: expected 2", { "content-type": ociManifest }, { schemaVersion: "2" }],
    ["config: expected a descriptor", { "content-type": ociManifest }, { schemaVersion: 2, config: { mediaType: "a/b", digest: "sha256:abc", size: 2 }, layers: [] }],
    ["layers: expected a list", { "content-type": ociManifest }, { schemaVersion: 2, config: { mediaType: "a/b", digest: `sha256:${"a".repeat(64)}`, size: 2 }, layers: [{ mediaType: "a/b", digest: `sha256:${"a".repeat(64)}`, size: -1 }] }],
  ])("a document that is no manifest: %s", async (reason, headers, document) => {
    registry.on(byTag, status(200, headers, JSON.stringify(document)));
    const error = await failureOf(resolveImage(client(), registry.reference));
    expect(error).toMatchObject({ code: "malformed" });
    expect(error.message).toContain(reason);
  });

  test.each(["", "[]", "{", `{"schemaVersion":2,"schemaVersion":2}`, `${"[".repeat(100)}`, "\xff\xfe{}"])("no JSON object that can be read in one way only: %j", async (text) => {
    registry.on(byTag, (_, response) => void response.writeHead(200, { "content-type": ociManifest }).end(Buffer.from(text, "latin1")));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "malformed" });
  });

  test.each([[401, "bad-challenge"], [403, "denied"], [404, "not-found"], [418, "unexpected-status"], [204, "unexpected-status"]])("status %i is %s", async (code, expected) => {
    registry.on(byTag, status(code, {}, code === 204 ? "" : secret));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: expected, status: code });
  });
});

describe("answers that are too large", () => {
  test("a manifest that says so is not read, one that does not is cut off", async () => {
    let sent = 0;
    const endless = (response: import("node:http").ServerResponse): void => {
      const more = (): void => {
        while (!response.destroyed && response.write(" ".repeat(65_536))) sent += 65_536;
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    };
    registry.on(byTag, status(200, { "content-type": ociManifest, "content-length": String(5 * 1024 * 1024) }));
    expect(await failureOf(resolveImage(client({ requestMilliseconds: 2000 }), registry.reference))).toMatchObject({ code: "too-large" });
    registry.on(byTag, (_, response) => {
      response.writeHead(200, { "content-type": ociManifest });
      endless(response);
    });
    const error = await failureOf(resolveImage(client(), registry.reference));
    expect(error).toMatchObject({ code: "too-large" });
    expect(error.message).toContain("larger than 4194304 bytes");
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect(registry.asked(byTag)).toBe(2);
  });

  test("a bomb of gzip is cut off where the limit is", async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    registry.on(byTag, (_, response) => void response.writeHead(200, { "content-type": ociManifest, "content-encoding": "gzip" }).end(bomb));
    const before = process.memoryUsage().arrayBuffers;
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "too-large" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
    expect(registry.requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  test("a blob that is said to be too large is not asked for", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    registry.manifest({ config: { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: 1_000_001 }, layers: [] }, "1");
    expect(await failureOf(resolveImage(client({ maxBlobBytes: 1_000_000 }), registry.reference))).toMatchObject({ code: "too-large", step: "blob" });
    expect(registry.asked(`GET /v2/team/app/blobs/${digest}`)).toBe(0);
  });
});

describe("redirects", () => {
  const to = (location: string, code = 307): ReturnType<typeof status> => status(code, { location });

  test("a blob at another host is fetched from there, and nothing is told to that host", async () => {
    const storage = await another();
    const { digest } = registry.image();
    const config = [...JSON.stringify({ created: "2026-01-02T03:04:05Z", architecture: "amd64", os: "linux", config: { Labels: {} } })].join("");
    storage.on("GET /store", status(200, {}, config));
    registry.on(`GET /v2/team/app/blobs/${sha256(config)}`, to(`http://${storage.host}/store?signature=${secret}`));
    registry.guard((request, response) => {
      if (request.headers.authorization !== undefined) return false;
      response.writeHead(401, { "www-authenticate": 'Basic realm="r"' }).end();
      return true;
    });
    expect(await resolveImage(client(), registry.reference)).toMatchObject({ digest, createdAt: "2026-01-02T03:04:05Z" });
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(registry.requests.at(-1)?.headers.authorization).toMatch(/^Basic /);
  });

  test("a host that was asked in between hears nothing, nor does the registry after it", async () => {
    const between = await another();
    registry.image();
    between.on("GET /", to(`http://${registry.host}/back`));
    registry.on(byTag, status(401, { "www-authenticate": "Basic" }), to(`http://${between.host}/`));
    registry.on("GET /back", status(403));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "denied" });
    expect([between.requests[0], registry.requests.at(-1)].map((request) => request?.headers.authorization)).toEqual([undefined, undefined]);
  });

  test("a loop ends", async () => {
    registry.on(byTag, to(`/v2/team/app/manifests/1?again=${secret}`, 302));
    const error = await failureOf(resolveImage(client(), registry.reference));
    expect(error).toMatchObject({ code: "redirect-refused", status: 302 });
    expect(registry.asked(byTag)).toBe(6);
  });

  test.each([
    [`http://169.254.169.254/latest/meta-data?${secret}`, "an address of this machine or of a private network"],
    ["http://[fe80::1]/", "an address of this machine or of a private network"],
    ["http://0/", "an address of this machine or of a private network"],
    [`http://user:${secret}@example.com/`, "a user name in the URL"],
    ["file:///etc/passwd", "something else than HTTP"],
    ["http://[", "it names no URL"],
  ])("%s is refused", async (location, reason) => {
    registry.on(byTag, to(location));
    const error = await failureOf(resolveImage(client(), registry.reference));
    expect(error).toMatchObject({ code: "redirect-refused", status: 307 });
    expect(error.message).toContain(reason);
    expect(registry.asked(byTag)).toBe(1);
  });

  test("one without a place is refused", async () => {
    registry.on(byTag, status(301));
    expect(await failureOf(resolveImage(client(), registry.reference))).toMatchObject({ code: "redirect-refused" });
  });

  const own = Object.values(networkInterfaces()).flat().find((face) => face !== undefined && classOfAddress(face.address) === "private")?.address;
  test.skipIf(own === undefined)("a registry that is not on this machine may not lead to it", async () => {
    const [outside, inside] = [await another(own), await another()];
    outside.on(byTag, to(`http://${inside.host}/`));
    const error = await failureOf(resolveImage(client({ plainHttp: [outside.host] }), outside.reference));
    expect(error).toMatchObject({ code: "redirect-refused" });
    expect(error.message).toContain(inside.host);
    expect(inside.requests).toEqual([]);
  });

  test("from HTTPS to plain HTTP is refused; without a certificate that is known, nothing is asked", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bulkhead-tls-"));
    execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"], { cwd: folder, stdio: "ignore" });
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => readFileSync(join(folder, name), "utf8"));
    rmSync(folder, { recursive: true });
    const secure = await TestRegistry.start("127.0.0.1", (listener) => createTlsServer({ key: key ?? "", cert: cert ?? "" }, listener));
    others.push(secure);
    secure.on(byTag, to(`http://${registry.host}/`));
    const strict = { plainHttp: [] };
    const error = await failureOf(resolveImage(client(strict), secure.reference));
    expect(error).toMatchObject({ code: "network" });
    expect(error.message).toMatch(/SELF_SIGNED/);
    const known = getCACertificates();
    setDefaultCACertificates([...known, cert ?? ""]);
    try {
      const refused = await failureOf(resolveImage(client(strict), secure.reference));
      expect(refused).toMatchObject({ code: "redirect-refused" });
      expect(refused.message).toContain("from HTTPS to plain HTTP");
    } finally {
      setDefaultCACertificates(known);
    }
    expect(registry.requests).toEqual([]);
  });
});

describe("addresses", () => {
  test.each([
    ["127.8.9.1", "loopback"], ["::1", "loopback"], ["::ffff:127.0.0.1", "loopback"], ["::ffff:7f00:1", "loopback"], ["64:ff9b::7f00:1", "loopback"],
    ["10.1.2.3", "private"], ["100.64.0.1", "private"], ["172.31.255.255", "private"], ["192.168.0.1", "private"], ["fd00::1", "private"], ["::ffff:10.0.0.1", "private"], ["2002:a00:1::", "private"],
    ["169.254.169.254", "special"], ["0.0.0.0", "special"], ["224.0.0.1", "special"], ["255.255.255.255", "special"], ["fe80::1%eth0", "special"], ["[fe80::1]", "special"], ["::", "special"], ["::ffff:169.254.169.254", "special"],
    ["172.32.0.1", "public"], ["8.8.8.8", "public"], ["2606:4700::1111", "public"], ["64:ff9b::808:808", "public"], ["::ffff:8.8.8.8", "public"],
  ])("%s is %s", (address, expected) => {
    expect(classOfAddress(address)).toBe(expected);
  });

  test("names of this machine, and those that nobody resolves", async () => {
    expect(await Promise.all(["localhost", "a.LOCALHOST.", "127.1", "[::1]", "none.invalid"].map((name) => classOfHost(new URL(`http://${name}`).hostname)))).toEqual(["loopback", "loopback", "loopback", "loopback", "public"]);
  });

  test("plain HTTP is for this machine, and for what is named", () => {
    const origins = (plainHttp?: readonly string[]): readonly string[] => ["127.0.0.1:5000", "localhost", "10.0.0.1:5000", "registry.example.com", "localhost.evil.org", "docker.io"].map((host) => new RegistryClient(plainHttp === undefined ? {} : { plainHttp }).originOf(host).origin);
    const hub = "https://registry-1.docker.io";
    expect(origins()).toEqual(["http://127.0.0.1:5000", "http://localhost", "https://10.0.0.1:5000", "https://registry.example.com", "https://localhost.evil.org", hub]);
    expect(origins(["10.0.0.1:5000", "registry.example.com:80"])).toEqual(["https://127.0.0.1:5000", "https://localhost", "http://10.0.0.1:5000", "http://registry.example.com", "https://localhost.evil.org", hub]);
  });
});
