import type { Cluster, Workload, WorkloadName } from "../model/cluster";
import { edgeName } from "../model/edge";
import type { NetworkPolicy } from "../model/policy";
import type { PortRange } from "../reachability/ports";
import type { ReachEnd, Reachability } from "../reachability/reachability";
import { createReachability, explain } from "../reachability/reachability";
import { keyOf, nameOf } from "./identify";
import type { Observations, SeenEdge } from "./observe";

export interface Denied {
  readonly edge: SeenEdge;
  /** Why: a sentence for each end. */
  readonly why: readonly string[];
}

/** What policies do to what was seen. */
export interface Verification {
  /** Edges that were let through and no longer are. */
  readonly denied: readonly Denied[];
  /** Edges that a policy refused when they were seen, and these policies would let through: names. */
  readonly opened: readonly string[];
  /** Edges between workloads that nobody has seen and the policies let through, where they isolate either end: names, sorted. A range of ports is one. */
  readonly slack: readonly string[];
  /** Of the slack: what a declaration opens. */
  readonly declared: readonly string[];
  /** Workloads that no policy isolates in either direction. */
  readonly unisolated: readonly WorkloadName[];
}

export interface VerifyInput {
  readonly policies: readonly NetworkPolicy[];
  readonly observations: Observations;
  readonly inventory: Cluster | undefined;
  /** Of the whole cluster, besides. */
  readonly clusterPolicies?: Cluster["clusterPolicies"];
  readonly declared?: ReadonlySet<string>;
}

/** Plays what was seen of pods through an evaluator of the policies, and counts what they let through besides. */
export function verify({ policies, clusterPolicies = [], observations, inventory, declared = new Set() }: VerifyInput): Verification {
  const namespaces = inventory?.namespaces ?? [];
  // The rules may not depend on addresses that pods happen to have: those count only for what is let through besides.
  const replay = createReachability({ namespaces, policies, clusterPolicies, workloads: observations.workloads.map((workload) => ({ ...workload, addresses: [] })) });
  const judged = observations.edges.filter((edge) => edge.protocol !== "ICMP" && isOfPods(edge)).map((edge) => ({ edge, why: whyDenied(replay, edge) }));
  const opened = observations.refused.filter((edge) => edge.protocol !== "ICMP" && isOfPods(edge) && whyDenied(replay, edge) === undefined).map(edgeName);
  const actual = createReachability({ namespaces, policies, clusterPolicies, workloads: observations.workloads });
  const unisolated = unisolatedOf(observations.workloads, replay);
  const slack = slackOf(actual, observations, new Set(unisolated.map(keyOf)));
  return {
    denied: judged.flatMap(({ edge, why }) => (why === undefined ? [] : [{ edge, why }])),
    opened,
    slack,
    declared: slack.filter((name) => declared.has(name)),
    unisolated,
  };
}

/** No policy concerns a container of Docker. */
function isOfPods({ from, to }: SeenEdge): boolean {
  return from.kind !== "container" && to.kind !== "container";
}

/** Undefined for an edge that is let through. */
function whyDenied(reachability: Reachability, edge: SeenEdge): readonly string[] | undefined {
  for (const from of endsOf(edge.from, edge.ips)) {
    for (const to of endsOf(edge.to, edge.ips)) {
      const verdict = reachability.allows(from, to, edge.protocol, edge.port);
      if (!verdict.allowed) return explain(from, to, verdict);
    }
  }
  return undefined;
}

/** The ends that a peer stands for: each address that an entity was seen with. */
export function endsOf(peer: SeenEdge["from"], ips: readonly string[]): readonly ReachEnd[] {
  if (peer.kind !== "entity" || peer.entity === "host" || ips.length === 0) return [peer];
  return ips.map((ip) => ({ kind: "address", ip, names: [] }));
}

function unisolatedOf(workloads: readonly Workload[], reachability: Reachability): readonly WorkloadName[] {
  const found = new Map<string, WorkloadName>();
  const outside: ReachEnd = { kind: "entity", entity: "world" };
  for (const workload of workloads) {
    if (workload.hostNetwork || found.has(keyOf(workload))) continue;
    const end: ReachEnd = { kind: "workload", workload: nameOf(workload) };
    if (reachability.allows(outside, end, "TCP", 1).allowed && reachability.allows(end, outside, "TCP", 1).allowed) found.set(keyOf(workload), nameOf(workload));
  }
  return [...found.values()];
}

function slackOf(reachability: Reachability, { edges, workloads }: Observations, unisolated: ReadonlySet<string>): readonly string[] {
  const seen = new Set(edges.map(edgeName));
  const isFree = new Map(workloads.map((workload) => [keyOf(workload), workload.hostNetwork || unisolated.has(keyOf(workload))]));
  const slack = new Set<string>();
  for (const { from, to, ports } of reachability.edges()) {
    const [sources, targets] = [from, to].map((end) => [...new Set(end.workloads.map(keyOf))]) as [string[], string[]];
    for (const source of sources) {
      for (const target of targets) {
        if (isFree.get(source) === true && isFree.get(target) === true) continue;
        for (const protocol of ["TCP", "UDP", "SCTP"] as const) {
          for (const name of ports[protocol].flatMap((range) => portNames(`${source} -> ${target} ${protocol}`, range))) if (!seen.has(name)) slack.add(name);
        }
      }
    }
  }
  return [...slack].sort();
}

/** Wider ranges are one name. */
const mostPorts = 16;

/** Names of the edges of a pair (`Deployment shop/web -> Deployment shop/api TCP`) at a range of ports. */
export function portNames(pair: string, [first, last]: PortRange): readonly string[] {
  if (last - first >= mostPorts) return [`${pair} ${first}-${last}`];
  return Array.from({ length: last - first + 1 }, (_, index) => `${pair} ${first + index}`);
}
