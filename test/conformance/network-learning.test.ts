import { describe, expect, test } from "vitest";
import type { Cluster, Flow, Learned, NetworkPolicy } from "../../packages/network-policy/src/index";
import { createObserver, learn, selects } from "../../packages/network-policy/src/index";
import { random } from "./generator.ts";
import type { GeneratedCluster, Truth } from "./network-clusters.ts";
import { generateCluster } from "./network-clusters.ts";
import type { Outside, PodEnd } from "./reachability.ts";
import { reaches } from "./reachability.ts";

/** Of each property: clusters. What is slower sees fewer. */
const all = 10_000;
const some = 500;

function learnFrom(flows: readonly Flow[], inventory: Cluster): Learned {
  const observer = createObserver(inventory);
  for (const flow of flows) observer.add(flow);
  return learn({ observations: observer.finish(), inventory });
}

function passes({ from, to, port, protocol }: Truth, policies: readonly NetworkPolicy[], { namespaces }: GeneratedCluster): boolean {
  return reaches(from, to, port, protocol, policies, namespaces);
}

/** Every pair of pods at every port that any pod declares or any flow had. */
function* pairs({ pods, truths }: GeneratedCluster): Generator<Truth> {
  const ports = [...new Map([...truths, ...pods.flatMap(({ ports: own }) => own.map(({ containerPort, protocol }) => ({ port: containerPort, protocol: protocol as Truth["protocol"] })))].map(({ port, protocol }) => [`${protocol} ${port}`, { port, protocol }])).values()];
  for (const from of pods) for (const to of pods) for (const { port, protocol } of ports) if (from !== to) yield { from, to, port, protocol };
}

function shuffled<T>(list: readonly T[], seed: number): readonly T[] {
  const next = random(seed);
  return list.map((value) => ({ value, at: next() })).sort((a, b) => a.at - b.at).map(({ value }) => value);
}

const specs = ({ policies }: Learned): unknown => policies.map(({ metadata: { name, namespace }, spec }) => ({ name, namespace, spec }));
const isOwn = (end: PodEnd | Outside): end is GeneratedCluster["pods"][number] => "workload" in end;

/** Seeds for which the property does not hold. */
function failures(count: number, holds: (generated: GeneratedCluster, learned: Learned, seed: number) => boolean): readonly number[] {
  const failed: number[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const generated = generateCluster(seed);
    if (!holds(generated, learnFrom(generated.flows, generated.cluster), seed)) failed.push(seed);
  }
  return failed.slice(0, 10);
}

