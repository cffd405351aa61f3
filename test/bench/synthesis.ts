import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../e2e/support.ts";
import { run, say } from "../toolchain/run.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

interface Figures {
  readonly edges: number;
  readonly policies: number;
  readonly wall: number;
  readonly peak: number;
}

/** Flows between so many Deployments in twenty namespaces, each of which connects to twenty others; what is learned is checked as always. */
const program = (workloads: number): string => `
  const { createObserver, learn } = require(${JSON.stringify(join(root, "packages/network-policy/dist/index.js"))});
  const count = ${workloads};
  const pod = (index) => ({ namespace: "team-" + index % 20, pod: "app-" + index + "-6b746f74dc-9rcxx", labels: { app: "app-" + index, team: "team-" + index % 20 } });
  const begin = performance.now();
  const observer = createObserver();
  for (let from = 0; from < count; from++) {
    for (let step = 1; step <= 20; step++) {
      const to = (from * 7 + step * step * 13) % count;
      if (to !== from) observer.add({ source: pod(from), destination: pod(to), protocol: "TCP", port: 8000 + step, direction: "request", verdict: "forwarded", first: 0, last: 1000, count: 1, at: "f:" + from });
    }
  }
  const observations = observer.finish();
  const { policies, verification } = learn({ observations });
  if (verification.denied.length > 0 || verification.slack.length > 0) throw new Error(verification.denied.length + " denied, " + verification.slack.length + " slack");
  console.log(JSON.stringify({ edges: observations.edges.length, policies: policies.length, wall: performance.now() - begin, peak: process.resourceUsage().maxRSS / 1024 }));`;

/** What `network learn` does once flows were read: 1,000 workloads and almost 20,000 edges against half of both. */
export async function synthesis(folder: string): Promise<readonly Comparison[]> {
  const figures = new Map<number, Figures>();
  const side = (workloads: number) => ({
    name: `${workloads} workloads`,
    measure: async (): Promise<number> => {
      const script = join(folder, `learn-${workloads}.cjs`);
      writeFileSync(script, program(workloads));
      const { code, stdout, stderr } = await run(process.execPath, [script]);
      if (code !== 0) throw new Error(stderr);
      const found = JSON.parse(stdout) as Figures;
      figures.set(workloads, { ...found, peak: Math.max(found.peak, figures.get(workloads)?.peak ?? 0) });
      return found.wall;
    },
  });
  const result = await compare("policies learned of flows, with their proof", "ms", side(1000), side(500), 6, 6);
  for (const [workloads, { edges, policies, peak }] of figures) say(`${workloads} workloads: ${edges} edges, ${policies} policies, peak memory ${peak.toFixed(0)} MiB`);
  return [result];
}
