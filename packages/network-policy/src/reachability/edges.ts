import type { Direction } from "./compiled";
import type { Group } from "./groups";
import type { Layers, Reach, ReachIndex } from "./layers";
import { reachOf } from "./layers";
import { intersect, noPorts, type PortSet } from "./ports";

/** Ports that lead from one group to another. */
export interface GroupEdge {
  readonly from: Group;
  readonly to: Group;
  readonly ports: PortSet;
}

/**
 * Every pair of groups that can connect. The pairs that rules name are visited, and those that no rule restricts, which
 * are edges themselves: the work grows with what policies select and with the result, not with all pairs.
 */
export function connect(layers: { readonly [direction in Direction]: (group: Group) => Layers }, index: ReachIndex): readonly GroupEdge[] {
  const { all } = index.groups;
  const out = all.map((group) => reachOf(group, layers.egress(group), "egress", index));
  const into = all.map((group) => reachOf(group, layers.ingress(group), "ingress", index));
  const edges: GroupEdge[] = [];
  const visit = (from: Group, to: Group): void => {
    if (!canMeet(from, to)) return;
    const ports = intersect(portsWith(out[from.id], to), portsWith(into[to.id], from));
    if (ports.length > 0) edges.push({ from, to, ports });
  };
  const open = { out: all.filter(({ id }) => (out[id]?.rest.length ?? 0) > 0), into: all.filter(({ id }) => (into[id]?.rest.length ?? 0) > 0) };
  for (const from of open.out) for (const to of open.into) visit(from, to);
  const isOpenPair = (from: Group, to: Group): boolean => (out[from.id]?.rest.length ?? 0) > 0 && (into[to.id]?.rest.length ?? 0) > 0;
  for (const from of all) {
    for (const to of out[from.id]?.by.keys() ?? []) if (!isOpenPair(from, to)) visit(from, to);
  }
  for (const to of all) {
    for (const from of into[to.id]?.by.keys() ?? []) if (!isOpenPair(from, to) && out[from.id]?.by.has(to) !== true) visit(from, to);
  }
  return edges;
}

/** Two outside addresses do not meet here, nor do addresses of different families. */
export function canMeet(from: Group, to: Group): boolean {
  return (from.workloads.length > 0 || to.workloads.length > 0) && (from.family === undefined || to.family === undefined || from.family === to.family);
}

function portsWith(reach: Reach | undefined, peer: Group): PortSet {
  return reach === undefined ? noPorts : (reach.by.get(peer) ?? reach.rest);
}
