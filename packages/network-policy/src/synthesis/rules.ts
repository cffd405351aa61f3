import type { Protocol } from "../model/cluster";
import type { Entity } from "../model/flow";
import { groupBy } from "../maps";
import type { Subject } from "./subjects";

/** Who a rule lets through. */
export type RulePeer =
  | { readonly kind: "pods"; readonly subject: Subject }
  | { readonly kind: "block"; readonly cidr: string; readonly except: readonly string[] }
  /** A name of the internet, for back ends that resolve it. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "entity"; readonly entity: Entity };

export interface RulePort {
  readonly protocol: Protocol;
  /** Absent for ICMP; the first of a range. */
  readonly port?: number;
  /** The last of a range that the pods declare. */
  readonly endPort?: number;
  /** What all pods that listen there call it. */
  readonly name?: string;
}

/** Why a rule is there: an edge that was seen, or a declaration. */
export interface Provenance {
  /** Name of the edge. */
  readonly edge: string;
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly at: readonly string[];
  /** What asks for it, where no flow does. */
  readonly declaredBy?: string;
}

/** One peer and one port that are let through, in one direction. */
export interface Opening {
  readonly peer: RulePeer;
  readonly port: RulePort;
  readonly provenance: readonly Provenance[];
}

/** Each of the peers at each of the ports. */
export interface LearnedRule {
  readonly peers: readonly RulePeer[];
  readonly ports: readonly RulePort[];
  readonly provenance: readonly Provenance[];
}

export function peerKey(peer: RulePeer): string {
  if (peer.kind === "pods") return `pods ${peer.subject.name.namespace}/${peer.subject.name.name} ${peer.subject.name.kind}`;
  if (peer.kind === "block") return `block ${peer.cidr} ${peer.except.join(",")}`;
  return peer.kind === "name" ? `name ${peer.name}` : `entity ${peer.entity}`;
}

export function portKey({ protocol, port = 0, endPort, name }: RulePort): string {
  return `${protocol} ${String(port).padStart(5, "0")}${endPort === undefined ? "" : `-${endPort}`}${name === undefined ? "" : ` ${name}`}`;
}

/** As few rules as peers with the same ports give, or ports with the same peers: exactly the openings, and sorted. */
export function mergeOpenings(openings: readonly Opening[]): readonly LearnedRule[] {
  const [byPorts, byPeers] = [grouped(openings, ({ peer }) => peerKey(peer), ({ port }) => portKey(port)), grouped(openings, ({ port }) => portKey(port), ({ peer }) => peerKey(peer))];
  const size = (rules: readonly LearnedRule[]): number => rules.reduce((sum, { peers, ports }) => sum + peers.length + ports.length, 0);
  return size(byPeers) < size(byPorts) ? byPeers : byPorts;
}

/** Puts together what has the same set of values for `second`. */
function grouped(openings: readonly Opening[], first: (opening: Opening) => string, second: (opening: Opening) => string): readonly LearnedRule[] {
  const byFirst = groupBy(openings, first);
  const signature = (list: readonly Opening[]): string => [...new Set(list.map(second))].sort().join("\n");
  const rules = [...groupBy(byFirst.values(), signature).values()].map((lists) => ruleOf(lists.flat()));
  return rules.map((rule) => ({ rule, key: `${rule.peers.map(peerKey).join("\n")}\n\n${rule.ports.map(portKey).join("\n")}` })).sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ rule }) => rule);
}

function ruleOf(openings: readonly Opening[]): LearnedRule {
  const peers = new Map(openings.map(({ peer }) => [peerKey(peer), peer]));
  const ports = new Map(openings.map(({ port }) => [portKey(port), port]));
  const provenance = new Map(openings.flatMap((opening) => opening.provenance.map((source) => [`${source.edge} ${source.declaredBy ?? ""}`, source] as const)));
  return { peers: sorted(peers), ports: sorted(ports), provenance: sorted(provenance) };
}

function sorted<T>(map: ReadonlyMap<string, T>): readonly T[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
