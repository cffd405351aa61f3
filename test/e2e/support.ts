import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileBackend, toolchain } from "../toolchain/environment.ts";
import type { Result } from "../toolchain/run.ts";
import { run } from "../toolchain/run.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
export const packFolder = join(root, "packages/policy-pack");
export const sharedData = join(root, "../shared/data");

export interface PolicyEvent {
  readonly policyName: string;
  readonly enforcementLevel: string;
  readonly severity?: string;
  readonly message: string;
  readonly resourceUrn?: string;
}

export interface Outcome extends Result {
  readonly events: readonly PolicyEvent[];
  readonly remediated: readonly string[];
  /** Everything that was said anywhere: both streams and the whole event log. */
  readonly everything: string;
}

const base = await toolchain(undefined, false);

/** The tools of a suite that are missing; a suite with any is skipped, and counted. */
export function missing(...names: readonly string[]): boolean {
  const absent = base.missing.filter(({ name }) => names.includes(name));
  for (const { name, reason } of absent) process.stderr.write(`skipped for want of ${name}: ${reason}\n`);
  return absent.length > 0;
}

export const typescriptTools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes", "pulumi-resource-docker"] as const;
export const yamlTools = [...typescriptTools, "pulumi-language-yaml"] as const;

export function toolPath(name: string): string {
  const tool = base.tools.get(name);
  if (tool === undefined || "missing" in tool) throw new Error(`${name} is missing`);
  return tool.path;
}

/** A Pulumi project in a temporary folder with a backend of its own. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "bulkhead-e2e-"));
  readonly env: NodeJS.ProcessEnv = { ...process.env, ...base.env, ...fileBackend(join(this.folder, "backend")), PULUMI_NODEJS_TRANSPILE_ONLY: "true", PULUMI_DEBUG_COMMANDS: "1" };
  readonly program = join(this.folder, "program");

  /** Files by name, or the folder of an example. */
  constructor(source: { readonly [name: string]: string } | string) {
    mkdirSync(this.program);
    if (typeof source === "string") cpSync(source, this.program, { recursive: true, filter: (path) => !/node_modules|\/(sdks|\.venv)(\/|$)|Pulumi\.\w+\.yaml$/.test(path) });
    else for (const [name, text] of Object.entries(source)) writeFileSync(join(this.program, name), text);
    if (["index.ts", "index.js"].some((name) => existsSync(join(this.program, name)))) symlinkSync(modulesOf(source), join(this.program, "node_modules"));
  }

  pulumi(args: readonly string[]): Promise<Result> {
    return run("pulumi", [...args, "--non-interactive"], { cwd: this.program, env: this.env, timeout: 300_000 });
  }

  /** Runs preview or up with the pack, and reads the engine's events. */
  async judge(options: { readonly pack?: string; readonly config?: unknown; readonly command?: readonly string[] } = {}): Promise<Outcome> {
    const { pack = packFolder, config, command = ["preview"] } = options;
    if (!existsSync(join(this.folder, "stack"))) {
      const made = await this.pulumi(["stack", "init", "test"]);
      if (made.code !== 0) throw new Error(made.stderr);
      mkdirSync(join(this.folder, "stack"));
    }
    const log = join(this.folder, "events.json");
    rmSync(log, { force: true });
    const settings = config === undefined ? [] : ["--policy-pack-config", this.write("config.json", JSON.stringify(config))];
    const result = await this.pulumi([...command, "--policy-pack", pack, ...settings, "--event-log", log]);
    if (process.env["BULKHEAD_E2E_VERBOSE"] !== undefined) process.stderr.write(`${result.stdout}${result.stderr}`);
    const text = existsSync(log) ? readFileSync(log, "utf8") : "";
    return { ...result, events: policyEvents(text), remediated: remediations(text), everything: result.stdout + result.stderr + text };
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  /** Writes a file of the program. */
  writeProgram(name: string, text: string): void {
    writeFileSync(join(this.program, name), text);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** An example's own packages, or those of the first example. */
function modulesOf(source: unknown): string {
  const own = typeof source === "string" ? join(source, "node_modules") : "";
  return existsSync(own) ? own : join(root, "examples/insecure/node_modules");
}

/** The policy events of a log with one event a line. */
export function policyEvents(log: string): readonly PolicyEvent[] {
  return log.split("\n").filter((line) => line.includes('"policyEvent"')).map((line) => (JSON.parse(line) as { readonly policyEvent: PolicyEvent }).policyEvent);
}

/** `rule type::name` of each remediation in a log, sorted. */
export function remediations(log: string): readonly string[] {
  const events = log.split("\n").filter((line) => line.includes('"policyRemediationEvent"')).map((line) => (JSON.parse(line) as { readonly policyRemediationEvent: PolicyEvent }).policyRemediationEvent);
  return verdicts(events);
}

/** `rule type::name`, sorted: which rule refused which resource. */
export function verdicts(events: readonly PolicyEvent[], level?: string): readonly string[] {
  return events
    .filter((event) => level === undefined || event.enforcementLevel === level)
    .map(({ policyName, resourceUrn = "" }) => `${policyName} ${resourceUrn.split("::").slice(2).join("::")}`)
    .sort();
}

/** A pack of our own rules and others, compiled for the test. */
export async function testPack(folder: string, rules: string): Promise<string> {
  const { build } = await import("esbuild");
  const pack = join(folder, "pack");
  mkdirSync(join(pack, "dist"), { recursive: true });
  cpSync(join(packFolder, "PulumiPolicy.yaml"), join(pack, "PulumiPolicy.yaml"));
  writeFileSync(join(pack, "package.json"), JSON.stringify({ name: "test-pack", version: "0.0.1", main: "dist/main.js" }));
  symlinkSync(join(packFolder, "node_modules"), join(pack, "node_modules"));
  const main = `
    import { PolicyPack } from "@pulumi/policy";
    import { rules } from "@bulkhead/rules";
    import { createPolicies } from ${JSON.stringify(join(packFolder, "src/policies.ts"))};
    import { hookSdk } from ${JSON.stringify(join(packFolder, "src/sdk.ts"))};
    const pack = createPolicies(${rules});
    hookSdk({ configured: pack.configured, concerns: pack.concerns, skipped: pack.standIns });
    new PolicyPack("test-pack", { policies: [...pack.policies] });
  `;
  await build({
    stdin: { contents: main, resolveDir: packFolder, loader: "ts" },
    outfile: join(pack, "dist/main.js"), bundle: true, platform: "node", format: "cjs", external: ["@pulumi/*", "@grpc/*"], logLevel: "error",
    alias: { "@bulkhead/core": join(root, "packages/core/src/index.ts"), "@bulkhead/rules": join(root, "packages/rules/src/index.ts"), "@bulkhead/image-evidence": join(root, "packages/image-evidence/src/index.ts"), "@bulkhead/network-policy": join(root, "packages/network-policy/src/index.ts") },
  });
  return pack;
}
