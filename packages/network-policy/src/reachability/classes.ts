import { push } from "../maps";
import type { ContainerPort, Labels, Namespace, Workload } from "../model/cluster";
import type { Selector } from "../model/policy";
import { neededLabels, selectorKey, selects } from "./selector";

/** Workloads that no policy can tell apart but by their addresses: the same namespace, labels, ports and network. */
export interface PodClass {
  readonly namespace: string;
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly workloads: Workload[];
}

/** Which classes a selector selects, found by the labels that it needs. */
export interface ClassIndex {
  readonly classes: readonly PodClass[];
  /** Namespaces that workloads are in, and that were not read: of their labels only the name is known. */
  readonly unread: readonly string[];
  /** `namespaces`: a selector, the name of the one, or undefined for all. Pods on their node's network are never selected. */
  readonly select: (namespaces: Selector | string | undefined, pods: Selector) => readonly number[];
}

export function indexClasses(namespaces: readonly Namespace[], workloads: readonly Workload[]): ClassIndex {
  const classes = classify(workloads);
  const labels = new Map(namespaces.map((namespace) => [namespace.name, { ...namespace.labels, "kubernetes.io/metadata.name": namespace.name }]));
  const unread = [...new Set(classes.map(({ namespace }) => namespace))].filter((name) => !labels.has(name)).sort();
  for (const name of unread) labels.set(name, { "kubernetes.io/metadata.name": name });
  const byNamespace = new Map<string, { readonly all: number[]; readonly byLabel: Map<string, number[]> }>();
  classes.forEach(({ namespace, labels: own, hostNetwork }, id) => {
    if (hostNetwork) return;
    const entry = byNamespace.get(namespace) ?? { all: [], byLabel: new Map<string, number[]>() };
    byNamespace.set(namespace, entry);
    entry.all.push(id);
    for (const [key, value] of Object.entries(own)) push(entry.byLabel, labelKey(key, value), id);
  });
  const selectNamespaces = memoize((selector: Selector) => [...byNamespace.keys()].filter((name) => selects(selector, labels.get(name) ?? {})));
  const every = [...byNamespace.keys()];
  const candidates = (namespace: string, pods: Selector): readonly number[] => {
    const entry = byNamespace.get(namespace);
    if (entry === undefined) return [];
    let least: readonly number[] = entry.all;
    for (const [key, values] of neededLabels(pods)) {
      const found = values.flatMap((value) => entry.byLabel.get(labelKey(key, value)) ?? []);
      if (found.length < least.length) least = found;
    }
    return least;
  };
  return {
    classes,
    unread,
    select: (where, pods) => {
      const names = where === undefined ? every : typeof where === "string" ? [where] : selectNamespaces(where);
      return names.flatMap((name) => candidates(name, pods).filter((id) => selects(pods, (classes[id] as PodClass).labels)));
    },
  };
}

function classify(workloads: readonly Workload[]): readonly PodClass[] {
  const found = new Map<string, PodClass>();
  for (const workload of workloads) {
    const { namespace, labels, ports, hostNetwork } = workload;
    const key = JSON.stringify([namespace, hostNetwork, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), ports.map(({ name, port, protocol }) => `${protocol} ${port} ${name ?? ""}`).sort()]);
    const known = found.get(key);
    if (known === undefined) found.set(key, { namespace, labels, ports, hostNetwork, workloads: [workload] });
    else known.workloads.push(workload);
  }
  return [...found.values()];
}

function memoize<T>(find: (selector: Selector) => T): (selector: Selector) => T {
  const known = new Map<string, T>();
  return (selector) => {
    const key = selectorKey(selector);
    const value = known.get(key) ?? find(selector);
    known.set(key, value);
    return value;
  };
}

/** A label's key holds no space. */
function labelKey(key: string, value: string): string {
  return `${key} ${value}`;
}
