import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LoopbackRegistry } from "../e2e/registry-support.ts";
import { missing, packFolder, root } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import { startPack } from "./analyzer-client.ts";
import { deployment } from "./packs.ts";
import { pushMany } from "./registry.ts";
import { writeReport } from "./reports.ts";
import type { Comparison } from "./statistics.ts";
import { compare, median } from "./statistics.ts";

const cli = join(root, "packages/cli/dist/main.js");
const images = 200;
const digests = 5000;

/** `bulkhead evidence` as a user starts it, and what rules about evidence add to Analyze. */
export async function evidence(folder: string): Promise<readonly Comparison[]> {
  return [...(await analyze(folder)), ...(await add(folder)), ...(await sync(folder))];
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

/** A lockfile of 5,000 images, of which one is judged; without: the same pack with the rules about evidence turned off. */
async function analyze(folder: string): Promise<readonly Comparison[]> {
  const lockfile = join(folder, "bulkhead.evidence.json");
  writeFileSync(lockfile, JSON.stringify({ schemaVersion: 1, references: {}, images: Object.fromEntries(Array.from({ length: digests }, (_, index) => [digestOf(index), record(index)])) }));
  const off = Object.fromEntries(["require-evidence-lockfile", "require-scan-evidence", "no-severe-vulnerabilities", "no-moved-tag", "require-image-signature", "require-provenance", "max-image-age"].map((rule) => [rule, "disabled"]));
  const resource = { type: "kubernetes:apps/v1:Deployment", name: "web", properties: deployment("web") };
  const [withEvidence, without] = await Promise.all([startPack(packFolder), startPack(packFolder)]);
  try {
    await withEvidence.configure({ bulkhead: { level: 1, properties: { preset: "strict", evidence: { lockfile } } } });
    await without.configure({ bulkhead: { level: 1, properties: { preset: "strict", levels: off } } });
    const [first] = [await withEvidence.analyze(resource)];
    const unjudged = first.diagnostics.filter(({ policyName, message }) => Object.hasOwn(off, policyName) && /not in the lockfile|cannot be read/.test(message));
    if (unjudged.length > 0) throw new Error(`the images were not judged by the lockfile: ${unjudged[0]?.message}`);
    const measure = (pack: typeof without) => async (): Promise<number> => {
      const begin = performance.now();
      for (let call = 0; call < 100; call++) await pack.analyze(resource);
      return (performance.now() - begin) / 100;
    };
    for (const warm of [withEvidence, without]) for (let round = 0; round < 5; round++) await measure(warm)();
    say(`a lockfile of ${digests} images: ${(statSync(lockfile).size / 1e6).toFixed(1)} MB`);
    return [await compare("Analyze of a Deployment with two containers", "ms", { name: `rules about evidence, ${digests} digests`, measure: measure(withEvidence) }, { name: "without them", measure: measure(without) }, 20, 1.05)];
  } finally {
    await Promise.all([withEvidence.stop(), without.stop()]);
  }
}

function digestOf(index: number): string {
  return index === 0 ? "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" : `sha256:${index.toString(16).padStart(64, "0")}`;
}

function record(index: number): object {
  const ids = Array.from({ length: 20 }, (_, each) => `CVE-2026-${10_000 + each}`);
  return { config: digestOf(index + digests), createdAt: new Date().toISOString(), scans: [{ scanner: { name: "trivy", version: "0.70.0" }, scannedAt: new Date(Date.now() - 86_400_000).toISOString(), vulnerabilities: { low: { fixable: ids } }, origin: { format: "trivy-json", name: "report.json", document: digestOf(index + 2 * digests), trust: "local" } }] };
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
