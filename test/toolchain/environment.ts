import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { findChromium, obtainChromium } from "./chromium.ts";
import { findCrds, obtainCrds } from "./crds.ts";
import { findDebian, obtainDebian } from "./debian.ts";
import { findDocker, obtainDocker } from "./docker.ts";
import { findEngine, obtainEngine } from "./engine.ts";
import { findKubernetes, obtainKubernetes } from "./kubernetes.ts";
import { cacheFolder, here } from "./paths.ts";
import { findPython, obtainPython } from "./python.ts";
import type { Resolution } from "./resolve.ts";
import { find, obtain } from "./resolve.ts";
import { findSsh, obtainSsh } from "./ssh.ts";
import { dockerRegistry, goTools, toolNames } from "./tools.ts";

export interface Toolchain {
  readonly tools: ReadonlyMap<string, Resolution>;
  /** Names of the tools that cannot be had, with the reason. */
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
  readonly env: Readonly<Record<string, string>>;
}

/** Finds tools (`fetch: false`), or also fetches, builds and starts what is missing. A missing tool is a result, not an error. */
export async function toolchain(names: readonly string[] = toolNames, fetch = true): Promise<Toolchain> {
  const tools = new Map<string, Resolution>();
  for (const name of toolNames.filter((candidate) => names.includes(candidate))) tools.set(name, await resolve(name, fetch));
  const missing = [...tools].flatMap(([name, tool]) => ("missing" in tool ? [{ name, reason: tool.missing }] : []));
  return { tools, missing, env: environment(tools) };
}

function resolve(name: string, fetch: boolean): Promise<Resolution> | Resolution {
  if (name === "python") return fetch ? obtainPython() : findPython();
  if (name === "docker") return fetch ? obtainDocker() : findDocker();
  if (name === "kubernetes") return fetch ? obtainKubernetes() : findKubernetes();
  if (name === "engine-current") return fetch ? obtainEngine() : findEngine();
  if (name === "chromium") return fetch ? obtainChromium() : findChromium();
  if (name === "network-crds") return fetch ? obtainCrds() : findCrds();
  if (name === "ssh") return fetch ? obtainSsh() : findSsh();
  if (name === dockerRegistry.program) return fetch ? obtainDebian(dockerRegistry) : findDebian(dockerRegistry);
  const tool = goTools.find((candidate) => candidate.name === name);
  if (tool === undefined) return { missing: "no such tool" };
  return fetch ? obtain(tool) : find(tool);
}

/** What a shell, or a test, needs to use the tools: PATH, a file backend of its own, no account, no update check. */
function environment(tools: ReadonlyMap<string, Resolution>): Record<string, string> {
  const folders = [dirname(process.execPath)];
  for (const [name, tool] of tools) {
    if (!("path" in tool) || ["chromium", "docker", "engine-current", "kubernetes", "network-crds", "ssh"].includes(name)) continue;
    const folder = name === "python" ? join(tool.path, "bin") : dirname(tool.path);
    if (!folders.includes(folder)) folders.push(folder);
  }
  const docker = tools.get("docker");
  return {
    PATH: [...folders, process.env["PATH"] ?? ""].join(delimiter),
    PULUMI_HOME: join(cacheFolder(), "pulumi-home"),
    PULUMI_CONFIG_PASSPHRASE: "bulkhead",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_LANGUAGE_NODEJS_RUN_PATH: join(here, "launcher.cjs"),
    ...(docker !== undefined && "path" in docker && docker.path !== "" ? { DOCKER_HOST: docker.path } : {}),
  };
}

/** A folder that serves as Pulumi's backend. */
export function fileBackend(folder: string = mkdtempSync(join(tmpdir(), "bulkhead-backend-"))): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return { PULUMI_BACKEND_URL: `file://${folder}` };
}
