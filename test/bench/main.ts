/** `npm run bench [start] [analyze] [preview] [check] [peers] [stack] [components] [plugin] [registry] [reachability] [flows] [synthesis] [evidence] [reports] [three-tier] [-- --json FILE]`: ratios of one run, in interleaved pairs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rules } from "../../packages/rules/dist/index.js";
import { missing, packFolder, Project, root } from "../e2e/support.ts";
import { toolchain } from "../toolchain/environment.ts";
import { run, say } from "../toolchain/run.ts";
import { startPack } from "./analyzer-client.ts";
import { peers } from "./peers.ts";
import { deployment, emptyPolicies, manyPolicies, onePolicy, writePack } from "./packs.ts";
import { components } from "./components.ts";
import { evidence } from "./evidence.ts";
import { flows } from "./flows.ts";
import { plugin } from "./plugin.ts";
import { registry } from "./registry.ts";
import { reachability } from "./reachability.ts";
import { reports } from "./reports.ts";
import { stack } from "./stack.ts";
import type { Comparison } from "./statistics.ts";
import { compare, median } from "./statistics.ts";
import { synthesis } from "./synthesis.ts";
import { threeTier } from "./three-tier.ts";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-bench-"));

async function start(): Promise<readonly Comparison[]> {
  const empty = writePack(folder, "empty-start", emptyPolicies);
  const measure = (pack: string) => async (): Promise<number> => {
    const started = await startPack(pack);
    await started.stop();
    return started.startMilliseconds;
  };
  return [await compare("pack start to port", "ms", { name: "bulkhead", measure: measure(packFolder) }, { name: "an empty pack", measure: measure(empty) }, 20, 1.15)];
}

async function analyze(): Promise<readonly Comparison[]> {
  const packs = { bulkhead: packFolder, one: writePack(folder, "one-policy", onePolicy), many: writePack(folder, "many-policies", manyPolicies(rules.length)) };
  const [bulkhead, one, many] = await Promise.all([startPack(packs.bulkhead), startPack(packs.one), startPack(packs.many)]);
  const resource = { type: "kubernetes:apps/v1:Deployment", name: "web", properties: deployment("web") };
  const measure = (pack: typeof bulkhead) => async (): Promise<number> => {
    const begin = performance.now();
    for (let call = 0; call < 100; call++) await pack.analyze(resource);
    return (performance.now() - begin) / 100;
  };
  try {
    for (const warm of [bulkhead, one, many]) for (let round = 0; round < 5; round++) await measure(warm)();
    const name = "Analyze of a Deployment with two containers";
    return [
      await compare(name, "ms", { name: `bulkhead, ${rules.length} rules`, measure: measure(bulkhead) }, { name: "one policy that does nothing", measure: measure(one) }, 20, 1.5),
      await compare(name, "ms", { name: `${rules.length} policies that do nothing`, measure: measure(many) }, { name: "one policy that does nothing", measure: measure(one) }, 20),
    ];
  } finally {
    await Promise.all([bulkhead.stop(), one.stop(), many.stop()]);
  }
}

async function preview(): Promise<readonly Comparison[]> {
  const tools = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes"] as const;
  await toolchain(tools);
  if (missing(...tools)) {
    say("preview: skipped for want of a tool");
    return [];
  }
  // A program in JavaScript: the YAML host itself takes most of a minute for a program of this size.
  const project = new Project({
    "Pulumi.yaml": "name: thousand\nruntime: nodejs\n",
    "package.json": '{"name": "thousand", "main": "index.js"}',
    "index.js": `const k8s = require("@pulumi/kubernetes");\nconst inputs = ${JSON.stringify(deployment("web"))};\nfor (let index = 0; index < 1000; index++) new k8s.apps.v1.Deployment("web" + index, { ...inputs, metadata: { ...inputs.metadata, name: "web" + index } });\n`,
  });
  await project.pulumi(["stack", "init", "bench"]);
  const empty = writePack(folder, "empty-preview", emptyPolicies);
  const measure = (...pack: readonly string[]) => async (): Promise<number> => {
    const begin = performance.now();
    const { code, stdout, stderr } = await project.pulumi(["preview", "--suppress-outputs", "--suppress-progress", ...pack]);
    if (code !== 0) throw new Error(`the preview failed: ${stdout.slice(-2000)}${stderr.slice(-2000)}`);
    return (performance.now() - begin) / 1000;
  };
  const ours = { name: "with bulkhead", measure: measure("--policy-pack", packFolder) };
  try {
    return [
      await compare("preview of 1,000 Deployments", "s", ours, { name: "with an empty pack", measure: measure("--policy-pack", empty) }, 10, 1.15),
      await compare("preview of 1,000 Deployments", "s", ours, { name: "without a pack", measure: measure() }, 10),
    ];
  } finally {
    project.remove();
  }
}

async function check(): Promise<readonly Comparison[]> {
  const cli = join(root, "packages/cli/dist/main.js");
  const write = (count: number): string => {
    const file = join(folder, `${count}.yaml`);
    writeFileSync(file, Array.from({ length: count }, (_, index) => `---\n${JSON.stringify(deployment(`web${index}`), null, 1)}\n`).join(""));
    return file;
  };
  const [small, thousand, tenThousand] = [write(1), write(1000), write(10_000)];
  const peak = join(folder, "peak.cjs");
  const peakFile = join(folder, "peak.txt");
  writeFileSync(peak, `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));\n`);
  const peaks: number[] = [];
  const time = (args: readonly string[]) => async (): Promise<number> => {
    const begin = performance.now();
    const { code, stderr } = await run(process.execPath, args);
    if (code > 1) throw new Error(stderr);
    return performance.now() - begin;
  };
  const large = async (): Promise<number> => {
    const took = await time(["--require", peak, cli, "check", "--format", "json", "--output", join(folder, "report.json"), tenThousand])();
    peaks.push(Number(readFileSync(peakFile, "utf8")) / 1024);
    return took;
  };
  const comparisons = [
    await compare("bulkhead check of one small file", "ms", { name: "bulkhead check", measure: time([cli, "check", small]) }, { name: "node -e 0", measure: time(["-e", "0"]) }, 20, 4),
    await compare("bulkhead check", "ms", { name: "10,000 workloads", measure: large }, { name: "1,000 workloads", measure: time([cli, "check", "--format", "json", "--output", join(folder, "report.json"), thousand]) }, 10, 11),
  ];
  say(`peak memory of check on 10,000 workloads: ${Math.round(median(peaks))} MiB (limit 1024)`);
  return comparisons;
}

const benches: { readonly [name: string]: () => Promise<readonly Comparison[]> } = { start, analyze, check, peers: () => peers(folder), stack: () => stack(folder), components, plugin: () => plugin(folder), registry, reachability: () => reachability(folder), flows: () => flows(folder), synthesis: () => synthesis(folder), evidence: () => evidence(folder), reports: () => reports(folder), "three-tier": () => threeTier(folder), preview };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
  const unknown = positionals.find((name) => !Object.hasOwn(benches, name));
  if (unknown !== undefined) {
    say(`unknown benchmark ${JSON.stringify(unknown)}; expected ${Object.keys(benches).join(", ")}`);
    return 2;
  }
  const all: Comparison[] = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    for (const comparison of (await benches[name]?.()) ?? []) {
      all.push(comparison);
      const { a, b, medianA, medianB, unit, ratio, limit, pairs } = comparison;
      const verdict = limit === undefined ? "" : ratio <= limit ? ` (at most ${limit}: met)` : ` (at most ${limit}: MISSED)`;
      process.stdout.write(`${comparison.name}: ${a} ${medianA.toFixed(2)} ${unit}, ${b} ${medianB.toFixed(2)} ${unit}, ratio ${ratio.toFixed(ratio < 0.1 ? 3 : 2)}${verdict}, ${pairs} pairs\n`);
    }
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(all, null, 2)}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
