import { missing, packFolder } from "../e2e/support.ts";
import { ThreeTier } from "../e2e/three-tier.ts";
import { say } from "../toolchain/run.ts";
import { emptyPolicies, writePack } from "./packs.ts";
import type { Comparison, Side } from "./statistics.ts";
import { comparison, inTurn } from "./statistics.ts";

/** Seconds by the clock, and of processor time: all that the preview started, and waited for, counts. */
type Seconds = readonly [clock: number, processor: number];

const rounds = 10;
// `times` of the shell: a line of its own time, and one of its children's, each `0m1.230s 0m0.120s`.
const timed = '"$@"; code=$?; times >&2; exit $code';

/** What the pack costs in a preview of an ordinary program: the three tiers on Kubernetes, made of the components. */
export async function threeTier(folder: string): Promise<readonly Comparison[]> {
  if (missing("pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes")) {
    say("three-tier: skipped for want of a tool");
    return [];
  }
  const example = new ThreeTier("three-tier-kubernetes");
  example.env["KUBECONFIG"] = "/nowhere/kubeconfig";
  const preview = (name: string, ...pack: readonly string[]): Side<Seconds> => ({
    name,
    measure: async () => {
      const begin = performance.now();
      const { stderr } = await example.demand("sh", ["-c", timed, "sh", "pulumi", "preview", "--non-interactive", "--suppress-outputs", "--suppress-progress", ...pack]);
      return [(performance.now() - begin) / 1000, processorSeconds(stderr)];
    },
  });
  const sides = [preview("with bulkhead", "--policy-pack", packFolder), preview("with an empty pack", "--policy-pack", writePack(folder, "empty-three-tier", emptyPolicies)), preview("without a pack")] as const;
  try {
    await example.prepare();
    const measured = await inTurn(sides, rounds, (round, all) => {
      process.stderr.write(`  round ${round + 1} of ${rounds}: ${all.map(([clock, processor], side) => `${sides[side]?.name} ${clock.toFixed(1)} s (processor ${processor.toFixed(1)} s)`).join(", ")}\n`);
    });
    const against = (what: string, which: 0 | 1, a: number, b: number, limit?: number): Comparison => {
      const series = (side: number): readonly [string, readonly number[]] => [sides[side]?.name ?? "", (measured[side] ?? []).map((seconds) => seconds[which])];
      return comparison(what, "s", series(a), series(b), limit);
    };
    const [clock, processor] = ["preview of the three tiers", "processor time of the preview of the three tiers"];
    return [against(clock, 0, 0, 2, 1.3), against(clock, 0, 0, 1), against(clock, 0, 1, 2), against(processor, 1, 0, 2), against(processor, 1, 0, 1), against(processor, 1, 1, 2)];
  } finally {
    example.remove();
  }
}

function processorSeconds(stderr: string): number {
  const children = stderr.trim().split("\n").at(-1) ?? "";
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  if (parts.length !== 2) throw new Error(`expected the times of the shell's children, found ${JSON.stringify(children)}`);
  return parts.reduce((sum, part) => sum + part, 0);
}
