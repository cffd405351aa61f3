import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { hasApt, uninstalledWith, unpackDebian } from "./debian.ts";
import { cacheFolder, platform } from "./paths.ts";
import { type Resolution, variableOf } from "./resolve.ts";
import { run, say, withProgress } from "./run.ts";

/** Where a browser is on PATH, by the names that its packages give it. */
const programs = ["chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable"] as const;
/** The browser without windows, and the one family of fonts that its pages get. */
const packages = ["chromium-headless-shell", "fonts-inter"] as const;

const unpacked = (): string => join(cacheFolder(), `chromium-debian-${platform}`);

/** Chromium of an environment variable, of PATH, or Debian's that was unpacked before. */
export async function findChromium(): Promise<Resolution> {
  const named = process.env[variableOf("chromium")];
  if (named !== undefined) return existsSync(named) ? { path: named, source: "environment", version: await versionOf(named) } : { missing: `${variableOf("chromium")} names a file that does not exist` };
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const onPath = programs.flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file) && !file.startsWith(cacheFolder()));
  if (onPath !== undefined) return { path: onPath, source: "PATH", version: await versionOf(onPath) };
  const path = join(unpacked(), "chromium");
  return existsSync(path) ? { path, source: "cache", version: await versionOf(path) } : { missing: "not fetched yet; `npm run toolchain -- up chromium` does" };
}

/** Finds Chromium, or fetches Debian's package with what it needs and is not installed, and unpacks all of it. */
export async function obtainChromium(): Promise<Resolution> {
  const found = await findChromium();
  if ("path" in found || process.env[variableOf("chromium")] !== undefined) return found;
  const needs = `the test of the picture needs one of ${programs.join(", ")} on PATH, or Debian's package ${packages[0]}`;
  if (!(await hasApt())) return { missing: `${needs}, and there is neither here, nor apt-get` };
  say("chromium: fetching Debian's package (about 100 MB, 20 s)");
  mkdirSync(cacheFolder(), { recursive: true });
  const log = join(cacheFolder(), "chromium.log");
  const names = await uninstalledWith(packages, log);
  const failure = names.length === 0 ? `apt-get does not know it; see ${log}` : await withProgress("chromium", unpackDebian(names, unpacked(), log, addLauncher));
  return failure === undefined ? findChromium() : { missing: `${needs}: ${failure}` };
}

/** Starts what was unpacked with the libraries beside it, and with the same fonts everywhere. */
function addLauncher(work: string): void {
  const folder = unpacked();
  const system = `usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu`;
  const libraries = [system, `${system}/pulseaudio`, "usr/lib/chromium"].map((name) => join(folder, name));
  writeFileSync(join(work, "fonts.conf"), `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>${join(folder, "usr/share/fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "font-cache")}</cachedir>
  <alias binding="same"><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
`);
  writeFileSync(join(work, "chromium"), `#!/bin/sh
export LD_LIBRARY_PATH='${libraries.join(":")}' FONTCONFIG_FILE='${join(folder, "fonts.conf")}'
exec '${join(folder, "usr/lib/chromium/chromium-headless-shell")}' "$@"
`, { mode: 0o755 });
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run(path, ["--version"], { timeout: 20_000 });
  return /(\d+(\.\d+){3})/.exec(stdout)?.[1] ?? "of an unknown version";
}
