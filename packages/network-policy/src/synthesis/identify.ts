import type { Cluster, Protocol, Workload, WorkloadName } from "../model/cluster";
import type { Peer } from "../model/edge";
import type { FlowEnd } from "../model/flow";
import { backends } from "../reachability/services";
import { selects } from "../reachability/selector";
import { stableLabels } from "./labels";
import { push } from "../maps";
import { ownerOf, unnamedKind } from "./owner";

/** Who an end is: with its address where the peer's name does not say it, and the port of its pods. */
export interface Identified {
  readonly peer: Peer;
  readonly ip?: string;
  readonly port?: number;
}
/** Why it is not known who an end is: no rule is made of it. */
export interface Unidentified {
  readonly reason: string;
}

/** Milliseconds around the start and the end of a pod during which its address may still, or already, be another's. */
const grace = 10_000;
/** Instance metadata of AWS, Azure, Google and others; of AWS over IPv6; of ECS tasks. */
export const metadataAddresses: ReadonlySet<string> = new Set(["169.254.169.254", "fd00:ec2::254", "169.254.170.2"]);
/** Where NodeLocal DNSCache listens by default on each node. */
const nodeLocalDns = "169.254.20.10";

interface Interval {
  readonly workload: Workload;
  readonly from: number;
  readonly until: number;
}

/** Keeps what was learned of pods on the way: those that the inventory lacks, and whose labels differ from it. */
export class Identifier {
  readonly #inventory: Cluster | undefined;
  readonly #byIp = new Map<string, Interval[]>();
  readonly #containers = new Map<string, Set<string>>();
  readonly #serviceByIp = new Map<string, { readonly namespace: string; readonly name: string }>();
  readonly #byNamespace = new Map<string, Workload[]>();
  readonly #found = new Map<string, { readonly name: WorkloadName; readonly labels: Map<string, Workload["labels"]> }>();
  readonly #differing = new Map<string, WorkloadName>();
  /** By pod and by the labels, which a reader gives as one object each time: a name may be another pod's later. */
  readonly #known = new WeakMap<object, Map<string, Identified | Unidentified>>();
  readonly #unlabelled = {};