describe("of generated clusters, with an evaluator of its own", () => {
  test("replay soundness: every request that was let through still is, and nothing unseen beyond what is named", () => {
    let [requests, slack, named] = [0, 0, 0];
    expect(failures(all, (generated, { policies, verification, plan }) => {
      requests += generated.truths.length;
      const seen = new Set(generated.truths.map(({ from, to, port, protocol }) => `${isOwn(from) ? from.workload.name : from.ip} ${isOwn(to) ? to.workload.name : to.ip} ${protocol} ${port}`));
      const inseparable = new Set(plan.inseparable.flat().map(({ name }) => name));
      for (const pair of pairs(generated)) {
        const [from, to] = [(pair.from as GeneratedCluster["pods"][number]).workload.name, (pair.to as GeneratedCluster["pods"][number]).workload.name];
        if (seen.has(`${from} ${to} ${pair.protocol} ${pair.port}`) || !passes(pair, policies, generated)) continue;
        if (!inseparable.has(from) && !inseparable.has(to)) return false;
        named++;
      }
      slack += verification.slack.length;
      return verification.denied.length === 0 && generated.truths.every((truth) => passes(truth, policies, generated)) && (inseparable.size > 0 || verification.slack.length === 0);
    })).toEqual([]);
    process.stderr.write(`network learn: ${all} generated clusters, ${requests} requests, all let through; ${slack} unobserved edges, all of workloads that were named as inseparable (${named} pairs of pods)\n`);
    expect(requests).toBeGreaterThan(all);
  }, 600_000);

  test("exact selector: a selector selects the pods that are meant and no other, or those are named", () => {
    let selectors = 0;
    expect(failures(some, ({ cluster: { workloads } }, { plan, policies }) => {
      const named = plan.inseparable.map((set) => new Set(set.map(({ name }) => name)));
      return plan.subjects.every(({ subject }) => {
        selectors++;
        const selected = workloads.filter(({ namespace, labels }) => namespace === subject.name.namespace && selects(subject.selector, labels)).map(({ name }) => name);
        const meant = new Set(subject.members.map(({ name }) => name));
        return selected.length >= meant.size && selected.every((name) => meant.has(name)) && (meant.size === 1 || named.some((set) => [...meant].every((name) => set.has(name))));
      }) && policies.length >= plan.namespaces.length;
    })).toEqual([]);
    expect(selectors).toBeGreaterThan(some);
  });

  test("permutation invariance: the order of the flows changes nothing", () => {
    expect(failures(some, ({ flows, cluster }, learned, seed) => JSON.stringify(learnFrom(shuffled(flows, seed), cluster).policies) === JSON.stringify(learned.policies))).toEqual([]);
  });

  test("monotone: more flows allow what fewer do", () => {
    expect(failures(some, (generated, { policies }, seed) => {
      const fewer = learnFrom(shuffled(generated.flows, seed).slice(0, Math.ceil(generated.flows.length / 2)), generated.cluster);
      return [...pairs(generated), ...generated.truths].every((pair) => !passes(pair, fewer.policies, generated) || passes(pair, policies, generated));
    })).toEqual([]);
  });

  test("idempotent on own output: flows of everything that is allowed teach the same", () => {
    expect(failures(some, (generated, learned) => {
      const end = (of: PodEnd | Outside): Flow["source"] => ({ ip: of.ip });
      const own = [...pairs(generated), ...generated.truths].filter((pair) => passes(pair, learned.policies, generated)).map(({ from, to, protocol, port }): Flow => ({ source: end(from), destination: end(to), protocol, port, direction: "request", verdict: "forwarded", first: 0, last: 0, count: 1, at: "own" }));
      return JSON.stringify(specs(learnFrom(own, generated.cluster))) === JSON.stringify(specs(learned));
    })).toEqual([]);
  });

  test("no rule from replies", () => {
    let replies = 0;
    expect(failures(some, ({ flows, cluster }, learned) => {
      const only = learnFrom(flows.filter(({ direction }) => direction === "reply"), cluster);
      replies += flows.filter(({ direction }) => direction === "reply").length;
      return only.plan.subjects.length === 0 && JSON.stringify(learnFrom(flows.filter(({ direction }) => direction === "request"), cluster).policies) === JSON.stringify(learned.policies);
    })).toEqual([]);
    expect(replies).toBeGreaterThan(some);
  });

  test("IPv4/IPv6 parity: the other family's addresses teach the same", () => {
    const plain = (value: unknown): string => JSON.stringify(value).replace(/198\.51\.100\.(\d+)\/(\d+)/g, (_, last: string, length: string) => `block ${Number(last)} ${32 - Number(length)}`).replace(/2001:db8::([0-9a-f]*)\/(\d+)/g, (_, last: string, length: string) => `block ${last === "" ? 0 : Number.parseInt(last, 16)} ${128 - Number(length)}`);
    const sorted = (learned: Learned): unknown => learned.plan.subjects.map(({ subject, ingress, egress }) => ({ name: subject.name, selector: subject.selector, rules: [...ingress, ...egress].flatMap(({ peers, ports }) => peers.flatMap((peer) => ports.map((port) => plain([peer, port])))).sort() }));
    expect(failures(some, (_, learned, seed) => {
      const other = generateCluster(seed, true);
      return JSON.stringify(sorted(learnFrom(other.flows, other.cluster))) === JSON.stringify(sorted(learned));
    })).toEqual([]);
  });

  test("no rule too many: without any of them, a request that was let through is denied", () => {
    let rules = 0;
    expect(failures(some, (generated, { policies }) => policies.every((policy, index) => (["ingress", "egress"] as const).every((direction) => (policy.spec[direction] ?? []).every((_, position) => {
      rules++;
      const list = (policy.spec[direction] ?? []).filter((_rule, at) => at !== position);
      const without = policies.map((other, at): NetworkPolicy => (at === index ? { ...policy, spec: { ...policy.spec, [direction]: list } } : other));
      return generated.truths.some((truth) => !passes(truth, without, generated));
    }))))).toEqual([]);
    expect(rules).toBeGreaterThan(some);
  });
});
