import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cacheFolder, platform } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say } from "./run.ts";

/** A program of a Debian package that is unpacked below the cache: installed, it would start a service. */
export interface DebianProgram {
  readonly package: string;
  /** On PATH, and in the package's `usr/bin`. */
  readonly program: string;
  /** Begins what is said where it cannot be had: `an API server`. */
  readonly neededBy: string;
  /** Arguments that make the program say its version, and where in the answer it stands. */
  readonly version?: { readonly args: readonly string[]; readonly form: RegExp };
}

const unpacked = (wanted: DebianProgram): string => join(cacheFolder(), `${wanted.program}-debian-${platform}`);

/** The program on PATH, or the package that was unpacked before. */
export async function findDebian(wanted: DebianProgram): Promise<Resolution> {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((entry) => join(entry, wanted.program)).find((file) => existsSync(file));
  if (onPath !== undefined) return { path: onPath, source: onPath.startsWith(cacheFolder()) ? "cache" : "PATH", version: await versionOf(wanted, onPath) };
  const path = join(unpacked(wanted), "usr/bin", wanted.program);
  return existsSync(path) ? { path, source: "cache", version: await versionOf(wanted, path) } : { missing: "not fetched yet; `npm run toolchain -- up` does" };
}

async function versionOf(wanted: DebianProgram, path: string): Promise<string> {
  if (wanted.version === undefined) return "";
  const { stdout, stderr } = await run(path, wanted.version.args, { timeout: 20_000 });
  return wanted.version.form.exec(stdout + stderr)?.[1] ?? "of an unknown version";
}

/** Finds the program, or fetches Debian's package and unpacks it. */
export async function obtainDebian(wanted: DebianProgram): Promise<Resolution> {
  const found = await findDebian(wanted);
  if ("path" in found) return found;
  const needs = `${wanted.neededBy} needs a program \`${wanted.program}\` on PATH, or Debian's package ${wanted.package}`;
  if (process.platform !== "linux" || (await run("apt-get", ["--version"])).code !== 0) return { missing: `${needs}, and there is neither ${wanted.program} nor apt-get here` };
  say(`${wanted.program}: fetching Debian's ${wanted.package} (about 10 s)`);
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), `${wanted.program}.log`);
  const work = mkdtempSync(join(cacheFolder(), `.${wanted.program}-`));
  try {
    const fetch = async (): Promise<boolean> => (await run("apt-get", ["-o", "APT::Sandbox::User=root", "download", wanted.package], { cwd: work, log })).code === 0;
    const fetched = (await fetch()) || (process.getuid?.() === 0 && (await run("apt-get", ["update"], { log })).code === 0 && (await fetch()));
    const file = readdirSync(work).find((name) => name.endsWith(".deb"));
    if (!fetched || file === undefined) return { missing: `${needs}: apt-get cannot fetch it${process.getuid?.() === 0 ? "" : ", and only root can update its lists"}; see ${log}` };
    if ((await run("dpkg-deb", ["--extract", file, "out"], { cwd: work, log })).code !== 0) return { missing: `the package ${wanted.package} cannot be unpacked; see ${log}` };
    rmSync(unpacked(wanted), { recursive: true, force: true });
    renameSync(join(work, "out"), unpacked(wanted));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return findDebian(wanted);
}
