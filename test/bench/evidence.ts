import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoopbackRegistry } from "../e2e/registry-support.ts";
import { missing, root } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import { evidenceRules } from "./evidence-rules.ts";
import { pushMany } from "./registry.ts";
import { writeReport } from "./reports.ts";
import type { Comparison } from "./statistics.ts";
import { compare, median } from "./statistics.ts";

const cli = join(root, "packages/cli/dist/main.js");
const images = 200;

/** `bulkhead evidence` as a user starts it, and what rules about evidence add to Analyze. */
export async function evidence(folder: string): Promise<readonly Comparison[]> {
  return [...(await evidenceRules(folder)), ...(await add(folder)), ...(await sync(folder))];
}

/** `evidence add` of a report of 10 MB: its own process from start to end, and its memory. */
async function add(folder: string): Promise<readonly Comparison[]> {
  const file = join(folder, "report.json");
  writeReport(file);
  const peak = join(folder, "peak-add.cjs");
  const peakFile = join(folder, "peak-add.txt");
  writeFileSync(peak, `process.on("exit", () => require("node:fs").writeFileSync(${JSON.stringify(peakFile)}, String(process.resourceUsage().maxRSS)));\n`);
  const [times, peaks]: [number[], number[]] = [[], []];
  const time = async (args: readonly string[], cwd: string): Promise<number> => {
    const begin = performance.now();
    const { code, stderr } = await run(process.execPath, args, { cwd });
    if (code !== 0) throw new Error(stderr);
    return performance.now() - begin;
  };
  const ours = async (): Promise<number> => {
    const cwd = mkdtempSync(join(folder, "add-"));
    const took = await time(["--require", peak, cli, "evidence", "add", "--now", "2026-11-02", file], cwd);
    rmSync(cwd, { recursive: true });
    times.push(took);
    peaks.push(Number(readFileSync(peakFile, "utf8")) / 1024);
    return took;
  };
  const comparison = await compare(`evidence add of a report of ${(statSync(file).size / 1e6).toFixed(1)} MB (whole process)`, "ms", { name: "bulkhead evidence add", measure: ours }, { name: "node, JSON.parse", measure: () => time(["-e", `JSON.parse(require("node:fs").readFileSync(${JSON.stringify(file)}, "utf8"))`], folder) }, 5);
  say(`evidence add: ${median(times).toFixed(0)} ms from start to end (limit 1000); peak memory ${Math.max(...peaks).toFixed(0)} MiB (limit 200)`);
  return [comparison];
}

/** `evidence sync` of 200 images, at most 32 at once, with all that it asks for and the lockfile; `crane digest` asks for one digest each. */
async function sync(folder: string): Promise<readonly Comparison[]> {
  if (missing("crane", "docker-registry")) return [];
  const registry = await LoopbackRegistry.start("docker-registry");
  try {
    say(`pushing ${images} images`);
    await registry.pushImage("bench/app:0", "bench");
    const references = Array.from({ length: images }, (_, index) => `${registry.host}/bench/app:${index}`);
    await pushMany(registry, references);
    const ours = async (): Promise<number> => {
      const cwd = join(mkdtempSync(join(folder, "sync-")), "program");
      mkdirSync(cwd);
      const begin = performance.now();
      const { code, stderr } = await run(process.execPath, [cli, "evidence", "sync", ...references.flatMap((reference) => ["--image", reference])], { cwd, env: registry.env });
      const took = performance.now() - begin;
      const lock = JSON.parse(readFileSync(join(cwd, "bulkhead.evidence.json"), "utf8")) as { readonly references: object };
      if (code !== 0 || Object.keys(lock.references).length !== images) throw new Error(stderr);
      return took;
    };
    const crane = async (): Promise<number> => {
      const begin = performance.now();
      for (const reference of references) await registry.use("crane", "digest", reference);
      return performance.now() - begin;
    };
    return [await compare(`evidence sync of ${images} images`, "ms", { name: "bulkhead evidence sync", measure: ours }, { name: "crane digest, one by one", measure: crane }, 3, 1)];
  } finally {
    await registry.stop();
  }
}
