import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { recordDocker } from "../../packages/cli/src/network/record/record";
import { type Cli, createCli } from "../../packages/cli/test/cli";
import { importImage, imageName } from "../toolchain/docker.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";
import { missing, Project } from "./support.ts";

const name = (service: string): string => `bulkhead-command-${process.pid}-${service}`;
const skipped = missing("docker");
const asRoot = process.platform === "linux" && process.getuid?.() === 0;
const hasConntrack = (await run("sh", ["-c", "command -v conntrack && command -v nsenter"])).code === 0;
if (!hasConntrack) process.stderr.write("skipped for want of conntrack and nsenter (Debian's packages conntrack and util-linux): the shortest connections\n");

describe.skipIf(skipped)("bulkhead network record --docker", () => {
  const project = new Project({ "Pulumi.yaml": "name: record\nruntime: yaml\n" });
  const { env } = project;
  const docker = (...args: readonly string[]): Promise<Result> => run("docker", args, { env });
  let cli: Cli;
  let folder = "";
  const record = (...args: readonly string[]): Promise<Result> => run(process.execPath, [cli.bundle, "network", "record", "--docker", ...args], { cwd: folder, env });
  const start = async (service: string, network: string, script: string): Promise<void> => {
    const { code, stderr } = await docker("run", "--detach", "--name", name(service), "--network", network, ...(network === "host" ? [] : ["--network-alias", service]), imageName, "sh", "-c", script);
    if (code !== 0) throw new Error(stderr);
  };
  const edges = (text: string): readonly string[] => [...new Set(text.split("\n").filter((line) => line.startsWith('{"bulkhead":"flow"')).map((line) => {
    const { source, destination, protocol, port } = JSON.parse(line) as { readonly source: End; readonly destination: End; readonly protocol: string; readonly port: number };
    return `${nameOf(source)} > ${nameOf(destination)} ${protocol} ${port}`;
  }))].sort();

  beforeAll(async () => {
    cli = createCli();
    folder = cli.folder({});
    await importImage(env);
    const { code, stderr } = await docker("network", "create", name("net"));
    if (code !== 0) throw new Error(stderr);
    await start("db", name("net"), "exec busybox nc -ll -p 5432 -e /bin/busybox echo hello");
    await start("web", name("net"), "while true; do busybox nc -w 2 db 5432 < /dev/null > /dev/null; busybox usleep 300000; done");
    await start("host", "host", "exec sleep 600");
  });
  afterAll(async () => {
    await docker("rm", "--force", ...["db", "web", "host"].map(name));
    await docker("network", "rm", name("net"));
    project.remove();
    cli.remove();
  });

  test.skipIf(!asRoot)("writes the file, says how it goes on standard error, and at the end what was seen and what could not be entered", async () => {
    const { code, stdout, stderr } = await record("--duration", "3s", "--interval", "500ms", "--output", "flows.jsonl", ...["web", "db", "host"].map(name));
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/^recording 2 containers for 0:03; an interrupt ends it early\n$/);
    const text = readFileSync(join(folder, "flows.jsonl"), "utf8");
    expect(edges(text)).toEqual(["web > db TCP 5432"]);
    expect(text.trimEnd().split("\n").at(-1)).toContain('"bulkhead":"end"');
    expect(stdout).toMatch(/^2 containers, \d+ looks \(0 lost\), 1 flow\n/);
    expect(stdout).toMatch(new RegExp(`^  ${name("web")} -> ${name("db")} TCP 5432: \\d+ connections\ncould not be entered: 1\n  ${name("host")}: it is on the host's network, and cannot be told from it\ncannot be seen this way: 0\n$`, "m"));
    expect(readdirSync(folder)).toEqual(["flows.jsonl"]);
  });

  test.skipIf(!asRoot)("an interrupt ends it early, and what was seen is whole; also where each program of the group has it", async () => {
    const child = spawn(process.execPath, [cli.bundle, "network", "record", "--docker", "--duration", "1h", "--interval", "200ms", "-o", "early.jsonl", name("web"), name("db")], { cwd: folder, env, detached: true });
    const said: string[] = [];
    child.stderr.on("data", (chunk: Buffer) => void said.push(chunk.toString()));
    const ended = once(child, "exit");
    while (said.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(existsSync(join(folder, "early.jsonl"))).toBe(false);
    process.kill(-(child.pid ?? 0), "SIGINT");
    expect(await ended).toEqual([0, null]);
    const text = readFileSync(join(folder, "early.jsonl"), "utf8");
    expect(edges(text)).toEqual(["web > db TCP 5432"]);
    expect(text.trimEnd().split("\n").at(-1)).toContain('"bulkhead":"end"');
    expect((await run("sh", ["-c", `ps -e -o args | grep -c '[c]onntrack --event'`])).stdout.trim()).toBe("0");
  });

  test.skipIf(!asRoot || !hasConntrack)("connections are seen that are gone from every table at the next look", async () => {
    const [address = "", ...pids] = (await docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}} {{.State.Pid}}", name("db"), name("web"))).stdout.trim().split("\n").flatMap((line, index) => line.split(" ").slice(index === 0 ? 0 : 1));
    for (const pid of pids) expect((await run("nsenter", [`--net=/proc/${pid}/ns/net`, "sh", "-c", "echo 1 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout"])).code).toBe(0);
    const recording = run(process.execPath, [cli.bundle, "network", "record", "--docker", "--duration", "8s", "--interval", "7s", "-o", "short.jsonl", name("web"), name("db")], { cwd: folder, env });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    // Nobody listens there: an attempt is no connection.
    await docker("exec", name("web"), "busybox", "nc", "-w", "1", address, "9");
    await docker("exec", name("web"), "busybox", "timeout", "1", "busybox", "nslookup", "nobody", address);
    expect((await recording).code).toBe(0);
    for (const pid of pids) await run("nsenter", [`--net=/proc/${pid}/ns/net`, "sh", "-c", "echo 30 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout"]);
    const text = readFileSync(join(folder, "short.jsonl"), "utf8");
    expect(edges(text)).toEqual(["web > db TCP 5432", "web > db UDP 53"]);
    expect(JSON.parse(text.split("\n").find((line) => line.includes('"flow"') && line.includes('"port":5432')) ?? "")).toMatchObject({ count: expect.toSatisfy((count: number) => count > 10) });
    expect(JSON.parse(text.split("\n", 1)[0] ?? "")).toMatchObject({ bulkhead: "recording", incomplete: [] });
  });

  test.skipIf(!asRoot)("without the program conntrack the kernel's own table is read: what has ended since the last look is in it", async () => {
    const programs = mkdtempSync(join(tmpdir(), "bulkhead-path-"));
    symlinkSync((await run("sh", ["-c", "command -v docker"], { env })).stdout.trim(), join(programs, "docker"));
    const recording = run(process.execPath, [cli.bundle, "network", "record", "--docker", "--duration", "5s", "--interval", "3s", "-o", "table.jsonl", name("web"), name("db")], { cwd: folder, env: { ...env, PATH: programs } });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const address = (await docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name("db"))).stdout.trim();
    await docker("exec", name("web"), "busybox", "timeout", "1", "busybox", "nslookup", "nobody", address);
    const { code, stderr } = await recording;
    rmSync(programs, { recursive: true });
    expect(code, stderr).toBe(0);
    const text = readFileSync(join(folder, "table.jsonl"), "utf8");
    expect(edges(text)).toEqual(["web > db TCP 5432", "web > db UDP 53"]);
    expect(JSON.parse(text.split("\n", 1)[0] ?? "")).toMatchObject({ incomplete: [] });
  });

  test("by an address over TCP and a helper image, to standard output; nothing is left behind", async () => {
    const socket = (env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock").replace(/^unix:\/\//, "");
    const proxy = createServer((client) => {
      const daemon = connect(socket);
      for (const [from, to] of [[client, daemon], [daemon, client]] as const) from.on("error", () => to.destroy()).pipe(to);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, stdout, stderr } = await run(process.execPath, [cli.bundle, "network", "record", "--docker", "--duration", "3s", "--host", address, "--helper-image", imageName, name("db"), name("web")], { cwd: folder, env: { ...env, DOCKER_HOST: "unix:///nowhere.sock" } });
    proxy.close();
    expect(code, stderr).toBe(0);
    expect(edges(stdout)).toEqual(["web > db TCP 5432"]);
    expect(stderr).toContain("cannot be seen this way: 2\n  TCP connections are sampled: ");
    for (let tries = 0; (await docker("ps", "--all", "--quiet", "--filter", "label=bulkhead.record=helper")).stdout !== ""; tries++) {
      if (tries > 40) throw new Error("helper containers were left behind");
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });

  test("a helper may nothing but look", async () => {
    const recording = record("--duration", "4s", "--helper-image", imageName, "-o", "helped.jsonl", name("db"));
    let helper = "";
    for (let tries = 0; helper === "" && tries < 40; tries++) {
      helper = (await docker("ps", "--quiet", "--filter", "label=bulkhead.record=helper")).stdout.trim();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { stdout } = await docker("inspect", "--format", "{{json .HostConfig}} {{json .Config.User}}", helper);
    const target = (await docker("inspect", "--format", "{{.Id}}", name("db"))).stdout.trim();
    expect(stdout).toContain('"65534:65534"');
    expect(JSON.parse(stdout.slice(0, stdout.lastIndexOf(" ")))).toMatchObject({ NetworkMode: `container:${target}`, ReadonlyRootfs: true, CapDrop: ["ALL"], CapAdd: null, Privileged: false, SecurityOpt: ["no-new-privileges"], PidsLimit: 16, Binds: null, AutoRemove: true, LogConfig: { Type: "none" } });
    const status = (await docker("exec", helper, "cat", "/proc/1/status")).stdout;
    for (const said of [/^CapEff:\s*0000000000000000$/m, /^CapBnd:\s*0000000000000000$/m, /^NoNewPrivs:\s*1$/m]) expect(status).toMatch(said);
    expect((await recording).code).toBe(0);
  });

  test("what cannot be recorded is exit 2, and says why", async () => {
    expect(await record("--duration", "1s", name("nobody"))).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(new RegExp(`^bulkhead: network record: .*${name("nobody")}`)) });
    expect(await record("--duration", "1s", "--host", "unix:///nowhere.sock")).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^bulkhead: network record: docker info failed: .*nowhere\.sock/) });
    expect(await record("--duration", "1s", "--helper-image", "bulkhead-test-none:1", name("web"))).toMatchObject({ code: 2, stderr: expect.stringMatching(/^bulkhead: network record: no container can be recorded \(.*: the helper container ended: .*bulkhead-test-none/) });
    expect(await record("--duration", "1s", "-o", "none/flows.jsonl", name("web"))).toMatchObject({ code: 2, stdout: "", stderr: "none/flows.jsonl: expected a place that can be written, found no such file\n" });
  });

  test("without root it says so, and what else can be done", async () => {
    const getuid = vi.spyOn(process, "getuid").mockReturnValue(1000);
    try {
      await expect(recordDocker({ containers: [name("web")], duration: 1_000, env })).rejects.toThrow(/^recording needs root: .*; run it as root, or name an image/);
    } finally {
      getuid.mockRestore();
    }
  });
});

interface End {
  readonly container?: string;
  readonly entity?: string;
  readonly ip?: string;
}

function nameOf({ container, entity, ip }: End): string {
  return container?.replace(name(""), "") ?? entity ?? ip ?? "?";
}
