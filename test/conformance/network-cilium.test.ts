import { createReachability } from "@bulkhead/network-policy";
import { describe, expect, test } from "vitest";
import { missing, toolPath } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";
import { clusterOf, generateCluster, probes } from "./clusters.ts";
import type { Policy } from "./reachability.ts";

type Peers = readonly { readonly namespaceSelector?: { readonly matchExpressions?: readonly object[] } | null }[];

/** Where Cilium decides otherwise than the API says: what has to be changed in a policy for the same answer. */
const exceptions: readonly (readonly [reason: string, change: (policy: Policy) => Policy])[] = [
  ["as it applies rules of a direction that policyTypes leaves out", (policy) => {
    const { policyTypes, ingress, egress, ...rest } = policy.spec;
    const types = policyTypes?.length ? policyTypes : ["Ingress", ...(egress?.length ? ["Egress"] : [])];
    return { ...policy, spec: { ...rest, policyTypes: types, ...(ingress && types.includes("Ingress") ? { ingress } : {}), ...(egress && types.includes("Egress") ? { egress } : {}) } };
  }],
  ["as namespaces selected by labels that they do not have include addresses outside", (policy) => {
    const named = (peers: Peers | null | undefined): Peers | undefined => peers?.map((peer) => (peer.namespaceSelector ? { ...peer, namespaceSelector: { ...peer.namespaceSelector, matchExpressions: [...(peer.namespaceSelector.matchExpressions ?? []), { key: "kubernetes.io/metadata.name", operator: "Exists" }] } } : peer));
    const { ingress, egress } = policy.spec;
    return { ...policy, spec: { ...policy.spec, ...(ingress ? { ingress: ingress.map((rule) => ({ ...rule, from: named(rule.from as Peers) })) } : {}), ...(egress ? { egress: egress.map((rule) => ({ ...rule, to: named(rule.to as Peers) })) } : {}) } } as Policy;
  }],
];

interface Request {
  readonly namespaces: object;
  readonly pods: readonly object[];
  readonly outside: readonly string[];
  readonly policies: readonly Policy[];
  readonly probes: readonly { readonly from: number; readonly to: number; readonly protocol: "TCP" | "UDP" | "SCTP"; readonly port: number }[];
}

async function ask(requests: readonly Request[]): Promise<readonly (readonly boolean[])[]> {
  const { stdout, code, stderr } = await run(toolPath("cilium-policy"), [], { input: requests.map((request) => `${JSON.stringify(request)}\n`).join("") });
  if (code !== 0) throw new Error(stderr);
  const answers = stdout.trim().split("\n").map((line) => JSON.parse(line) as { readonly allowed?: readonly boolean[]; readonly error?: string });
  return requests.map(({ probes: pairs }, index) => {
    const { allowed = [], error } = answers[index] ?? {};
    if (error !== undefined || allowed.length !== pairs.length) throw new Error(`request ${index}: ${error ?? `${allowed.length} answers`}`);
    return allowed;
  });
}

/** A generated cluster as it is asked, with what is decided here. */
function generate(seed: number): Request & { readonly ours: readonly boolean[] } {
  const { namespaces, pods, policies, outside } = generateCluster(seed);
  const ends = [...pods, ...outside];
  const pairs = ends.flatMap((from, source) => ends.flatMap((to, target) => (source === target || from.ip.includes(":") !== to.ip.includes(":") || !("labels" in from || "labels" in to) ? [] : probes.map(([port, protocol]) => ({ from: source, to: target, protocol, port })))));
  // Blocks hold no addresses of Cilium's own endpoints: those have labels.
  const cluster = clusterOf(namespaces, pods, policies);
  const { allows } = createReachability({ ...cluster, workloads: cluster.workloads.map((workload) => ({ ...workload, addresses: [] })) });
  const end = (place: number) => {
    const pod = pods[place];
    return pod === undefined ? ({ kind: "address", ip: outside[place - pods.length]?.ip ?? "", names: [] } as const) : ({ kind: "workload", workload: { namespace: pod.namespace, kind: "Pod", name: pod.name } } as const);
  };
  return { namespaces, pods, outside: outside.map(({ ip }) => ip), policies, probes: pairs, ours: pairs.map(({ from, to, protocol, port }) => allows(end(from), end(to), protocol, port).allowed) };
}

/** Cilium's policy engine, of its own module (test/toolchain/go/cilium-policy). */
describe.skipIf(missing("cilium-policy"))("reachability, as the policy engine of Cilium decides it", () => {
  test("on generated clusters", async () => {
    let asked = Array.from({ length: 150 }, (_, seed) => ({ seed, ...generate(seed) }));
    const all = asked.flatMap(({ ours }) => ours);
    const denied = all.filter((allowed) => !allowed).length;
    const differences = async (): Promise<readonly string[]> => (await ask(asked)).flatMap((theirs, index) => {
      const { seed, ours, probes: pairs, policies } = asked[index] as (typeof asked)[number];
      return ours.flatMap((allowed, place) => (allowed === theirs[place] ? [] : [`seed ${seed}: ${JSON.stringify(pairs[place])}: ours ${allowed}: ${JSON.stringify(policies)}`]));
    });
    let left = await differences();
    const explained: string[] = [];
    for (const [reason, change] of exceptions) {
      asked = asked.map((request) => ({ ...request, policies: request.policies.map(change) }));
      const fewer = await differences();
      explained.push(`${left.length - fewer.length} ${reason}`);
      expect(fewer.length).toBeLessThan(left.length);
      left = fewer;
    }
    process.stderr.write(`reachability: ${all.length} connections of generated clusters compared with Cilium's engine, ${denied} of them denied; ${left.length} differ, and for a reason: ${explained.join(", ")}\n`);
    expect(left.slice(0, 3)).toEqual([]);
    expect(Math.min(denied, all.length - denied)).toBeGreaterThan(5_000);
  }, 240_000);
});
