/** `npm run toolchain -- status | up [TOOL...] | env | down [TOOL...]` */
import { join } from "node:path";
import { stopDocker } from "./docker.ts";
import { stopEngine } from "./engine.ts";
import { fileBackend, toolchain } from "./environment.ts";
import { stopKubernetes } from "./kubernetes.ts";
import { cacheFolder } from "./paths.ts";
import { say } from "./run.ts";
import { requiredTools, toolNames } from "./tools.ts";

const [command, ...names] = process.argv.slice(2);
const unknown = names.find((name) => !toolNames.includes(name));

async function status(): Promise<number> {
  const { tools } = await toolchain(toolNames, false);
  process.stdout.write(`node ${process.version} ${process.execPath}\n`);
  for (const [name, tool] of tools) {
    process.stdout.write("path" in tool ? `${name} ${tool.version} (${tool.source}) ${tool.path}\n` : `${name} not available: ${tool.missing}\n`);
  }
  return 0;
}

async function up(): Promise<number> {
  const start = Date.now();
  const { tools, missing } = await toolchain(names.length > 0 ? names : requiredTools);
  for (const { name, reason } of missing) say(`${name}: ${reason}`);
  say(`${tools.size - missing.length} of ${tools.size} tools are up (${Math.round((Date.now() - start) / 1000)} s)`);
  return missing.length > 0 ? 2 : 0;
}

async function env(): Promise<number> {
  const { env: variables } = await toolchain(toolNames, false);
  const all = { ...variables, ...fileBackend(join(cacheFolder(), "backend")) };
  for (const [name, value] of Object.entries(all)) process.stdout.write(`export ${name}=${quote(value)}\n`);
  return 0;
}

function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

async function down(): Promise<number> {
  for (const [name, stop] of Object.entries({ docker: stopDocker, "engine-current": stopEngine, kubernetes: stopKubernetes })) {
    if (names.length === 0 || names.includes(name)) say((await stop()) ? `${name}: stopped` : `${name}: nothing was started here`);
  }
  return 0;
}

const commands: { readonly [name: string]: () => Promise<number> } = { status, up, env, down };
const action = commands[command ?? ""];
if (action === undefined || unknown !== undefined) {
  say(unknown === undefined ? "usage: npm run toolchain -- status | up [TOOL...] | env | down [TOOL...]" : `unknown tool ${JSON.stringify(unknown)}; expected ${toolNames.join(", ")}`);
  process.exitCode = 2;
} else {
  process.exitCode = await action();
}
