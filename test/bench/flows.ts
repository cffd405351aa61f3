import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, sharedData } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

const lines = 200_000;

/** Real flows where they are at hand, again and again with other pods, addresses, ports and times; else one that is written here. */
function writeLog(file: string): number {
  const folder = join(sharedData, "hubble-flows/testdata");
  const real = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n")) : [];
  if (real.length === 0) say("flows: ../shared/data/hubble-flows is not there, so one flow is written again and again");
  const patterns = real.length > 0 ? real : [JSON.stringify({ flow: { time: "2026-01-01T00:00:00.123456789Z", verdict: "FORWARDED", ethernet: { source: "46:e5:ea:1f:95:ff", destination: "d6:ec:b0:4a:ff:46" }, IP: { source: "10.0.2.16", destination: "10.0.2.1", ipVersion: "IPv4" }, l4: { TCP: { source_port: 40000, destination_port: 8080, flags: { SYN: true } } }, source: { ID: 1, identity: 25_339, namespace: "shop", labels: Array.from({ length: 8 }, (_, index) => `k8s:label-${index}=value`), pod_name: "web-1" }, destination: { ID: 2, identity: 25_340, namespace: "shop", labels: Array.from({ length: 8 }, (_, index) => `k8s:label-${index}=other`), pod_name: "api-1" }, Type: "L3_L4", node_name: "node-1", event_type: { type: 4, sub_type: 3 }, is_reply: false, Summary: "TCP Flags: SYN" } })];
  const begin = Date.UTC(2026, 0, 1);
  const text = Array.from({ length: lines }, (_, index) => {
    const time = new Date(begin + index).toISOString();
    return (patterns[index % patterns.length] ?? "").replace(/"time":"[^"]*"/g, `"time":"${time}"`).replace(/"source_port":[3-6]\d{4}/, `"source_port":${40_000 + (index % 20_000)}`).replace(/"(10\.\d+)\.\d+\.(\d+)"/g, `"$1.${index % 200}.$2"`);
  }).join("\n");
  writeFileSync(file, `${text}\n`);
  return text.length;
}

interface Figures {
  readonly count: number;
  readonly processor: number;
  readonly wall: number;
  readonly peak: number;
}

/** 200,000 lines of Hubble in a process of their own: reading and orienting them against `JSON.parse` of each line, read from the same file as a stream. */
export async function flows(folder: string): Promise<readonly Comparison[]> {
  const file = join(folder, "flows.jsonl");
  const size = writeLog(file);
  const program = (read: string): string => `
    const { createReadStream } = require("node:fs");
    const read = ${read};
    const [cpu, begin] = [process.cpuUsage(), performance.now()];
    read(createReadStream(${JSON.stringify(file)}, { highWaterMark: 1 << 18 })).then((count) => {
      const { user, system } = process.cpuUsage(cpu);
      console.log(JSON.stringify({ count, processor: (user + system) / 1000, wall: performance.now() - begin, peak: process.resourceUsage().maxRSS / 1024 }));
    });`;
  const module = JSON.stringify(join(root, "packages/network-policy/dist/index.js"));
  const scripts = {
    read: `async (stream) => { const reading = require(${module}).readFlows("flows.jsonl", stream); for await (const batch of reading.batches) for (const flow of batch) if (flow.first === 0) throw new Error(flow.at); const { read, used, malformed } = reading.summary(); if (malformed.count > 0 || used < read / 2) throw new Error(JSON.stringify(reading.summary())); return read; }`,
    orient: `async (stream) => { const { readFlows, Orienter } = require(${module}); const reading = readFlows("flows.jsonl", stream); const orienter = new Orienter(); for await (const batch of reading.batches) for (const flow of batch) orienter.add(flow); const { flows, summary } = orienter.finish(); if (flows.length === 0 || summary.overflow > 0) throw new Error(JSON.stringify(summary)); return reading.summary().read; }`,
    parse: `async (stream) => { let count = 0; let rest = ""; stream.setEncoding("utf8"); for await (const piece of stream) { const lines = (rest + piece).split("\\n"); rest = lines.pop(); for (const line of lines) if (JSON.parse(line).flow !== undefined) count++; } return count; }`,
  };
  const peaks = new Map<string, number>();
  const walls = new Map<string, number>();
  const measure = (name: keyof typeof scripts) => async (): Promise<number> => {
    const script = join(folder, `${name}-flows.cjs`);
    writeFileSync(script, program(scripts[name]));
    const { code, stdout, stderr } = await run(process.execPath, [script]);
    if (code !== 0) throw new Error(stderr);
    const figures = JSON.parse(stdout) as Figures;
    if (figures.count !== lines) throw new Error(`${figures.count} records, not ${lines}`);
    peaks.set(name, Math.max(figures.peak, peaks.get(name) ?? 0));
    walls.set(name, Math.min(figures.wall, walls.get(name) ?? Number.POSITIVE_INFINITY));
    return figures.processor;
  };
  const title = `${lines} lines of Hubble, ${(size / 1e6).toFixed(0)} MB (processor)`;
  const parse = { name: "JSON.parse of each line", measure: measure("parse") };
  const comparisons = [
    await compare(title, "ms", { name: "readFlows", measure: measure("read") }, parse, 4, 2),
    await compare(title, "ms", { name: "readFlows and Orienter", measure: measure("orient") }, parse, 4),
  ];
  say(`shortest time by the clock: ${[...walls].map(([name, wall]) => `${name} ${wall.toFixed(0)} ms`).join(", ")}`);
  say(`peak memory: ${[...peaks].map(([name, peak]) => `${name} ${peak.toFixed(0)} MiB`).join(", ")}`);
  return comparisons;
}
