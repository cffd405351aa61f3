import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "./paths.ts";
import type { Resolution } from "./resolve.ts";
import { run, say, withProgress } from "./run.ts";
import { pythonPackages } from "./tools.ts";

function folder(): string {
  const hash = createHash("sha256").update(pythonPackages.join(" ")).digest("hex").slice(0, 12);
  return join(cacheFolder(), `python-${hash}`);
}

/** The virtual environment with the SDKs of a Python program. */
export function findPython(): Resolution {
  const path = folder();
  return existsSync(join(path, "complete")) ? { path, source: "cache", version: pythonPackages[0] } : { missing: "no virtual environment yet; `npm run toolchain -- up python` makes one" };
}

export async function obtainPython(): Promise<Resolution> {
  const found = findPython();
  if ("path" in found) return found;
  const path = folder();
  mkdirSync(cacheFolder(), { recursive: true });
  rmSync(path, { recursive: true, force: true });
  say("python: making a virtual environment with the SDKs (about 1 min)");
  const log = join(cacheFolder(), "python.log");
  // Not made elsewhere and renamed: the scripts of a virtual environment name the folder it was made in.
  const made = await run("python3", ["-m", "venv", path], { log });
  if (made.code !== 0) return { missing: `python3 -m venv failed; see ${log}` };
  const installed = await withProgress("python", run(join(path, "bin/python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...pythonPackages], { log }));
  if (installed.code !== 0) return { missing: `pip install failed; see ${log}` };
  mkdirSync(join(path, "complete.tmp"));
  renameSync(join(path, "complete.tmp"), join(path, "complete"));
  return { path, source: "built", version: pythonPackages[0] };
}
