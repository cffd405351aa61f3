import type { PictureData, PictureSide } from "../shape";

export type Mode = "before" | "after" | "difference";
export type Change = "new" | "removed" | "changed" | "kept";

/** Places of texts. */
export interface Detail {
  readonly ports: number;
  readonly egress: number;
  readonly ingress: number;
}

/** Everything that one node may open to another, before and after. */
export interface Connection {
  readonly from: number;
  readonly to: number;
  readonly before: readonly Detail[];
  readonly after: readonly Detail[];
  readonly change: Change;
}

export interface Filter {
  readonly mode: Mode;
  /** Groups that were chosen; none: all. */
  readonly groups: ReadonlySet<number>;
  /** Whether those that the chosen talk to are shown with them. */
  readonly withPeers: boolean;
}

export interface View {
  readonly nodes: ReadonlySet<number>;
  readonly connections: readonly Connection[];
}

/** Every pair of nodes, in the order of their names; what is within one node is left out. */
export function expand(data: PictureData): readonly Connection[] {
  const pairs = new Map<number, { readonly before: Detail[]; readonly after: Detail[] }>();
  const count = data.nodes.length;
  const add = (side: PictureSide, into: "before" | "after"): void => {
    for (const [fromSet, toSet, ports, egress, ingress] of side.links) {
      const detail: Detail = { ports, egress, ingress };
      for (const from of data.sets[fromSet] ?? []) {
        for (const to of data.sets[toSet] ?? []) {
          if (from === to) continue;
          const key = from * count + to;
          const pair = pairs.get(key) ?? { before: [], after: [] };
          pairs.set(key, pair);
          pair[into].push(detail);
        }
      }
    }
  };
  if (data.before !== undefined) add(data.before, "before");
  add(data.after, "after");
  return [...pairs].sort(([a], [b]) => a - b).map(([key, { before, after }]): Connection => ({ from: Math.floor(key / count), to: key % count, before, after, change: changeOf(before, after, data) }));
}

/** Nothing has changed where there is nothing to compare with. */
function changeOf(before: readonly Detail[], after: readonly Detail[], data: PictureData): Change {
  if (data.before === undefined) return "kept";
  if (before.length === 0) return "new";
  if (after.length === 0) return "removed";
  return portsOf(before, data) === portsOf(after, data) ? "kept" : "changed";
}

/** `TCP 80, 443; UDP all`. */
export function portsOf(details: readonly Detail[], { texts }: PictureData): string {
  return [...new Set(details.map(({ ports }) => texts[ports] ?? ""))].sort().join("; ");
}

/** In a difference the ports of both sides, where they are not the same. */
export function shownPorts({ before, after, change }: Connection, mode: Mode, data: PictureData): string {
  if (mode === "difference" && change === "changed") return `${portsOf(before, data)} → ${portsOf(after, data)}`;
  return portsOf(mode === "before" || (mode === "difference" && change === "removed") ? before : after, data);
}

export function isShown({ before, after }: Connection, mode: Mode): boolean {
  return mode === "difference" || (mode === "before" ? before : after).length > 0;
}

/** What a filter leaves: nodes of the chosen groups, who they talk to where that is asked for, and what is between them. */
export function viewOf(data: PictureData, connections: readonly Connection[], { mode, groups, withPeers }: Filter): View {
  const shown = connections.filter((connection) => isShown(connection, mode));
  if (groups.size === 0) return { nodes: new Set(data.nodes.keys()), connections: shown };
  const chosen = new Set(data.nodes.flatMap((node, index) => (node.groups.some((group) => groups.has(group)) ? [index] : [])));
  const kept = shown.filter(({ from, to }) => (withPeers ? chosen.has(from) || chosen.has(to) : chosen.has(from) && chosen.has(to)));
  return { nodes: new Set([...chosen, ...kept.flatMap(({ from, to }) => [from, to])]), connections: kept };
}

/** In a difference what is new comes first, and what is gone last; else the order of names. */
export function ordered(connections: readonly Connection[], mode: Mode): readonly Connection[] {
  return mode === "difference" ? [...connections].sort((a, b) => changes.indexOf(a.change) - changes.indexOf(b.change)) : connections;
}

export const changes: readonly Change[] = ["new", "changed", "kept", "removed"];
export const signs: { readonly [change in Change]: string } = { new: "+", removed: "−", changed: "±", kept: "" };
export const changeNames: { readonly [change in Change]: string } = { new: "new", removed: "removed", changed: "other ports", kept: "kept" };