  constructor(inventory: Cluster | undefined) {
    this.#inventory = inventory;
    for (const workload of inventory?.workloads ?? []) {
      push(this.#byNamespace, workload.namespace, workload);
      for (const { ip, from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } of workload.addresses) push(this.#byIp, ip, { workload, from, until });
    }
    for (const { namespace, name, clusterIps, externalIps } of inventory?.services ?? []) for (const ip of [...clusterIps, ...externalIps]) this.#serviceByIp.set(ip, { namespace, name });
    for (const { name, networks } of inventory?.containers ?? []) for (const { ip } of networks) if (ip !== undefined) this.#containers.set(ip, (this.#containers.get(ip) ?? new Set()).add(name));
  }

  /** Workloads that flows name and the inventory does not have, with each set of labels that was seen. */
  found(): readonly Workload[] {
    const names = this.names();
    return [...this.#found].filter(([key]) => !names.has(key)).flatMap(([, { name, labels }]) => {
      const sets = [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
      return (sets.length === 0 ? [{}] : sets).map((set): Workload => ({ ...name, labels: set, ports: [], hostNetwork: false, addresses: [], from: "flows" }));
    });
  }

  /** By key of what some flows know by its labels alone: the one workload of other flows that has these labels. */
  names(): ReadonlyMap<string, WorkloadName> {
    const byLabels = new Map<string, WorkloadName[]>();
    for (const { name, labels } of this.#found.values()) if (name.kind !== unnamedKind) for (const set of labels.keys()) push(byLabels, `${name.namespace} ${set}`, name);
    const found = new Map<string, WorkloadName>();
    for (const [key, { name, labels }] of this.#found) {
      if (name.kind !== unnamedKind) continue;
      const [only, another] = [...labels.keys()].flatMap((set) => byLabels.get(`${name.namespace} ${set}`) ?? []);
      if (only !== undefined && another === undefined) found.set(key, only);
    }
    return found;
  }

  /** Workloads of the inventory whose pods had other labels than it says. */
  differing(): readonly WorkloadName[] {
    return [...this.#differing.values()];
  }

  source(end: FlowEnd, first: number, last: number): Identified | Unidentified {
    return this.#pod(end) ?? this.#noPod(end, first, last);
  }

  /** Several where a Service leads to pods of several workloads: any of them may have answered. */
  destination(end: FlowEnd, protocol: Protocol, port: number | undefined, first: number, last: number): readonly Identified[] | Unidentified {
    const pod = this.#pod(end);
    if (pod !== undefined) return "reason" in pod ? pod : [pod];
    const ofPods = end.ip === undefined || !this.#byIp.has(end.ip);
    const service = (end.ip === undefined ? undefined : this.#serviceByIp.get(end.ip)) ?? (ofPods && end.entity === undefined ? end.service : undefined);
    if (service !== undefined) return this.#backends(service, protocol, port);
    const found = this.#noPod(end, first, last);
    return "reason" in found ? found : [found];
  }

  #backends(name: { readonly namespace: string; readonly name: string }, protocol: Protocol, port: number | undefined): readonly Identified[] | Unidentified {
    const service = this.#inventory?.services.find((other) => other.namespace === name.namespace && other.name === name.name);
    if (service === undefined || this.#inventory === undefined) return { reason: "a Service that the inventory does not have" };
    if (name.namespace === "default" && name.name === "kubernetes") {
      const target = service.ports.find((own) => own.port === port)?.targetPort;
      return [{ peer: { kind: "entity", entity: "kube-apiserver" }, ...(typeof target === "number" ? { port: target } : {}) }];
    }
    const behind = port === undefined ? [] : backends(this.#inventory, name, port, protocol);
    if (behind.length === 0) return { reason: service.selector === undefined ? "a Service whose endpoints are set by hand" : "a port of a Service behind which are no pods" };
    return behind.map(({ workload, port: target }) => ({ ...nodeOr(workload, undefined), port: target }));
  }

  #pod(end: FlowEnd): Identified | Unidentified | undefined {
    if (end.container !== undefined) return { peer: { kind: "container", name: end.container } };
    if (end.workload === undefined && (end.namespace === undefined || (end.pod === undefined && end.labels === undefined))) return undefined;
    const labels = end.labels ?? this.#unlabelled;
    const known = this.#known.get(labels) ?? new Map<string, Identified | Unidentified>();
    this.#known.set(labels, known);
    const key = JSON.stringify([end.namespace, end.pod, end.workload, end.ip]);
    const found = known.get(key) ?? this.#resolve(end);
    known.set(key, found);
    return found;
  }

  #resolve(end: FlowEnd): Identified | Unidentified {
    const owner = ownerOf(end);
    const namespace = end.namespace ?? end.workload?.namespace ?? "";
    const inventory = this.#byNamespace.get(namespace) ?? [];
    const named = inventory.find(({ kind, name }) => kind === owner?.kind && name === owner.name);
    const workload = named ?? this.#byLabels(inventory, end);
    if (workload !== undefined) {
      if (end.labels !== undefined && workload.selector !== undefined && !selects(workload.selector, end.labels)) this.#differing.set(keyOf(workload), nameOf(workload));
      return nodeOr(workload, end.ip);
    }
    if (owner === undefined) return { reason: "a pod without a name and without labels that stay" };
    const found = this.#found.get(keyOf(owner)) ?? { name: owner, labels: new Map<string, Workload["labels"]>() };
    this.#found.set(keyOf(owner), found);
    if (end.labels !== undefined) {
      const stable = stableLabels(end.labels);
      found.labels.set(JSON.stringify(stable), stable);
    }
    return { peer: { kind: "workload", workload: owner } };
  }

  /** The one whose pods have these labels; of several, the one that the pod is called after. */
  #byLabels(workloads: readonly Workload[], { labels, pod }: FlowEnd): Workload | undefined {
    const matching = labels === undefined ? workloads : workloads.filter(({ selector, labels: own }) => selects(selector ?? { matchLabels: stableLabels(own) }, labels));
    const [only, another] = matching;
    if (labels !== undefined && only !== undefined && another === undefined) return only;
    if (pod === undefined) return undefined;
    return matching.filter(({ name }) => pod === name || pod.startsWith(`${name}-`)).sort((a, b) => b.name.length - a.name.length || (a.kind < b.kind ? -1 : 1))[0];
  }

  #noPod({ ip, entity, names = [] }: FlowEnd, first: number, last: number): Identified | Unidentified {
    if (ip !== undefined) {
      const own = this.#byAddress(ip, first, last);
      if (own !== undefined) return own;
    }
    if (entity === "health") return { reason: "health checks of the network plugin" };
    if (entity !== undefined && entity !== "world") return { peer: { kind: "entity", entity }, ...(ip === undefined ? {} : { ip }) };
    if (ip === undefined) return entity === undefined ? { reason: "an end that nothing is known of" } : { peer: { kind: "entity", entity } };
    const isLinkLocal = ip.startsWith("169.254.") || /^fe[89ab]/.test(ip);
    if (isLinkLocal && ip !== nodeLocalDns && !metadataAddresses.has(ip)) return { reason: "a link-local address" };
    return { peer: { kind: "address", ip, names } };
  }

  #byAddress(ip: string, first: number, last: number): Identified | Unidentified | undefined {
    const containers = this.#containers.get(ip);
    if (containers !== undefined) return containers.size === 1 ? { peer: { kind: "container", name: [...containers][0] as string } } : { reason: "an address that several containers have" };
    const intervals = this.#byIp.get(ip);
    if (intervals === undefined) return undefined;
    const near = intervals.filter(({ from, until }) => from - grace <= last && first <= until + grace);
    const workloads = new Map(near.map(({ workload }) => [keyOf(workload), workload]));
    const [only, another] = [...workloads.values()];
    if (only === undefined) return { reason: "the address of a pod, at a time when it was not that pod's" };
    if (near.every(({ workload }) => workload.hostNetwork)) return { peer: { kind: "entity", entity: "remote-node" }, ip };
    if (another !== undefined) return { reason: "an address that pods of several workloads had about then" };
    return near.some(({ from, until }) => from <= first && last <= until) ? { peer: { kind: "workload", workload: nameOf(only) } } : { reason: "the address of a pod, at a time when it was not that pod's" };
  }
}

/** Pods on their node's network have its address, and no policy selects them. */
function nodeOr(workload: Workload, ip: string | undefined): Identified {
  if (!workload.hostNetwork) return { peer: { kind: "workload", workload: nameOf(workload) } };
  return { peer: { kind: "entity", entity: "remote-node" }, ...(ip === undefined ? {} : { ip }) };
}

export function nameOf({ namespace, kind, name }: WorkloadName): WorkloadName {
  return { namespace, kind, name };
}

export function keyOf({ namespace, kind, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}
