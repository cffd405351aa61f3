import type { Cluster, EdgeEnd, PortRanges, Protocol, Reachability, ReachEnd, Reason } from "@bulkhead/network-policy";
import { becauseText, createReachability, peerName } from "@bulkhead/network-policy";

/** Everything that one end may open to another. */
export interface Row {
  readonly from: string;
  readonly to: string;
  /** `TCP 80, 443; UDP all`. */
  readonly ports: string;
}

/** What all that stand at one end may open to all at the other. */
export interface NamedConnection {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** `TCP 80, 443`. */
  readonly ports: string;
  /** What lets it through at its sender's end, and at its receiver's. */
  readonly why: () => { readonly egress: string; readonly ingress: string };
}

export interface Connections {
  readonly connections: readonly NamedConnection[];
  /** What could not be evaluated as it stands, or was not known. */
  readonly notes: readonly string[];
}

export const outside = "outside";

/**
 * Who may talk to whom by name: every workload alone, and the rest of the addresses as `outside`, with the blocks that
 * policies name where they are treated otherwise. Ends that policies treat alike are one end.
 */
export function connectionsOf(cluster: Cluster, reachability: Reachability = createReachability(cluster)): Connections {
  const names = new Map<EdgeEnd, readonly string[]>();
  const of = (end: EdgeEnd): readonly string[] => {
    const known = names.get(end) ?? namesOf(end);
    names.set(end, known);
    return known;
  };
  const inCluster = reachability.edges().map((connection): NamedConnection => ({
    from: of(connection.from), to: of(connection.to), ports: portsText(connection.ports),
    why: () => {
      const { egress, ingress } = reachability.why(connection);
      return { egress: reasonsText(egress, "egress"), ingress: reasonsText(ingress, "ingress") };
    },
  }));
  const notes = [...reachability.problems.map(({ policy, path, expected, found, taken }) => `${policy}: ${path}: expected ${expected}, found ${found}: ${taken}`), ...reachability.assumptions];
  return { connections: [...inCluster, ...ofContainers(cluster.containers, reachability)], notes };
}

/** Containers of Docker, among each other and with what is outside. */
function ofContainers(containers: Cluster["containers"], { allows }: Reachability): readonly NamedConnection[] {
  const world = { kind: "entity", entity: "world" } as const;
  const connection = (from: ReachEnd, to: ReachEnd, protocol: Protocol, port: number, ports: string): readonly NamedConnection[] => {
    const { allowed, egress, ingress } = allows(from, to, protocol, port);
    const name = (end: ReachEnd): string => (end.kind === "container" ? peerName(end) : outside);
    return allowed ? [{ from: [name(from)], to: [name(to)], ports, why: () => ({ egress: becauseText(egress, "egress"), ingress: becauseText(ingress, "ingress") }) }] : [];
  };
  return containers.flatMap(({ name, published }) => {
    const own = { kind: "container", name } as const;
    return [
      ...containers.flatMap((other) => (other.name === name ? [] : connection(own, { kind: "container", name: other.name }, "TCP", 1, "all"))),
      ...connection(own, world, "TCP", 1, "all"),
      ...published.flatMap(({ protocol, port }) => connection(world, own, protocol, port, `${protocol} ${port}`)),
    ];
  });
}

/** Evaluators whose ends are the same, so that what they say can be compared: each keeps apart the blocks of addresses that any of the policies name. */
export function comparable(clusters: readonly Cluster[]): readonly Reachability[] {
  if (clusters.length < 2) return clusters.map((cluster) => createReachability(cluster));
  const apart = clusters.flatMap((cluster) => createReachability(cluster).blocks);
  return clusters.map((cluster) => createReachability({ ...cluster, apart }));
}

/** Every pair of names, sorted; a workload to itself is left out. */
export function rowsOf(cluster: Cluster, reachability?: Reachability): { readonly rows: readonly Row[]; readonly notes: readonly string[] } {
  const { connections, notes } = connectionsOf(cluster, reachability);
  const found = new Map<string, { readonly from: string; readonly to: string; readonly ports: Set<string> }>();
  for (const { from, to, ports } of connections) {
    for (const source of from) {
      for (const target of to) {
        if (source === target) continue;
        const key = `${source}\n${target}`;
        const known = found.get(key) ?? { from: source, to: target, ports: new Set<string>() };
        found.set(key, known);
        known.ports.add(ports);
      }
    }
  }
  return { rows: [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { from, to, ports }]) => ({ from, to, ports: [...ports].sort().join("; ") })), notes };
}

function reasonsText(reasons: readonly Reason[], direction: "ingress" | "egress"): string {
  return reasons.map((reason) => becauseText(reason, direction)).join("; ");
}

function namesOf({ workloads, ranges }: EdgeEnd): readonly string[] {
  const isRest = ranges.some(({ first }) => first === "0.0.0.0" || first === "::");
  const blocks = isRest ? [outside] : ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`));
  return [...new Set([...workloads.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`), ...blocks])];
}

function portsText(ports: PortRanges): string {
  const isAll = (["TCP", "UDP", "SCTP"] as const).every((protocol) => ports[protocol].length === 1 && ports[protocol][0]?.[0] === 1 && ports[protocol][0]?.[1] === 65_535);
  if (isAll) return "all";
  const parts = (["TCP", "UDP", "SCTP"] as const).flatMap((protocol) => {
    if (ports[protocol].length === 0) return [];
    return [`${protocol} ${ports[protocol].map(([first, last]) => (first === last ? String(first) : first === 1 && last === 65_535 ? "all" : `${first}-${last}`)).join(", ")}`];
  });
  return [...parts, ...(ports.ICMP ? ["ICMP"] : [])].join("; ");
}

/** The workloads of all, with the policies of one. */
export function withPolicies(all: readonly Cluster[]): (policies: Cluster) => Cluster {
  const unique = <T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] => [...new Map(items.map((item) => [keyOf(item), item])).values()];
  const [first] = all as readonly [Cluster, ...Cluster[]];
  const joined: Cluster = {
    ...first,
    namespaces: unique(all.flatMap(({ namespaces }) => namespaces), ({ name }) => name),
    workloads: unique(all.flatMap(({ workloads }) => workloads), ({ namespace, kind, name }) => `${kind} ${namespace}/${name}`),
    services: unique(all.flatMap(({ services }) => services), ({ namespace, name }) => `${namespace}/${name}`),
  };
  return ({ policies, clusterPolicies, containers, networks }) => ({ ...joined, policies, clusterPolicies, containers, networks });
}

/** Columns of text, as wide as they need to be. */
export function table(rows: readonly Row[], mark = ""): string {
  const [from, to] = [Math.max(0, ...rows.map((row) => row.from.length)), Math.max(0, ...rows.map((row) => row.to.length))];
  return rows.map((row) => `${mark}${row.from.padEnd(from)}  ->  ${row.to.padEnd(to)}  ${row.ports}\n`).join("");
}
