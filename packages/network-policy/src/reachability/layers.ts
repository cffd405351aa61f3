import type { CompiledPolicy, CompiledRule, Direction } from "./compiled";
import type { Group, Groups } from "./groups";
import { namedKey } from "./groups";
import { everyPort, intersect, noPorts, type PortSet, subtract, union } from "./ports";

/** What applies to a group in one direction, in the order in which it is asked. */
export interface Layers {
  readonly admin: readonly CompiledRule[];
  /** NetworkPolicies that isolate the group; with none of them the baseline is asked. */
  readonly policies: readonly CompiledPolicy[];
  readonly baseline: readonly CompiledRule[];
}

/** What a group may exchange with others: with those in `by` those ports, with everybody else `rest`. */
export interface Reach {
  readonly rest: PortSet;
  readonly by: ReadonlyMap<Group, PortSet>;
}

const nothing: Layers = { admin: [], policies: [], baseline: [] };
const everybody: Reach = { rest: everyPort, by: new Map() };

/** The policies of each group. Sorted by their tier's priority; equals, which the API leaves undefined, by name. */
export function layersOf(policies: readonly CompiledPolicy[], groups: Groups, direction: Direction): (group: Group) => Layers {
  const ordered = policies.filter((policy) => policy[direction] !== undefined).sort((a, b) => a.priority - b.priority || (a.name.policy < b.name.policy ? -1 : 1));
  const found = new Map<Group, { admin: CompiledRule[]; policies: CompiledPolicy[]; baseline: CompiledRule[] }>();
  for (const policy of ordered) {
    for (const group of groups.bySet.get(policy.subject) ?? []) {
      const layers = found.get(group) ?? { admin: [], policies: [], baseline: [] };
      found.set(group, layers);
      if (policy.tier === "policy") layers.policies.push(policy);
      else for (const rule of policy[direction] ?? []) layers[policy.tier].push(rule);
    }
  }
  return (group) => (group.isFree ? nothing : (found.get(group) ?? nothing));
}

/** The ports of a rule, where `destination` is who is reached. */
export function portsAt({ ports, named }: CompiledRule, destination: Group): PortSet {
  return named.reduce((found, port) => union(found, destination.named.get(namedKey(port)) ?? noPorts), ports);
}

export function concerns({ peers }: CompiledRule, peer: Group): boolean {
  return peers === undefined || peers.some((set) => peer.sets.has(set));
}

export interface ReachIndex {
  readonly groups: Groups;
  /** Groups that have a port of this name. */
  readonly byName: ReadonlyMap<string, readonly Group[]>;
}

/** Everything that the policies of a group let through, rule by rule: what no rule names costs nothing. */
export function reachOf(group: Group, { admin, policies, baseline }: Layers, direction: Direction, index: ReachIndex): Reach {
  if (admin.length === 0 && policies.length === 0 && baseline.length === 0) return everybody;
  const middle = policies.length === 0 ? undefined : acceptedBy(group, policies, direction, index);
  if (admin.length === 0 && (middle !== undefined || baseline.length === 0)) return middle ?? everybody;
  const touched = new Set<Group>(middle?.by.keys());
  for (const { peers } of [...admin, ...(middle === undefined ? baseline : [])]) {
    for (const peer of peersOf(peers, index.groups)) touched.add(peer);
  }
  const by = new Map<Group, PortSet>();
  for (const peer of touched) by.set(peer, through(peer, direction === "ingress" ? group : peer, admin, middle, baseline));
  return { rest: middle?.rest ?? everyPort, by };
}

function peersOf(peers: readonly number[] | undefined, groups: Groups): readonly Group[] {
  return peers === undefined ? groups.all : peers.flatMap((set) => groups.bySet.get(set) ?? []);
}

function acceptedBy(group: Group, policies: readonly CompiledPolicy[], direction: Direction, { groups, byName }: ReachIndex): Reach {
  let rest = noPorts;
  const by = new Map<Group, PortSet>();
  const add = (peer: Group, ports: PortSet): void => {
    if (ports.length > 0) by.set(peer, union(by.get(peer) ?? noPorts, ports));
  };
  for (const rule of policies.flatMap((policy) => policy[direction] ?? [])) {
    if (rule.peers !== undefined) for (const peer of peersOf(rule.peers, groups)) add(peer, portsAt(rule, direction === "ingress" ? group : peer));
    else if (direction === "ingress") rest = union(rest, portsAt(rule, group));
    else {
      rest = union(rest, rule.ports);
      for (const port of rule.named) for (const peer of byName.get(namedKey(port)) ?? []) add(peer, portsAt(rule, peer));
    }
  }
  if (rest.length > 0) for (const [peer, ports] of by) by.set(peer, union(ports, rest));
  return { rest, by };
}

function through(peer: Group, destination: Group, admin: readonly CompiledRule[], middle: Reach | undefined, baseline: readonly CompiledRule[]): PortSet {
  const first = ordered(admin, peer, destination, everyPort);
  const open = union(first.passed, first.left);
  if (middle !== undefined) return union(first.accepted, intersect(open, middle.by.get(peer) ?? middle.rest));
  const last = ordered(baseline, peer, destination, open);
  return [first.accepted, last.accepted, last.passed, last.left].reduce(union);
}

/** The first rule that fits decides. */
function ordered(rules: readonly CompiledRule[], peer: Group, destination: Group, all: PortSet): { readonly accepted: PortSet; readonly passed: PortSet; readonly left: PortSet } {
  let [accepted, passed, left] = [noPorts, noPorts, all];
  for (const rule of rules) {
    if (left.length === 0) break;
    if (!concerns(rule, peer)) continue;
    const fits = intersect(left, portsAt(rule, destination));
    if (rule.action === "accept") accepted = union(accepted, fits);
    else if (rule.action === "pass") passed = union(passed, fits);
    left = subtract(left, fits);
  }
  return { accepted, passed, left };
}
