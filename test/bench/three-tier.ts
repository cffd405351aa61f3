import { say } from "../toolchain/run.ts";
import { missing, packFolder } from "../e2e/support.ts";
import { ThreeTier } from "../e2e/three-tier.ts";
import type { Comparison } from "./statistics.ts";
import { compare } from "./statistics.ts";

/** What the pack costs in a preview of an ordinary program: the three tiers on Kubernetes, made of the components. */
export async function threeTier(): Promise<readonly Comparison[]> {
  if (missing("pulumi", "pulumi-language-nodejs", "pulumi-resource-kubernetes")) {
    say("three-tier: skipped for want of a tool");
    return [];
  }
  const example = new ThreeTier("three-tier-kubernetes");
  example.env["KUBECONFIG"] = "/nowhere/kubeconfig";
  const preview = (...pack: readonly string[]) => async (): Promise<number> => {
    const begin = performance.now();
    await example.demand("pulumi", ["preview", "--non-interactive", "--suppress-outputs", "--suppress-progress", ...pack]);
    return (performance.now() - begin) / 1000;
  };
  try {
    await example.prepare();
    return [await compare("preview of the three tiers", "s", { name: "with bulkhead", measure: preview("--policy-pack", packFolder) }, { name: "without a pack", measure: preview() }, 10, 1.3)];
  } finally {
    example.remove();
  }
}
