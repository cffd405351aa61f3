import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { obtain } from "./resolve.ts";
import { run } from "./run.ts";
import { containerdShim, currentDockerd } from "./tools.ts";

const folder = (): string => join(cacheFolder(), "engine");
const pidFile = (): string => join(folder(), "docker.pid");
const host = (): string => `unix://${join(folder(), "docker.sock")}`;
const readyMilliseconds = 60_000;

/**
 * The floor of Engine 29.0, which later ones have lowered again. Its containerd is part of the process, so Debian's may stay as old as it is;
 * and Debian's runc 1.1 knows no time namespaces.
 */
const configuration = { "min-api-version": "1.44", features: { "embedded-containerd": true, "time-namespaces": false } };

/** A daemon newer than Debian's, of its own, that was started here. `path` is its DOCKER_HOST. */
export async function findEngine(): Promise<Resolution> {
  const missing = "no current Docker Engine was started; as root on Linux `npm run toolchain -- up engine-current` builds and starts one, next to another one";
  if (!existsSync(pidFile())) return { missing };
  const { code, stdout } = await run("docker", ["version", "--format", "{{.Server.Version}}"], { env: { ...process.env, DOCKER_HOST: host() }, timeout: 15_000 });
  return code === 0 ? { path: host(), source: "built", version: stdout.trim() } : { missing };
}

/** Builds dockerd and containerd's shim, and starts them beside the daemon that is there. */
export async function obtainEngine(): Promise<Resolution> {
  const found = await findEngine();
  if ("path" in found) return found;
  if (process.platform !== "linux" || process.getuid?.() !== 0) return { missing: "only root on Linux can start a Docker daemon" };
  // What runs a container: of the package docker.io, which the other daemon brings.
  for (const program of ["runc", "docker", "unshare"]) if ((await run("sh", ["-c", `command -v ${program}`])).code !== 0) return { missing: `there is no ${program}; \`npm run toolchain -- up docker\` brings it` };
  const [dockerd, shim] = [await obtain(currentDockerd), await obtain(containerdShim)];
  if ("missing" in dockerd) return { missing: `dockerd: ${dockerd.missing}` };
  if ("missing" in shim) return { missing: `containerd-shim-runc-v2: ${shim.missing}` };
  return start(dockerd.path, dirname(shim.path));
}

async function start(dockerd: string, shims: string): Promise<Resolution> {
  mkdirSync(folder(), { recursive: true });
  writeFileSync(join(folder(), "daemon.json"), JSON.stringify(configuration));
  const log = join(folder(), "dockerd.log");
  const output = openSync(log, "a");
  const args = ["--config-file", join(folder(), "daemon.json"), "--data-root", join(folder(), "data"), "--exec-root", join(folder(), "exec"), "--pidfile", pidFile(), "--host", host(), "--bridge", "none", "--iptables=false", "--ip6tables=false"];
  // In a network namespace of its own: two daemons in one would take docker0 and the firewall rules from each other, and `--bridge none` would remove docker0.
  spawn("unshare", ["--net", "--", dockerd, ...args], { stdio: ["ignore", output, output], detached: true, env: { ...process.env, PATH: `${shims}${delimiter}${process.env["PATH"]}` } }).unref();
  for (const deadline = Date.now() + readyMilliseconds; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 500))) {
    const found = await findEngine();
    if ("path" in found) return found;
  }
  return { missing: `dockerd did not become ready in ${readyMilliseconds / 1000} s; see ${log}` };
}

/** Stops the daemon that was started here, by its own pid file. */
export async function stopEngine(): Promise<boolean> {
  if (!existsSync(pidFile())) return false;
  try {
    process.kill(Number(readFileSync(pidFile(), "utf8")), "SIGTERM");
    for (let tries = 0; tries < 60 && existsSync(pidFile()); tries++) await new Promise((resolve) => setTimeout(resolve, 250));
  } catch {
    // It has ended already and left its pid file.
  }
  rmSync(pidFile(), { force: true });
  return true;
}
