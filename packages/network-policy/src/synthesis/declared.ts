import type { Cluster, Entry, Monitor, Protocol, Workload, WorkloadName } from "../model/cluster";
import { edgeName, peerName } from "../model/edge";
import type { Backend } from "../reachability/services";
import { backends } from "../reachability/services";
import { selects } from "../reachability/selector";
import { keyOf, nameOf } from "./identify";
import type { Observations } from "./observe";
import type { Unsafe } from "./plan";

/** A connection that a declaration asks for, and no flow has shown. */
export interface DeclaredEdge {
  readonly from: WorkloadName;
  readonly to: WorkloadName;
  readonly protocol: Exclude<Protocol, "ICMP">;
  readonly port: number;
  /** `Ingress shop/web`. */
  readonly declaredBy: string;
}

export interface Declared {
  /** Between workloads. */
  readonly edges: readonly DeclaredEdge[];
  /** From blocks of addresses outside. */
  readonly outside: readonly { readonly to: Workload; readonly cidr: string; readonly protocol: DeclaredEdge["protocol"]; readonly port: number; readonly declaredBy: string }[];
  readonly unsafe: readonly Unsafe[];
}

interface Target {
  readonly workload: Workload;
  readonly protocol: Protocol;
  readonly port: number;
}

/**
 * Connections that declarations of the inventory ask for, whether or not flows have shown them: from the controller of an
 * Ingress or of a route to what it leads to, from Prometheus to what a monitor names, and from the source ranges of a
 * Service of type LoadBalancer. A source that no flow and no label of its operator shows is said, and never guessed.
 */
export function declaredEdges(observations: Observations, inventory: Cluster | undefined): Declared {
  if (inventory === undefined) return { edges: [], outside: [], unsafe: [] };
  const seen = new Set(observations.edges.map(edgeName));
  const unsafe: Unsafe[] = [];
  const edges: DeclaredEdge[] = [];
  const join = (sources: readonly Workload[], targets: readonly Target[], declaredBy: string): void => {
    for (const from of sources) {
      for (const { workload, protocol, port } of targets) {
        if (protocol === "ICMP" || workload.hostNetwork || from.hostNetwork || keyOf(from) === keyOf(workload)) continue;
        const name = edgeName({ from: { kind: "workload", workload: from }, to: { kind: "workload", workload }, protocol, port });
        if (!seen.has(name)) edges.push({ from: nameOf(from), to: nameOf(workload), protocol, port, declaredBy });
      }
    }
  };
  const callers = new Callers(observations);
  const controllers = controllersOf(callers, inventory);
  for (const entry of inventory.entries) {
    const declaredBy = `${entry.kind} ${entry.namespace}/${entry.name}`;
    const targets = backends(inventory, entry.service, entry.service.port);
    if (targets.length === 0) continue;
    const serving = controllers(entry);
    if (serving.length > 0) join(serving, targets, declaredBy);
    else if (!targets.some((target) => callers.fromOutside(target) || callers.of(target).length > 0)) unsafe.push({ what: declaredBy, reason: `no flow shows which pods serve it: the way to ${describe(targets)} stays closed` });
  }
  for (const monitor of inventory.monitors) {
    const declaredBy = `${monitor.kind} ${monitor.namespace}/${monitor.name}`;
    const targets = scrapedBy(monitor, inventory);
    const scrapers = scrapersOf(observations, callers, targets);
    if (targets.length === 0) continue;
    if (scrapers.length > 0) join(scrapers, targets, declaredBy);
    else unsafe.push({ what: declaredBy, reason: `no workload, or more than one, has the label of a Prometheus (app.kubernetes.io/name: prometheus): the way to ${describe(targets)} stays closed` });
  }
  const balanced = inventory.services.map((service) => outsideOf(service, callers, inventory));
  return { edges, outside: balanced.flatMap(({ outside }) => outside), unsafe: [...unsafe, ...balanced.flatMap((found) => found.unsafe)] };
}

/**
 * Which pods serve an Ingress or a route: those behind a Service that leads outside (LoadBalancer, NodePort) which were seen
 * to connect to what one of the same class leads to. Where nothing has a class, one that serves any.
 */
function controllersOf(callers: Callers, inventory: Cluster): (entry: Entry) => readonly Workload[] {
  const outward = new Set(inventory.services.filter(({ type }) => type === "LoadBalancer" || type === "NodePort").flatMap((service) => service.ports.flatMap(({ port }) => backends(inventory, service, port))).map(({ workload }) => keyOf(workload)));
  const byClass = new Map<string, Map<string, Workload>>();
  for (const entry of inventory.entries) {
    const kept = byClass.get(classOf(entry)) ?? new Map<string, Workload>();
    byClass.set(classOf(entry), kept);
    for (const target of backends(inventory, entry.service, entry.service.port)) {
      for (const source of callers.of(target)) if (outward.has(keyOf(source))) kept.set(keyOf(source), source);
    }
  }
  return (entry) => [...(byClass.get(classOf(entry)) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, workload]) => workload);
}

function classOf({ kind, class: served = "" }: Entry): string {
  return `${kind} ${served}`;
}

