import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, cpSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say } from "./run.ts";

const socket = (): string => join(cacheFolder(), "docker", "docker.sock");
const pidFile = (): string => join(cacheFolder(), "docker", "docker.pid");
export const imageName = "bulkhead-test-busybox:1";

async function answers(host: string | undefined): Promise<string | undefined> {
  const env = { ...process.env, ...(host === undefined ? {} : { DOCKER_HOST: host }) };
  const { code, stdout } = await run("docker", ["version", "--format", "{{.Server.Version}}"], { env, timeout: 15_000 });
  return code === 0 ? stdout.trim() : undefined;
}

/** The daemon that answers: the user's own, or the one that was started here. `path` is its DOCKER_HOST, empty for the default. */
export async function findDocker(): Promise<Resolution> {
  if (existsSync(pidFile())) {
    const host = `unix://${socket()}`;
    const version = await answers(host);
    if (version !== undefined) return { path: host, source: "cache", version };
  }
  const version = await answers(undefined);
  if (version !== undefined) return { path: process.env["DOCKER_HOST"] ?? "", source: "environment", version };
  return { missing: "no Docker daemon answers; `npm run toolchain -- up docker` starts one" };
}

/** Uses a daemon that answers, or installs Debian's and starts one of its own; root only. */
export async function obtainDocker(): Promise<Resolution> {
  const found = await findDocker();
  if ("path" in found) return found;
  if (process.platform !== "linux" || process.getuid?.() !== 0) return { missing: "no Docker daemon answers, and only root on Linux can start one" };
  if (!(await has("dockerd")) || !(await has("busybox"))) {
    say("docker: installing Debian's daemon (about 1 min)");
    const log = join(cacheFolder(), "docker-install.log");
    mkdirSync(cacheFolder(), { recursive: true });
    await run("apt-get", ["update"], { log });
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const installed = await run("apt-get", ["install", "-y", "--no-install-recommends", "docker.io", "busybox-static", "iptables", "socat", "conntrack"], { env, log });
    if (installed.code !== 0) return { missing: `apt-get install docker.io failed; see ${log}` };
  }
  return start();
}

async function has(program: string): Promise<boolean> {
  return (await run("sh", ["-c", `command -v ${program}`])).code === 0;
}

async function start(): Promise<Resolution> {
  const folder = join(cacheFolder(), "docker");
  mkdirSync(folder, { recursive: true });
  const log = join(folder, "dockerd.log");
  const output = openSync(log, "a");
  const args = ["--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", pidFile(), "--host", `unix://${socket()}`];
  spawn("dockerd", args, { stdio: ["ignore", output, output], detached: true }).unref();
  for (let tries = 0; tries < 60; tries++) {
    const version = await answers(`unix://${socket()}`);
    if (version !== undefined) return { path: `unix://${socket()}`, source: "built", version };
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return { missing: `dockerd did not become ready in 30 s; see ${log}` };
}

/** Stops the daemon that was started here, by its own pid file; a daemon of the user's is left alone. */
export async function stopDocker(): Promise<boolean> {
  if (!existsSync(pidFile())) return false;
  const pid = Number(readFileSync(pidFile(), "utf8"));
  try {
    process.kill(pid, "SIGTERM");
    for (let tries = 0; tries < 60 && existsSync(pidFile()); tries++) await new Promise((resolve) => setTimeout(resolve, 250));
  } catch {
    // It has ended already and left its pid file.
  }
  rmSync(pidFile(), { force: true });
  try {
    rmSync(join(cacheFolder(), "docker", "exec"), { recursive: true, force: true });
  } catch {
    // A network namespace may be mounted there still; the next start makes do with what is left.
  }
  return true;
}

/** An image with nothing but busybox: no image registry is needed. */
export async function importImage(env: NodeJS.ProcessEnv): Promise<void> {
  if ((await run("docker", ["image", "inspect", imageName], { env })).code === 0) return;
  const root = mkdtempSync(join(tmpdir(), "bulkhead-image-"));
  mkdirSync(join(root, "bin"));
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  for (const name of ["sh", "sleep", "cat", "ls", "id"]) symlinkSync("busybox", join(root, "bin", name));
  const imported = await run("sh", ["-c", `tar -C "$1" -c . | docker import - ${imageName}`, "sh", root], { env });
  rmSync(root, { recursive: true, force: true });
  if (imported.code !== 0) throw new Error(`docker import failed: ${imported.stderr}`);
}

/** An image with the machine's own socat as its entrypoint, and busybox. Returns its name, or why there is none. */
export async function importSocatImage(env: NodeJS.ProcessEnv): Promise<{ readonly image: string } | { readonly missing: string }> {
  const name = "bulkhead-test-socat:1";
  if ((await run("docker", ["image", "inspect", name], { env })).code === 0) return { image: name };
  if (!(await has("socat"))) return { missing: "socat is not installed: Debian's package socat has it" };
  const root = mkdtempSync(join(tmpdir(), "bulkhead-image-"));
  mkdirSync(join(root, "bin"));
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  for (const link of ["sh", "sleep", "cat", "ls", "id"]) symlinkSync("busybox", join(root, "bin", link));
  const pack = `socat=$(command -v socat) && cp -L "$socat" "$1/bin/socat" && for file in $(ldd "$socat" | grep -o '/[^ ]*'); do mkdir -p "$1$(dirname "$file")" && cp -L "$file" "$1$file" || exit 1; done && tar --owner=0 --group=0 -C "$1" -c . | docker import --change 'ENTRYPOINT ["/bin/socat"]' - ${name}`;
  const imported = await run("sh", ["-c", pack, "sh", root], { env });
  rmSync(root, { recursive: true, force: true });
  if (imported.code !== 0) throw new Error(`docker import failed: ${imported.stderr}`);
  return { image: name };
}

/** An image with the attacks in it, one of them with the setuid bit of root. Returns its name. */
export async function importAttackImage(env: NodeJS.ProcessEnv, probe: string): Promise<string> {
  const name = "bulkhead-test-attacks:1";
  const root = mkdtempSync(join(tmpdir(), "bulkhead-image-"));
  mkdirSync(join(root, "bin"));
  for (const folder of ["tmp", "scratch", "dev"]) mkdirSync(join(root, folder));
  cpSync("/bin/busybox", join(root, "bin/busybox"));
  for (const link of ["sh", "sleep", "cat", "ls", "id"]) symlinkSync("busybox", join(root, "bin", link));
  cpSync(probe, join(root, "bin/probe"));
  cpSync(probe, join(root, "bin/probe-setuid"));
  const imported = await run("sh", ["-c", `chmod 4755 "$1/bin/probe-setuid" && tar --owner=0 --group=0 -C "$1" -c . | docker import - ${name}`, "sh", root], { env });
  rmSync(root, { recursive: true, force: true });
  if (imported.code !== 0) throw new Error(`docker import failed: ${imported.stderr}`);
  return name;
}
