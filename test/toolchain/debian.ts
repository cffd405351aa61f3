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
  if (!(await hasApt())) return { missing: `${needs}, and there is neither ${wanted.program} nor apt-get here` };
  say(`${wanted.program}: fetching Debian's ${wanted.package} (about 10 s)`);
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), `${wanted.program}.log`);
  const failure = await unpackDebian([wanted.package], unpacked(wanted), log);
  return failure === undefined ? findDebian(wanted) : { missing: `${needs}: ${failure}` };
}

export async function hasApt(): Promise<boolean> {
  return process.platform === "linux" && (await run("apt-get", ["--version"])).code === 0;
}

/** Fetches packages and unpacks them into a folder, or says why not. Their scripts are not run. `prepare`: what is done before the folder is there. */
export async function unpackDebian(packages: readonly string[], folder: string, log: string, prepare: (work: string) => void = () => undefined): Promise<string | undefined> {
  const work = mkdtempSync(join(cacheFolder(), ".debian-"));
  try {
    const fetched = await withLists(log, async () => (await run("apt-get", ["-o", "APT::Sandbox::User=root", "download", ...packages], { cwd: work, log })).code === 0);
    const files = readdirSync(work).filter((name) => name.endsWith(".deb"));
    if (!fetched || files.length < packages.length) return `apt-get cannot fetch it${process.getuid?.() === 0 ? "" : ", and only root can update its lists"}; see ${log}`;
    for (const file of files) {
      if ((await run("dpkg-deb", ["--extract", file, "out"], { cwd: work, log })).code !== 0) return `${file} cannot be unpacked; see ${log}`;
    }
    prepare(join(work, "out"));
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, "out"), folder);
    return undefined;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Tries again with new lists of packages, which only root can fetch. */
async function withLists(log: string, attempt: () => Promise<boolean>): Promise<boolean> {
  return (await attempt()) || (process.getuid?.() === 0 && (await run("apt-get", ["update"], { log })).code === 0 && (await attempt()));
}

/** A package and those that it depends on and that are not installed, with new lists where it is not known; empty where there is none. */
export async function uninstalledWith(packages: readonly string[], log: string): Promise<readonly string[]> {
  let names: readonly string[] = [];
  await withLists(log, async () => {
    const { code, stdout } = await run("apt-get", ["--print-uris", "--yes", "--no-install-recommends", "install", ...packages], { log });
    names = code === 0 ? [...stdout.matchAll(/^'\S+' ([^_\s]+)_\S+\.deb /gm)].map(([, name = ""]) => name) : [];
    return code === 0;
  });
  return names;
}
