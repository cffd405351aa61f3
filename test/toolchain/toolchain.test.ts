import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { kubeconfig } from "./api-client.ts";
import { findChromium, obtainChromium } from "./chromium.ts";
import { download } from "./download.ts";
import { findKubernetes, obtainKubernetes, stopKubernetes } from "./kubernetes.ts";
import { toolFolder } from "./paths.ts";
import { find, variableOf } from "./resolve.ts";
import { run } from "./run.ts";
import { goTools, toolNames } from "./tools.ts";
import { root } from "../e2e/support.ts";

const pulumi = goTools.find((tool) => tool.name === "pulumi");
if (pulumi === undefined) throw new Error("no pulumi among the tools");

let folder: string;
const saved = { ...process.env };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bulkhead-toolchain-"));
  process.env["BULKHEAD_TOOLCHAIN_CACHE"] = join(folder, "cache");
  process.env["PATH"] = `${join(folder, "bin")}:/usr/bin:/bin`;
});
afterEach(() => {
  vi.restoreAllMocks();
  process.env = { ...saved };
  rmSync(folder, { recursive: true, force: true });
});

function program(path: string, version: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho ${version}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("finding a tool", () => {
  test("nowhere", async () => {
    expect(await find(pulumi)).toEqual({ missing: expect.stringContaining("toolchain -- up") });
  });

  test("the cache, then PATH before it, then the environment before both", async () => {
    const cached = program(join(toolFolder(pulumi), "pulumi"), "v3.259.0");
    expect(await find(pulumi)).toMatchObject({ source: "cache", path: cached });
    const onPath = program(join(folder, "bin/pulumi"), "v3.260.1");
    expect(await find(pulumi)).toMatchObject({ source: "PATH", path: onPath, version: "3.260.1" });
    process.env[variableOf("pulumi")] = cached;
    expect(await find(pulumi)).toMatchObject({ source: "environment", path: cached });
  });

  test("a program on PATH that is too old, or fails, is passed over", async () => {
    for (const version of ["v3.200.0", "v2.259.0", "nonsense"]) {
      program(join(folder, "bin/pulumi"), version);
      expect(await find(pulumi), version).toHaveProperty("missing");
    }
  });

  test("a variable that names nothing says so", async () => {
    process.env[variableOf("pulumi")] = join(folder, "none");
    expect(await find(pulumi)).toEqual({ missing: "BULKHEAD_PULUMI names a file that does not exist" });
  });
});

describe("downloading", () => {
  let server: Server;
  const served = new Map<string, Buffer | string>();
  beforeEach(async () => {
    served.clear();
    server = createServer((request, response) => {
      const body = served.get((request.url ?? "").split("/").at(-1) ?? "");
      response.writeHead(body === undefined ? 404 : 200).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env["BULKHEAD_DOWNLOADS"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  const archive = `pulumi-v${pulumi.version}-${process.platform}-${process.arch === "arm64" ? "arm64" : "x64"}.tar.gz`;
  const release = (): Buffer => {
    program(join(folder, "pulumi/pulumi"), "v3.259.0");
    return execFileSync("tar", ["-C", folder, "-czf", "-", "pulumi"]);
  };

  test("a release whose checksum is right is unpacked", async () => {
    const bytes = release();
    served.set(archive, bytes);
    served.set(`pulumi-${pulumi.version}-checksums.txt`, `${createHash("sha256").update(bytes).digest("hex")}  ${archive}\n`);
    const target = toolFolder(pulumi);
    mkdirSync(join(target, ".."), { recursive: true });
    expect(await download(pulumi, target)).toBe("done");
    expect(readFileSync(join(target, "pulumi"), "utf8")).toContain("v3.259.0");
  });

  test("one whose checksum is wrong is refused, and leaves nothing", async () => {
    served.set(archive, release());
    served.set(`pulumi-${pulumi.version}-checksums.txt`, `${"0".repeat(64)}  ${archive}\n`);
    const target = toolFolder(pulumi);
    expect(await download(pulumi, target)).toMatch(/checksum is [0-9a-f]{64}, the release says 0{64}/);
    expect(existsSync(target)).toBe(false);
  });

  test("a server without the release, and none at all, say so", async () => {
    expect(await download(pulumi, toolFolder(pulumi))).toBe("no download: status 404");
    process.env["BULKHEAD_DOWNLOADS"] = "http://127.0.0.1:9";
    expect(await download(pulumi, toolFolder(pulumi))).toMatch(/^no download: /);
    process.env["BULKHEAD_DOWNLOADS"] = "off";
    expect(await download(pulumi, toolFolder(pulumi))).toBe("downloads are off");
  });
});

describe("Chromium", () => {
  test("is taken from the environment, then from PATH by any of its names, then from the cache", async () => {
    expect(await findChromium()).toEqual({ missing: expect.stringContaining("toolchain -- up chromium") });
    const cached = program(join(folder, `cache/chromium-debian-${process.platform}-${process.arch}/chromium`), "Chromium 156.0.1.2");
    expect(await findChromium()).toEqual({ source: "cache", path: cached, version: "156.0.1.2" });
    const onPath = program(join(folder, "bin/google-chrome"), "Google Chrome 155.0.8078.1 ");
    expect(await findChromium()).toEqual({ source: "PATH", path: onPath, version: "155.0.8078.1" });
    process.env[variableOf("chromium")] = cached;
    expect(await findChromium()).toMatchObject({ source: "environment", path: cached });
    process.env[variableOf("chromium")] = join(folder, "none");
    expect(await obtainChromium()).toEqual({ missing: "BULKHEAD_CHROMIUM names a file that does not exist" });
  });

  test("without it, and without the means to fetch it, it says what is needed", async () => {
    process.env["PATH"] = join(folder, "bin");
    const needs = "the test of the picture needs one of chromium-headless-shell, chromium, google-chrome, google-chrome-stable on PATH, or Debian's package chromium-headless-shell";
    expect(await obtainChromium()).toEqual({ missing: `${needs}, and there is neither here, nor apt-get` });
    program(join(folder, "bin/apt-get"), "no lists; [ $1 = --version ]");
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    expect(await obtainChromium()).toEqual({ missing: expect.stringMatching(/: apt-get does not know it; see .*chromium\.log$/) });
  });
});

describe("running a program", () => {
  test("its code and both streams are the result; a missing program has code 127, a slow one is killed", async () => {
    expect(await run("sh", ["-c", "echo out; echo err >&2; cat; exit 3"], { input: "in" })).toEqual({ code: 3, stdout: "out\nin", stderr: "err\n" });
    expect((await run("no-such-program", [])).code).toBe(127);
    expect(await run("sh", ["-c", "sleep 30"], { timeout: 100 })).toMatchObject({ code: 128, stderr: "killed by SIGKILL" });
  });
});

describe("the API server", () => {
  const state = (name: string, text: string): void => {
    mkdirSync(join(folder, "cache/kubernetes"), { recursive: true });
    writeFileSync(join(folder, "cache/kubernetes", name), text);
  };

  test("is not found where none was started, nor where the one that was started has ended", async () => {
    const missing = { missing: expect.stringContaining("toolchain -- up kubernetes") };
    expect(await findKubernetes()).toEqual(missing);
    state("kubeconfig", kubeconfig("https://127.0.0.1:9", "", "token"));
    expect(await findKubernetes()).toEqual(missing);
    state("kubeconfig", "{");
    expect(await findKubernetes()).toEqual(missing);
  });

  test("stopping removes what is left, and ends no program of others that has its number", async () => {
    state("etcd.pid", String(process.pid));
    state("kube-apiserver.pid", "nonsense");
    expect(await stopKubernetes()).toBe(false);
    expect(existsSync(join(folder, "cache/kubernetes"))).toBe(false);
  });

  test("without etcd, and without the means to fetch it, it says what is needed", async () => {
    process.env["PATH"] = join(folder, "bin");
    expect(await obtainKubernetes()).toEqual({ missing: "an API server needs a program `etcd` on PATH, or Debian's package etcd-server, and there is neither etcd nor apt-get here" });
    program(join(folder, "bin/apt-get"), "no lists; [ $1 = --version ]");
    vi.spyOn(process, "getuid").mockReturnValue(1000);
    expect(await obtainKubernetes()).toEqual({ missing: expect.stringMatching(/etcd-server: apt-get cannot fetch it, and only root can update its lists; see .*etcd\.log$/) });
  });

  test("a program that ends at once is named, with its log, and the other is ended", async () => {
    program(join(folder, "bin/etcd"), "cannot bind; exit 1");
    const started = join(folder, "started");
    process.env[variableOf("kube-apiserver")] = program(join(folder, "other/kube-apiserver"), `$$ > ${started}; while :; do sleep 0.1; done`);
    const result = await obtainKubernetes();
    expect(result).toEqual({ missing: expect.stringMatching(/^etcd ended at once; see .*etcd-failed\.log$/) });
    expect(readFileSync(join(folder, "cache/etcd-failed.log"), "utf8")).toBe("cannot bind\n");
    expect(existsSync(join(folder, "cache/kubernetes"))).toBe(false);
    // Until it is reaped, it has a number still.
    if (existsSync(started)) await vi.waitFor(() => expect(() => process.kill(Number(readFileSync(started, "utf8")), 0)).toThrow("ESRCH"));
  });
});

describe("the command", () => {
  const command = (...args: readonly string[]): ReturnType<typeof run> => run(process.execPath, [join(root, "test/toolchain/main.ts"), ...args]);

  test("env can be read by a shell", async () => {
    const { stdout, code } = await command("env");
    expect(code).toBe(0);
    const shell = await run("sh", ["-c", `${stdout}\necho "$PULUMI_BACKEND_URL" "$PULUMI_SKIP_UPDATE_CHECK"`]);
    expect(shell.stdout.trim()).toBe(`file://${join(folder, "cache/backend")} true`);
  });

  test("status names every tool, and misuse is refused", async () => {
    const { stdout } = await command("status");
    for (const name of toolNames) expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
    expect(await command("up", "pulumy")).toMatchObject({ code: 2, stderr: expect.stringContaining('unknown tool "pulumy"') });
    expect((await command()).code).toBe(2);
  });
});
