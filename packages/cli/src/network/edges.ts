import type { Cluster, EdgeEnd, PortRanges } from "@bulkhead/network-policy";
import { createReachability } from "@bulkhead/network-policy";

/** Everything that one end may open to another. */
export interface Row {
  readonly from: string;
  readonly to: string;
  /** `TCP 80, 443; UDP all`. */
  readonly ports: string;
}

const outside = "outside";

/**
 * Who may talk to whom by name, sorted, a workload to itself left out: every workload alone, and the rest of the addresses as
 * `outside`, with the blocks that policies name where they are treated otherwise.
 */
export function rowsOf(cluster: Cluster): { readonly rows: readonly Row[]; readonly notes: readonly string[] } {
  const reachability = createReachability(cluster);
  const found = new Map<string, { readonly from: string; readonly to: string; readonly ports: Set<string> }>();
  for (const { from, to, ports } of reachability.edges()) {
    const text = portsText(ports);
    for (const source of namesOf(from)) {
      for (const target of namesOf(to)) {
        if (source === target) continue;
        const key = `${source}\n${target}`;
        const known = found.get(key) ?? { from: source, to: target, ports: new Set<string>() };
        found.set(key, known);
        known.ports.add(text);
      }
    }
  }
  const containers = cluster.containers.map(({ name }) => name);
  for (const from of containers) {
    for (const to of containers) {
      if (from !== to && reachability.allows({ kind: "container", name: from }, { kind: "container", name: to }, "TCP", 1).allowed) found.set(`container ${from}\n${to}`, { from: `container ${from}`, to: `container ${to}`, ports: new Set(["all"]) });
    }
  }
  const rows = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { from, to, ports }]) => ({ from, to, ports: [...ports].sort().join("; ") }));
  const notes = [...reachability.problems.map(({ policy, path, expected, found: what, taken }) => `${policy}: ${path}: expected ${expected}, found ${what}: ${taken}`), ...reachability.assumptions];
  return { rows, notes };
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

/** Columns of text, as wide as they need to be. */
export function table(rows: readonly Row[], mark = ""): string {
  const [from, to] = [Math.max(0, ...rows.map((row) => row.from.length)), Math.max(0, ...rows.map((row) => row.to.length))];
  return rows.map((row) => `${mark}${row.from.padEnd(from)}  ->  ${row.to.padEnd(to)}  ${row.ports}\n`).join("");
}
