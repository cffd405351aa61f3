import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { DaemonSettings } from "./daemon";
import { faultOfAddress, resolveDaemon } from "./daemon";

const home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
afterAll(() => rmSync(home, { recursive: true }));
const meta = join(home, ".docker/contexts/meta/abc");
mkdirSync(meta, { recursive: true });
writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: "far", Endpoints: { docker: { Host: "tcp://far:2375" } } }));
mkdirSync(join(home, ".docker/contexts/meta/broken"));
writeFileSync(join(home, ".docker/contexts/meta/broken/meta.json"), "{");
for (const name of ["ca", "cert", "key"]) writeFileSync(join(home, `${name}.pem`), name);

const resolve = (settings: DaemonSettings, env: Record<string, string> = {}, platform: NodeJS.Platform = "linux"): ReturnType<typeof resolveDaemon> => resolveDaemon(settings, env, home, platform);

describe("the daemon that the Docker provider would talk to", () => {
  test.each<[string, DaemonSettings, Record<string, string>, unknown]>([
    ["nothing is set", {}, {}, { kind: "socket", path: "/var/run/docker.sock" }],
    ["DOCKER_HOST", {}, { DOCKER_HOST: "unix:///run/a.sock" }, { kind: "socket", path: "/run/a.sock" }],
    ["a host wins over DOCKER_HOST", { host: "unix:///run/b.sock" }, { DOCKER_HOST: "unix:///run/a.sock" }, { kind: "socket", path: "/run/b.sock" }],
    ["a context wins over a host", { host: "unix:///run/b.sock", context: "far" }, {}, { kind: "tcp", host: "far", port: 2375, prefix: "" }],
    ["so does DOCKER_CONTEXT", { host: "unix:///run/b.sock" }, { DOCKER_CONTEXT: "far" }, { kind: "tcp", host: "far", port: 2375, prefix: "" }],
    ["the default context is none", { context: "default" }, { DOCKER_HOST: "unix:///run/a.sock" }, { kind: "socket", path: "/run/a.sock" }],
    ["tcp without a port", { host: "tcp://[::1]" }, {}, { kind: "tcp", host: "::1", port: 2375, prefix: "" }],
    ["tcp with a path", { host: "tcp://a:1/b/" }, {}, { kind: "tcp", host: "a", port: 1, prefix: "/b" }],
    ["https", { host: "https://a" }, {}, { kind: "tcp", host: "a", port: 443, prefix: "", tls: {} }],
    ["a folder of certificates", { host: "tcp://a", certPath: home }, {}, { kind: "tcp", host: "a", port: 2376, prefix: "", tls: { ca: Buffer.from("ca"), cert: Buffer.from("cert"), key: Buffer.from("key") } }],
    ["DOCKER_CERT_PATH", { host: "tcp://a:1" }, { DOCKER_CERT_PATH: home }, { kind: "tcp", host: "a", port: 1, prefix: "", tls: { ca: Buffer.from("ca"), cert: Buffer.from("cert"), key: Buffer.from("key") } }],
    ["material", { host: "tcp://a:1", certMaterial: "c", keyMaterial: "k" }, { DOCKER_CA_MATERIAL: "a" }, { kind: "tcp", host: "a", port: 1, prefix: "", tls: { cert: "c", key: "k", ca: "a" } }],
    ["ssh", { host: "ssh://me@a:22" }, {}, { kind: "ssh", args: ["-l", "me", "-p", "22", "-o", "ConnectTimeout=30", "-T", "--", "a", "docker system dial-stdio"] }],
    ["ssh to a socket, with options", { host: "ssh://a/run/user/1/docker.sock", sshOpts: ["-T", "-oConnectTimeout=1"] }, {}, { kind: "ssh", args: ["-T", "-oConnectTimeout=1", "--", "a", "docker '--host=unix:///run/user/1/docker.sock' system dial-stdio"] }],
    ["DOCKER_SSH_OPTS", { host: "ssh://a" }, { DOCKER_SSH_OPTS: " -T  -v " }, { kind: "ssh", args: ["-T", "-v", "-o", "ConnectTimeout=30", "--", "a", "docker system dial-stdio"] }],
  ])("%s", (_, settings, env, transport) => {
    expect(resolve(settings, env).transport).toEqual(transport);
  });

  test("a named pipe on Windows", () => {
    expect(resolve({}, {}, "win32").transport).toEqual({ kind: "socket", path: "//./pipe/docker_engine" });
  });

  test.each<[DaemonSettings, RegExp]>([
    [{ context: "near" }, /Docker context "near": not found in .*meta$/],
    [{ host: "tcp://a", certMaterial: "c" }, /certMaterial and keyMaterial go together/],
    [{ host: "tcp://a", certMaterial: "c", keyMaterial: "k", certPath: "/x" }, /exclude each other/],
    [{ host: "tcp://a", certPath: "/nowhere" }, /cannot read \/nowhere\/ca\.pem/],
    [{ host: "tcp://me:hunter2@a?b" }, /^Docker daemon address tcp:\/\/me@a\?b: an address has neither/],
  ])("%j is an error", (settings, message) => {
    expect(() => resolve(settings)).toThrow(message);
  });

  test("an address is said without its password", () => {
    expect(resolve({ host: "tcp://me:hunter2@a:1" }).address).toBe("tcp://me@a:1");
  });

  test.each([
    ["docker:2375", /starts with unix:\/\//],
    ["fd://3", /starts with unix:\/\//],
    ["unix://", /names a socket/],
    ["npipe:////./pipe/docker_engine", /Windows alone/],
    ["tcp://", /names no host/],
    ["tcp://a:port", /scheme:\/\/host:port/],
    ["ssh://-oProxyCommand=x", /no host/],
    ["ssh://me:hunter2@a", /holds no password/],
  ])("%s is no address", (address, message) => {
    expect(faultOfAddress(address, "linux")).toMatch(message);
    expect(faultOfAddress(address, "linux")).not.toContain("hunter2");
  });
});
