import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say, withProgress } from "./run.ts";
import { pythonPackages } from "./tools.ts";

function folder(packages: readonly string[]): string {
  const hash = createHash("sha256").update(packages.join(" ")).digest("hex").slice(0, 12);
  return join(cacheFolder(), `python-${hash}`);
}

/** The virtual environment with packages, by default the SDKs of a Python program. */
export function findPython(packages: readonly string[] = pythonPackages): Resolution {
  const path = folder(packages);
  return existsSync(join(path, "complete")) ? { path, source: "cache", version: packages[0] ?? "" } : { missing: "no virtual environment yet; `npm run toolchain -- up python` makes one" };
}

export async function obtainPython(packages: readonly string[] = pythonPackages): Promise<Resolution> {
  const found = findPython(packages);
  if ("path" in found) return found;
  const path = folder(packages);
  mkdirSync(cacheFolder(), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  say(`python: making a virtual environment with ${packages.join(", ")} (about 1 min)`);
  const log = join(cacheFolder(), "python.log");
  // Not made elsewhere and renamed: the scripts of a virtual environment name the folder it was made in.
  const made = await run("python3", ["-m", "venv", path], { log });
  if (made.code !== 0) return { missing: `python3 -m venv failed; see ${log}` };
  const installed = await withProgress("python", run(join(path, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...packages], { log, timeout: 30 * 60_000 }));
  if (installed.code !== 0) return { missing: `pip install failed; see ${log}` };
  mkdirSync(join(path, "complete.tmp"));
  renameSync(join(path, "complete.tmp"), join(path, "complete"));
  return { path, source: "built", version: packages[0] ?? "" };
}
