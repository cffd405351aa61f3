import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseChallenges } from "../src/registry/challenge";
import { RegistryClient } from "../src/registry/client";
import { CredentialError, type CredentialSource } from "../src/registry/credential";
import { dockerCredentials } from "../src/registry/docker-config";
import { resolveImage } from "../src/registry/image";
import { failureOf, secret, status, TestRegistry } from "./test-registry";

const password: CredentialSource = async () => ({ kind: "basic", username: "user", password: secret });
const nobody: CredentialSource = async () => undefined;

function client(credentials: CredentialSource): RegistryClient {
  return new RegistryClient({ credentials, backoffMilliseconds: 1, attempts: 2 });
}

describe("tokens", () => {
  let registry: TestRegistry;
  let tokens: TestRegistry;
  let valid: string[];
  const tokenRequests = (): readonly string[] => tokens.requests.map(({ method, url }) => `${method} ${url}`);
  beforeEach(async () => {
    [registry, tokens] = [await TestRegistry.start(), await TestRegistry.start()];
    registry.image();
    valid = [];
    registry.guard((request, response) => {
      if (valid.includes(request.headers.authorization ?? "")) return false;
      response.writeHead(401, { "www-authenticate": challenge() }).end(secret);
      return true;
    });
    tokens.guard((_, response) => {
      const token = `${secret}-${valid.length + 1}`;
      valid.push(`Bearer ${token}`);
      response.end(JSON.stringify({ token, expires_in: 300 }));
      return true;
    });
  });
  afterEach(async () => {
    await Promise.all([registry.stop(), tokens.stop()]);
  });
  const challenge = (): string => `Bearer realm="http://${tokens.host}/token?of=realm",service="a \\"quoted\\", service",scope="repository:team/app:pull,push"`;

  test("one is fetched for the right to pull alone, whatever scope the challenge names, and used until it expires", async () => {
    const one = client(password);
    await resolveImage(one, registry.reference);
    await resolveImage(one, registry.reference);
    const asked = new URL(tokens.requests[0]?.url ?? "", "http://t");
    expect(Object.fromEntries(asked.searchParams)).toEqual({ of: "realm", service: 'a "quoted", service', scope: "repository:team/app:pull" });
    expect(tokens.requests.map(({ headers }) => headers.authorization)).toEqual([`Basic ${Buffer.from(`user:${secret}`).toString("base64")}`]);
    // The first request alone has none.
    expect(registry.requests.filter(({ headers }) => headers.authorization === undefined)).toHaveLength(1);
  });

  test("nobody in particular gets one without a credential", async () => {
    await resolveImage(client(nobody), registry.reference);
    expect(tokens.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("one that the registry no longer takes is renewed, once", async () => {
    const one = client(password);
    await resolveImage(one, registry.reference);
    valid.splice(0, 1, "revoked");
    await resolveImage(one, registry.reference);
    expect(tokens.requests).toHaveLength(2);
    registry.guard((_, response) => {
      response.writeHead(401, { "www-authenticate": challenge() }).end();
      return true;
    });
    const before = registry.requests.length;
    expect(await failureOf(resolveImage(one, registry.reference))).toMatchObject({ code: "unauthorized", status: 401, step: "manifest" });
    expect(tokens.requests).toHaveLength(3);
    expect(registry.requests.length - before).toBe(2);
  });

  test("one that has expired by its own account is not sent", async () => {
    tokens.guard((_, response) => {
      valid = [`Bearer ${secret}-${tokens.requests.length}`];
      response.end(JSON.stringify({ access_token: `${secret}-${tokens.requests.length}`, expires_in: 0.001 }));
      return true;
    });
    const one = client(password);
    await resolveImage(one, registry.reference);
    const before = registry.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await one.manifest(one.read(registry.reference));
    // It was renewed before anything was asked: no 401 in between.
    expect(registry.requests.length - before).toBe(1);
  });

  test("requests at the same time share one", async () => {
    const one = client(password);
    await one.manifest(one.read(registry.reference));
    valid.splice(0, 1, "revoked");
    for (const tag of ["2", "3", "4", "5"]) registry.image({ tag });
    await Promise.all(["2", "3", "4", "5"].map((tag) => one.manifest(one.read(`${registry.host}/team/app:${tag}`))));
    expect(tokens.requests).toHaveLength(2);
  });

  test("an identity token is sent in a form, by the refresh grant, and never to the registry", async () => {
    await resolveImage(client(async () => ({ kind: "identity", token: secret })), registry.reference);
    expect(tokenRequests()).toEqual(["POST /token?of=realm"]);
    expect(Object.fromEntries(new URLSearchParams(tokens.requests[0]?.body))).toEqual({ grant_type: "refresh_token", client_id: "bulkhead", scope: "repository:team/app:pull", service: 'a "quoted", service', refresh_token: secret });
    expect(registry.requests.map(({ headers }) => headers.authorization)).not.toContain(`Bearer ${secret}`);
  });

  test("a registry's own token is sent as it is", async () => {
    valid.push(`Bearer ${secret}`);
    await resolveImage(client(async () => ({ kind: "bearer", token: secret })), registry.reference);
    expect(tokens.requests).toEqual([]);
  });

  test.each([
    [401, "", "unauthorized"], [403, "", "unauthorized"], [404, "", "unexpected-status"], [500, "", "server-error"],
    [200, "", "malformed"], [200, "[]", "malformed"], [200, '{"token":""}', "malformed"], [200, '{"token":"a\\r\\nb"}', "malformed"], [200, `{"token":"${"x".repeat(2 ** 20)}"}`, "too-large"],
  ])("a token server that answers %i %j", async (code, body, expected) => {
    tokens.guard((_, response) => {
      response.writeHead(code).end(body === "" ? secret : body);
      return true;
    });
    expect(await failureOf(resolveImage(client(password), registry.reference))).toMatchObject({ code: expected, step: "token", registry: registry.host });
  });

  test("a token server may not send an identity token on to another", async () => {
    tokens.guard((_, response) => {
      response.writeHead(307, { location: `http://${registry.host}/?${secret}` }).end();
      return true;
    });
    const before = registry.requests.length;
    expect(await failureOf(resolveImage(client(async () => ({ kind: "identity", token: secret })), registry.reference))).toMatchObject({ code: "redirect-refused", step: "token" });
    expect(registry.requests.length - before).toBe(1);
  });
});

describe("challenges", () => {
  let registry: TestRegistry;
  beforeEach(async () => {
    registry = await TestRegistry.start();
  });
  afterEach(() => registry.stop());

  test.each([
    ["http://registry.example.com/token", "is not HTTPS"],
    ["ftp://127.0.0.1/", "is not HTTPS"],
    ["https://169.254.169.254/token", "an address of this machine or of a private network"],
    [`https://user:${secret}@127.0.0.1/token`, "has a user name in it"],
    ["/token", "is no URL"],
  ])("a credential is not sent to %s", async (realm, reason) => {
    registry.guard((_, response) => {
      response.writeHead(401, { "www-authenticate": `Bearer realm="${realm}"` }).end();
      return true;
    });
    const error = await failureOf(resolveImage(client(password), registry.reference));
    expect(error).toMatchObject({ code: "bad-challenge", status: 401 });
    expect(error.message).toContain(reason);
    expect(registry.requests).toHaveLength(1);
  });

  test("a registry that wants Basic, and there is no credential, or one that is none for it", async () => {
    registry.guard((_, response) => {
      response.writeHead(401, { "www-authenticate": "Negotiate, Basic realm=x" }).end();
      return true;
    });
    expect((await failureOf(resolveImage(client(nobody), registry.reference))).message).toContain("has no credential for this registry");
    expect((await failureOf(resolveImage(client(async () => ({ kind: "identity", token: secret })), registry.reference))).message).toContain("wants a name and a password");
    expect(registry.requests).toHaveLength(2);
    const error = await failureOf(resolveImage(client(password), registry.reference));
    expect(error.message).toContain("is not accepted");
    expect(registry.requests).toHaveLength(4);
  });

  test("are read as the RFC has them", () => {
    expect(parseChallenges('Bearer realm="https://a/b?c=d,e",service=s , scope="repository:x:pull,push",Basic realm="a \\"b\\\\"')).toEqual([
      { scheme: "bearer", parameters: { realm: "https://a/b?c=d,e", service: "s", scope: "repository:x:pull,push" } },
      { scheme: "basic", parameters: { realm: 'a "b\\' } },
    ]);
    expect(parseChallenges("Negotiate , NTLM")).toEqual([{ scheme: "negotiate", parameters: {} }, { scheme: "ntlm", parameters: {} }]);
    expect(parseChallenges("")).toEqual([]);
    expect(parseChallenges('Bearer __proto__="x"')?.[0]?.parameters["realm"]).toBeUndefined();
  });

  test.each(['Bearer realm="a",realm="b"', 'Bearer realm="a', "realm=x", "Bearer realm=", 'Bearer "x"', 'Bearer realm="a" service="b"', "Bearer realm=https://a", `Bearer realm="${"a".repeat(9000)}"`])("are refused where they could be read in two ways: %s", (header) => {
    expect(parseChallenges(header)).toBeUndefined();
  });
});

describe("Docker's configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bulkhead-docker-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const hub = "https://index.docker.io/v1/";

  const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({ PATH: `${folder}${delimiter}${process.env["PATH"]}`, HOME: join(folder, "home"), DOCKER_CONFIG: folder, ...more });
  const config = (content: unknown, name = "config.json"): string => {
    writeFileSync(join(folder, name), typeof content === "string" ? content : JSON.stringify(content));
    return join(folder, name);
  };
  const auth = (text: string): { readonly auth: string } => ({ auth: Buffer.from(text).toString("base64") });
  const helper = (name: string, script: string): void => {
    writeFileSync(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, `docker-credential-${name}`), 0o755);
  };
  const find = (host: string, more?: NodeJS.ProcessEnv): ReturnType<CredentialSource> => dockerCredentials({ env: env(more), helperMilliseconds: 30_000 })(host);
  const failing = async (host: string, more?: NodeJS.ProcessEnv): Promise<string> => {
    const error: unknown = await find(host, more).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(CredentialError);
    expect(inspect(error, { showHidden: true })).not.toContain(secret);
    return (error as Error).message;
  };

  test("a host must be the very same, port included; docker.io has a name of its own", async () => {
    config({ auths: { "r.example.com": auth("a:1:2"), "https://s.example.com:5000/v2/": auth("b:2"), [hub]: auth("c:3"), "q.example.com/team": auth("d:4"), "Upper.example.com": auth("e:5") } });
    const basic = (username: string, text: string): object => ({ kind: "basic", username, password: text });
    expect(await find("r.example.com")).toEqual(basic("a", "1:2"));
    expect(await find("R.example.com")).toEqual(basic("a", "1:2"));
    expect(await find("s.example.com:5000")).toEqual(basic("b", "2"));
    expect(await find("docker.io")).toEqual(basic("c", "3"));
    expect(await find("upper.example.com")).toEqual(basic("e", "5"));
    for (const host of ["r.example.com:443", "s.example.com", "r.example.com.evil.org", "example.com", "evil-r.example.com", "q.example.com", "__proto__", "toString"]) expect(await find(host), host).toBeUndefined();
  });

  test("kinds of entries", async () => {
    config({ auths: { a: { identitytoken: "i", ...auth("x:y") }, b: { registrytoken: "r" }, c: { username: "u", password: "p" }, d: auth("<token>:t"), e: {}, f: { auth: "" } } });
    expect(await Promise.all(["a", "b", "c", "d", "e", "f"].map((host) => find(host)))).toEqual([{ kind: "identity", token: "i" }, { kind: "bearer", token: "r" }, { kind: "basic", username: "u", password: "p" }, { kind: "identity", token: "t" }, undefined, undefined]);
  });

  test("the file: REGISTRY_AUTH_FILE, else DOCKER_CONFIG, else the home folder's; none is nobody", async () => {
    config({ auths: { r: auth("docker:1") } });
    const file = config({ auths: { r: auth("podman:1") } }, "auth.json");
    expect(await find("r")).toMatchObject({ username: "docker" });
    expect(await find("r", { REGISTRY_AUTH_FILE: file })).toMatchObject({ username: "podman" });
    expect(await find("r", { DOCKER_CONFIG: "" })).toBeUndefined();
    expect(await failing("r", { REGISTRY_AUTH_FILE: join(folder, "none") })).toContain("none cannot be read (ENOENT)");
    expect(await failing("r", { REGISTRY_AUTH_FILE: config(`{"auths":{"r":"${secret}"`, "bad.json") })).toContain("bad.json: expected a JSON object");
    expect(await failing("r", { REGISTRY_AUTH_FILE: config({ auths: { r: { auth: Buffer.from(secret).toString("base64") } } }, "bad.json") })).toContain('auths["r"].auth: expected a name and a password');
  });

  test("a host's own helper comes before the store, and that before what stands in the file", async () => {
    helper("own", `read -r host; printf '{"Username":"own","Secret":"%s"}' "$host"`);
    helper("store", `read -r host; case $host in known) printf '{"Username":"<token>","Secret":"t"}';; *) echo "credentials not found in native keychain"; exit 1;; esac`);
    config({ auths: { r: auth("file:1"), known: auth("file:1"), s: auth("file:1") }, credsStore: "store", credHelpers: { r: "own", "docker.io": "own" } });
    expect(await find("r")).toEqual({ kind: "basic", username: "own", password: "r" });
    expect(await find("docker.io")).toEqual({ kind: "basic", username: "own", password: hub });
    expect(await find("known")).toEqual({ kind: "identity", token: "t" });
    expect(await find("s")).toMatchObject({ username: "file" });
    expect(await find("nowhere")).toBeUndefined();
  });

  test("a helper is asked once for a host", async () => {
    helper("count", `echo x >> ${join(folder, "count")}; printf '{"Username":"u","Secret":"%s"}' "$(wc -l < ${join(folder, "count")})"`);
    config({ credsStore: "count" });
    const source = dockerCredentials({ env: env() });
    expect(new Set((await Promise.all([source("a"), source("a"), source("A")])).map((found) => inspect(found))).size).toBe(1);
    expect(await source("a")).toMatchObject({ password: expect.stringMatching(/^\s*1$/) });
  });

  test("what a helper does wrong is said, and what it prints is not", async () => {
    const store = async (name: unknown, script: string): Promise<string> => {
      if (typeof name === "string" && /^\w+$/.test(name) && script !== "") helper(name, script);
      config({ credsStore: name });
      return failing("r");
    };
    expect(await store("fails", `echo ${secret}; echo ${secret} >&2; exit 3`)).toBe("docker-credential-fails ended with exit code 3");
    expect(await store("text", `echo ${secret}`)).toContain("docker-credential-text: expected a JSON object with Username and Secret");
    expect(await store("absent", "")).toBe("docker-credential-absent cannot be started (ENOENT)");
    expect(await store("large", `while :; do echo ${secret.repeat(100)}; done`)).toContain("printed more than");
    for (const name of ["../evil", "a b", "$(touch x)", "a;b", "a/b", 7, ["x"]]) expect(await store(name, "")).toContain("credential helper whose name");
  });

  test("a helper that hangs is ended, with what it started", async () => {
    helper("hangs", `sleep 600 & echo $! > ${join(folder, "pid")}; wait`);
    config({ credsStore: "hangs" });
    const source = dockerCredentials({ env: env(), helperMilliseconds: 3000 });
    await expect(source("r")).rejects.toThrow("docker-credential-hangs took longer than 3000 ms");
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test("a failing lookup is an error of the registry, where one is needed", async () => {
    const registry = await TestRegistry.start();
    try {
      config(secret);
      const one = new RegistryClient({ credentials: dockerCredentials({ env: env() }) });
      const { digest } = registry.image();
      expect((await resolveImage(one, registry.reference)).digest).toBe(digest);
      registry.on("GET /v2/team/app/manifests/1", status(401, { "www-authenticate": "Basic" }));
      expect(await failureOf(resolveImage(one, registry.reference))).toMatchObject({ code: "credentials", step: "credentials", registry: registry.host });
    } finally {
      await registry.stop();
    }
  });
});

/** A program that ended and was not waited for has a number still: only its state says so. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
