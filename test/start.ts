/** `npm start`: the verdicts on the example manifests, then a real preview that the policy pack refuses. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { fileBackend, toolchain } from "./toolchain/environment.ts";
import { run, say } from "./toolchain/run.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const tools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-docker", "pulumi-resource-kubernetes"];
/** Said by the CLI of every tool that was not downloaded from its own server. */
const noise = /warning: (using pulumi-\S+ from \$PATH|resource plugin \S+ is expected to have version)|^@ previewing|^Loading policy packs/;

async function main(): Promise<number> {
  say("\n== bulkhead check examples/manifests ==\n");
  spawnSync(process.execPath, ["packages/cli/dist/main.js", "check", "examples/manifests"], { cwd: root, stdio: "inherit" });
  say("\n== pulumi preview --policy-pack packages/policy-pack, on examples/insecure ==\n");
  const { env, missing } = await toolchain(tools);
  if (missing.length > 0) {
    for (const { name, reason } of missing) say(`${name} cannot be had: ${reason}`);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-start-"));
  try {
    return await preview(folder, { ...process.env, ...env, ...fileBackend(join(folder, "backend")), PULUMI_NODEJS_TRANSPILE_ONLY: "true" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function preview(folder: string, env: NodeJS.ProcessEnv): Promise<number> {
  const program = join(folder, "insecure");
  cpSync(join(root, "examples/insecure"), program, { recursive: true, filter: (source) => !source.includes("node_modules") });
  symlinkSync(join(root, "examples/insecure/node_modules"), join(program, "node_modules"));
  const init = await run("pulumi", ["stack", "init", "demo", "--non-interactive"], { cwd: program, env });
  if (init.code !== 0) {
    say(init.stderr);
    return 2;
  }
  const child = spawn("pulumi", ["preview", "--non-interactive", "--suppress-progress", "--policy-pack", join(root, "packages/policy-pack")], { cwd: program, env, stdio: ["ignore", "pipe", "inherit"] });
  const rules = new Set<string>();
  for await (const line of createInterface({ input: child.stdout })) {
    if (noise.test(line)) continue;
    const rule = /^\s*- \[mandatory\] .*?\s{2}(\S+)\s{2}\(/.exec(line)?.[1];
    if (rule !== undefined) rules.add(rule);
    process.stdout.write(`${line}\n`);
  }
  if (rules.size === 0) {
    say("the preview was not refused: that is a defect");
    return 1;
  }
  say(`\nRefused before anything was created: ${[...rules].sort().join(", ")}.`);
  say("Next: npm run bulkhead -- explain no-runtime-socket, or judge manifests of your own: npm run bulkhead -- check PATH");
  return 0;
}

process.exitCode = await main();
