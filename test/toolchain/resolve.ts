import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { download } from "./download.ts";
import { cacheFolder, here, toolFolder } from "./paths.ts";
import { run, say, withProgress } from "./run.ts";
import type { GoTool } from "./tools.ts";

/** Minutes. Generous, for a cold machine that others load as well; a build that hangs still ends. */
const longestBuild = 90;
const fetchMilliseconds = 30 * 60_000;

export type Resolution =
  | { readonly path: string; readonly source: "environment" | "PATH" | "cache" | "download" | "built"; readonly version: string }
  | { readonly missing: string };

/** `BULKHEAD_PULUMI_LANGUAGE_NODEJS` names the program to use for `pulumi-language-nodejs`. */
export function variableOf(name: string): string {
  return `BULKHEAD_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Finds a tool without fetching anything. */
export async function find(tool: GoTool): Promise<Resolution> {
  const named = process.env[variableOf(tool.name)];
  if (named !== undefined) return existsSync(named) ? { path: named, source: "environment", version: tool.version } : { missing: `${variableOf(tool.name)} names a file that does not exist` };
  const onPath = await findOnPath(tool);
  if (onPath !== undefined) return onPath;
  const cached = join(toolFolder(tool), tool.name);
  return existsSync(cached) ? { path: cached, source: "cache", version: tool.version } : { missing: "not fetched yet; `npm run toolchain -- up` does" };
}

/** Only tools that can say their version are taken from PATH: the others must fit those that were built here. */
async function findOnPath(tool: GoTool): Promise<Resolution | undefined> {
  if (tool.probe === undefined) return undefined;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, tool.name);
    if (!existsSync(path) || path.startsWith(cacheFolder())) continue;
    const { code, stdout } = await run(path, tool.probe.args, { timeout: 20_000 });
    if (code === 0 && tool.probe.accepts.test(stdout.trim())) return { path, source: "PATH", version: stdout.trim().replace(/^(Kubernetes )?v/, "") };
  }
  return undefined;
}

/** Finds a tool, or downloads it, or builds it. Says what it does on standard error. */
export async function obtain(tool: GoTool): Promise<Resolution> {
  const found = await find(tool);
  if ("path" in found || process.env[variableOf(tool.name)] !== undefined) return found;
  const folder = toolFolder(tool);
  mkdirSync(dirname(folder), { recursive: true });
  const downloaded = await download(tool, folder);
  if (downloaded === "done") return { path: join(folder, tool.name), source: "download", version: tool.version };
  return build(tool, folder, downloaded);
}

async function build(tool: GoTool, folder: string, why: string): Promise<Resolution> {
  const go = await run("go", ["version"], { timeout: 20_000 });
  if (go.code !== 0) return { missing: `no download (${why}) and no Go to build it with` };
  say(`${tool.name} ${tool.version}: building from its Go module (about ${tool.minutes} min on two cores; ${why})`);
  const start = Date.now();
  const log = join(cacheFolder(), `${tool.name}.log`);
  const work = mkdtempSync(join(cacheFolder(), ".build-"));
  try {
    const failure = await withProgress(tool.name, compile(tool, work, log));
    if (failure !== undefined) return { missing: `${failure}; see ${log}` };
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, "out"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  say(`${tool.name} ${tool.version}: built in ${Math.round((Date.now() - start) / 1000)} s`);
  return { path: join(folder, tool.name), source: "built", version: tool.version };
}

/** Compiles into `work`/out; what went wrong, or nothing. */
async function compile(tool: GoTool, work: string, log: string): Promise<string | undefined> {
  const module = join(work, "module");
  const out = join(work, "out");
  cpSync(join(here, "go", tool.module), module, { recursive: true });
  mkdirSync(out);
  const env = { ...process.env, GOFLAGS: "-buildvcs=false", GOWORK: "off", ...(tool.cgo === false ? { CGO_ENABLED: "0" } : {}) };
  const moduleFolder = async (name: string): Promise<string | undefined> => {
    const fetched = await run("go", ["mod", "download", name], { cwd: module, env, log, timeout: fetchMilliseconds });
    const listed = await run("go", ["list", "-m", "-f", "{{.Dir}}", name], { cwd: module, env, log });
    return fetched.code === 0 && listed.code === 0 ? listed.stdout.trim() : undefined;
  };
  const copy = async (when: "before" | "after", target: string): Promise<string | undefined> => {
    for (const entry of tool.copies?.filter((candidate) => candidate.when === when) ?? []) {
      const source = await moduleFolder(entry.module);
      if (source === undefined) return `the module ${entry.module} cannot be fetched`;
      const file = join(target, basename(entry.path));
      cpSync(join(source, entry.path), file);
      await run("chmod", [when === "after" ? "755" : "644", file]);
    }
    return undefined;
  };
  const failure = await copy("before", module);
  if (failure !== undefined) return failure;
  const flags = `-s -w ${tool.ldflags ?? `-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${tool.version}`}`;
  const built = await run("go", ["build", "-trimpath", "-tags", (tool.tags ?? []).join(","), "-ldflags", flags, "-o", join(out, tool.name), tool.package], { cwd: module, env, log, timeout: (tool.longest ?? longestBuild) * 60_000 });
  return built.code === 0 ? copy("after", out) : `go build failed: ${built.stderr.trim().split("\n").at(-1) ?? ""}`;
}
