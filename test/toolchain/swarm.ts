import { spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

/** A Docker daemon that is a swarm of one node. */
export interface Swarm {
  /** Its DOCKER_HOST. */
  readonly host: string;
  readonly stop: () => Promise<void>;
}

/** Why no swarm can be started here, or undefined. */
export async function swarmMissing(): Promise<string | undefined> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "a daemon of its own for a swarm can be started by root on Linux only";
  const { code } = await run("sh", ["-c", "command -v dockerd && command -v unshare && command -v busybox"]);
  return code === 0 ? undefined : "dockerd, unshare or busybox is not installed, which a swarm of its own needs";
}

/**
 * Starts a daemon with network and mount namespaces of its own, so that its bridges, firewall rules and ports are not those of the host:
 * a second daemon beside another one would share `docker0` with it, and leaving the swarm leaves nothing on the machine.
 *
 * @throws Error where it does not become a swarm within 30 seconds.
 */
export async function startSwarm(): Promise<Swarm> {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-swarm-"));
  const host = `unix://${folder}/docker.sock`;
  const log = join(folder, "dockerd.log");
  const output = openSync(log, "a");
  const daemon = ["dockerd", "--data-root", join(folder, "data"), "--exec-root", join(folder, "exec"), "--pidfile", join(folder, "docker.pid"), "--host", host];
  const child = spawn("unshare", ["--net", "--mount", "sh", "-c", 'busybox ip link set lo up && exec "$@"', "sh", ...daemon], { stdio: ["ignore", output, output] });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const env = { ...process.env, DOCKER_HOST: host };
  for (let tries = 0; tries < 60 && child.exitCode === null; tries++) {
    if ((await run("docker", ["version"], { env, timeout: 15_000 })).code === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const made = await run("docker", ["swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:2377"], { env, timeout: 30_000 });
  if (made.code === 0) return { host, stop };
  const { stdout: said } = await run("tail", ["-n", "5", log]);
  await stop();
  throw new Error(`no swarm was started: ${made.stderr}${said}`);
}
