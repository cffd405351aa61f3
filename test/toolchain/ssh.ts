import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say } from "./run.ts";

/** A server re-executes itself by its whole path, so PATH is of no use. */
const places = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"];

/** OpenSSH's server, which a test starts on loopback with keys of its own. The client says the version. */
export async function findSsh(): Promise<Resolution> {
  const path = places.find((place) => existsSync(place));
  const client = await run("ssh", ["-V"], { timeout: 10_000 });
  if (path === undefined || client.code !== 0) return { missing: "there is no sshd, or no ssh; as root on Debian `npm run toolchain -- up ssh` installs them" };
  return { path, source: "PATH", version: /OpenSSH_(\S+?),?\s/.exec(client.stderr)?.[1] ?? "unknown" };
}

/** Installs Debian's, and starts no service. Installed, not unpacked: the server wants a user of its own on the system. */
export async function obtainSsh(): Promise<Resolution> {
  const found = await findSsh();
  if ("path" in found || process.platform !== "linux" || process.getuid?.() !== 0) return found;
  say("ssh: installing Debian's openssh-server (about 20 s); it is not started");
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), "ssh-install.log");
  // invoke-rc.d starts nothing in this run level.
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  await run("apt-get", ["update"], { log });
  const installed = await run("apt-get", ["install", "-y", "--no-install-recommends", "openssh-server", "openssh-client"], { env, log });
  return installed.code === 0 ? findSsh() : { missing: `apt-get install openssh-server failed; see ${log}` };
}