/** Who was seen to connect to a port of a workload. */
class Callers {
  readonly #byTarget = new Map<string, { readonly workloads: Workload[]; others: boolean }>();

  constructor({ edges, workloads }: Observations) {
    const byName = new Map(workloads.map((workload) => [keyOf(workload), workload]));
    for (const { from, to, protocol, port } of edges) {
      if (to.kind !== "workload") continue;
      const key = `${keyOf(to.workload)} ${protocol} ${port}`;
      const callers = this.#byTarget.get(key) ?? { workloads: [], others: false };
      this.#byTarget.set(key, callers);
      const source = from.kind === "workload" ? byName.get(keyOf(from.workload)) : undefined;
      if (source === undefined) callers.others = true;
      else callers.workloads.push(source);
    }
  }

  #of({ workload, protocol, port }: Target): { readonly workloads: readonly Workload[]; readonly others: boolean } {
    return this.#byTarget.get(`${keyOf(workload)} ${protocol} ${port}`) ?? { workloads: [], others: false };
  }

  /** Workloads that connect to it. */
  of(target: Target): readonly Workload[] {
    return this.#of(target).workloads;
  }

  /** Whether what is no workload does. */
  fromOutside(target: Target): boolean {
    return this.#of(target).others;
  }
}

/** Pods of prometheus-operator have these labels. Of several those that were seen to scrape; one alone is it. */
function scrapersOf({ workloads }: Observations, callers: Callers, targets: readonly Target[]): readonly Workload[] {
  const all = workloads.filter(({ labels }) => labels["app.kubernetes.io/name"] === "prometheus" || labels["operator.prometheus.io/name"] !== undefined);
  const unique = [...new Map(all.map((workload) => [keyOf(workload), workload])).values()];
  if (unique.length <= 1) return unique;
  const seen = new Set(targets.flatMap((target) => callers.of(target)).map(keyOf));
  return unique.filter((workload) => seen.has(keyOf(workload)));
}

function scrapedBy({ kind, namespaces, selector, ports }: Monitor, inventory: Cluster): readonly Target[] {
  const isThere = ({ namespace }: { readonly namespace: string }): boolean => namespaces === "any" || namespaces.includes(namespace);
  if (kind === "PodMonitor") return inventory.workloads.filter((workload) => isThere(workload) && selects(selector, workload.labels)).flatMap((workload) => ports.flatMap((port) => podPorts(workload, "port" in port ? port.port : port.target)));
  return inventory.services.filter((service) => isThere(service) && selects(selector, service.labels ?? {})).flatMap((service) => ports.flatMap((port): readonly Target[] => {
    if ("port" in port) return backends(inventory, service, port.port);
    const behind = new Map(service.ports.flatMap((own): readonly Backend[] => backends(inventory, service, own.port)).map(({ workload }) => [keyOf(workload), workload]));
    return [...behind.values()].flatMap((workload) => podPorts(workload, port.target));
  }));
}

function podPorts(workload: Workload, port: number | string): readonly Target[] {
  if (typeof port === "number") return [{ workload, protocol: "TCP", port }];
  return workload.ports.filter(({ name }) => name === port).map(({ protocol, port: number }) => ({ workload, protocol, port: number }));
}

function outsideOf(service: Cluster["services"][number], callers: Callers, inventory: Cluster): Pick<Declared, "outside" | "unsafe"> {
  if (service.type !== "LoadBalancer") return { outside: [], unsafe: [] };
  const declaredBy = `Service ${service.namespace}/${service.name}`;
  const targets = service.ports.flatMap(({ port, protocol }) => backends(inventory, service, port, protocol));
  const unseen = targets.filter(({ workload, protocol }) => !workload.hostNetwork && protocol !== "ICMP").filter((target) => !callers.fromOutside(target));
  if (unseen.length === 0) return { outside: [], unsafe: [] };
  const { sourceRanges = [] } = service;
  const wide = sourceRanges.filter((cidr) => cidr.endsWith("/0"));
  const why = sourceRanges.length === 0 ? "it leads outside, and no flow shows from where" : service.keepsClientAddress !== true ? "its source ranges are those of clients, and its pods see nodes (externalTrafficPolicy: Cluster)" : wide.length > 0 ? `${wide.join(", ")} is the whole internet` : undefined;
  const outside = why === undefined ? unseen.flatMap(({ workload, protocol, port }) => (protocol === "ICMP" ? [] : sourceRanges.map((cidr) => ({ to: workload, cidr, protocol, port, declaredBy: `${declaredBy}, its source ranges` })))) : [];
  return { outside, unsafe: why === undefined ? [] : [{ what: declaredBy, reason: `${why}: the way to ${describe(unseen)} stays closed` }] };
}

const shown = 3;

function describe(targets: readonly Target[]): string {
  const names = [...new Set(targets.map(({ workload, protocol, port }) => `${peerName({ kind: "workload", workload })} ${protocol} ${port}`))].sort();
  return `${names.slice(0, shown).join(", ")}${names.length > shown ? ` and ${names.length - shown} more` : ""}`;
}
