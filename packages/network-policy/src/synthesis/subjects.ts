import type { Protocol, Workload, WorkloadName } from "../model/cluster";
import { edgeName } from "../model/edge";
import type { Selector } from "../model/policy";
import { selectorKey } from "../reachability/selector";
import { keyOf, nameOf } from "./identify";
import { exactSelector } from "./selectors";

/** Pods that rules are written for and about: a workload, or several that no label tells apart. */
export interface Subject {
  readonly name: WorkloadName;
  /** All whose pods are meant, sorted; the first gives the name. */
  readonly members: readonly WorkloadName[];
  readonly selector: Selector;
  /** Workloads that the selector selects all the same, sorted. */
  readonly admits: readonly WorkloadName[];
}

export interface Subjects {
  readonly all: readonly Subject[];
  /** Undefined for pods that no selector can name: on their node's network, or without a label that stays. */
  readonly of: (name: WorkloadName) => Subject | undefined;
}

/** Finds a selector for each workload. `workloads` may hold one several times, with different labels. */
export function findSubjects(workloads: readonly Workload[]): Subjects {
  const byNamespace = new Map<string, Map<string, Workload[]>>();
  for (const workload of workloads) {
    if (workload.hostNetwork) continue;
    const there = byNamespace.get(workload.namespace) ?? new Map<string, Workload[]>();
    byNamespace.set(workload.namespace, there);
    there.set(keyOf(workload), [...(there.get(keyOf(workload)) ?? []), workload]);
  }
  const bySelector = new Map<string, { readonly selector: Selector; readonly members: WorkloadName[]; readonly admits: Map<string, WorkloadName> }>();
  for (const [namespace, there] of byNamespace) {
    const all = [...there].flatMap(([key, variants]) => variants.map((workload) => ({ key, workload })));
    for (const [key, variants] of there) {
      const others = all.filter((other) => other.key !== key).map(({ workload }) => workload);
      const { selector, admits } = exactSelector(variants.map(({ labels }) => labels), others.map(({ labels }) => labels), variants[0]?.selector);
      if (selector === undefined) continue;
      const same = `${namespace} ${selectorKey(selector)}`;
      const entry = bySelector.get(same) ?? { selector, members: [], admits: new Map<string, WorkloadName>() };
      bySelector.set(same, entry);
      entry.members.push(nameOf(variants[0] as Workload));
      for (const index of admits) entry.admits.set(keyOf(others[index] as Workload), nameOf(others[index] as Workload));
    }
  }
  const all = [...bySelector.values()].map(({ selector, members, admits }): Subject => {
    const sorted = [...members].sort(byName);
    const own = new Set(sorted.map(keyOf));
    return { name: sorted[0] as WorkloadName, members: sorted, selector, admits: [...admits.values()].filter((name) => !own.has(keyOf(name))).sort(byName) };
  }).sort((a, b) => byName(a.name, b.name));
  const byMember = new Map(all.flatMap((subject) => subject.members.map((member) => [keyOf(member), subject] as const)));
  return { all, of: (name) => byMember.get(keyOf(name)) };
}

export function byName(a: WorkloadName, b: WorkloadName): number {
  const [left, right] = [`${a.namespace}/${a.name} ${a.kind}`, `${b.namespace}/${b.name} ${b.kind}`];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Names of the edges between all workloads that the rules of both subjects are about. */
export function edgesBetween(from: Subject, to: Subject, protocol: Protocol, port: number | undefined): readonly string[] {
  return from.members.flatMap((source) => to.members.map((target) => edgeName({ from: { kind: "workload", workload: source }, to: { kind: "workload", workload: target }, protocol, ...(port === undefined ? {} : { port }) })));
}
