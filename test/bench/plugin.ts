import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../e2e/support.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const modules = join(root, "packages/components/node_modules");
const pluginFolder = join(root, "packages/components/plugin");

/** The provider of the components, started as the language host does it. */
export async function plugin(folder: string): Promise<readonly Comparison[]> {
  const empty = writeEmptyPlugin(folder);
  return [await compare("component provider, start to port", "ms", { name: "bulkhead", measure: () => startPlugin(pluginFolder) }, { name: "one with an empty component", measure: () => startPlugin(empty) }, 20, 1.5)];
}

/** A precompiled plugin as `componentProviderHost` starts it, whose only component has no argument. */
function writeEmptyPlugin(folder: string): string {
  const plugin = join(folder, "empty-plugin");
  mkdirSync(plugin, { recursive: true });
  writeFileSync(join(plugin, "PulumiPlugin.yaml"), "runtime: nodejs\n");
  writeFileSync(join(plugin, "package.json"), JSON.stringify({ name: "empty", version: "0.0.1", main: "index.js" }));
  writeFileSync(join(plugin, "index.js"), `"use strict";\nconst pulumi = require("@pulumi/pulumi");\nclass Empty extends pulumi.ComponentResource {\n  constructor(name, args, opts) {\n    super("empty:index:Empty", name, args, opts);\n  }\n}\nexports.Empty = Empty;\n`);
  symlinkSync(modules, join(plugin, "node_modules"));
  return plugin;
}

/** Milliseconds from start to the port on standard output. */
async function startPlugin(folder: string): Promise<number> {
  const runner = createRequire(join(modules, "../package.json")).resolve("@pulumi/pulumi/cmd/run-plugin");
  const start = performance.now();
  const child = spawn(process.execPath, [runner, folder, "127.0.0.1:1"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.on("exit", (code) => reject(new Error(`the plugin ended with ${code} before its port: ${errors}`)));
  });
  const took = performance.now() - start;
  child.kill();
  await ended;
  return took;
}
