import type { Field, NetworkStack, Workload } from "@bulkhead/core";
import { known } from "@bulkhead/core";
import { push } from "../maps";
import type { Peer } from "../model/edge";
import { peerName } from "../model/edge";
import type { ReachEnd } from "../reachability/reachability";
import type { Reason } from "../reachability/why";
import { keyOf } from "../synthesis/identify";
import type { LockedEdge, LockedFlows } from "../synthesis/lock";
import { endsOf } from "../synthesis/verify";
import type { Atom, Direction } from "./convert";
import { isKnown } from "./convert";
import type { Fact, Facts, StandIn } from "./facts";
import { gather, isNamed, isSure, nameLabel, nameOf, namespaceOf } from "./facts";

/** One end of an accepted flow: a workload of the stack, one outside of it, or what is no pod. */
export interface Party {
  readonly peer: Peer;
  readonly workload?: Workload;
  readonly standIn?: StandIn;
  /** Whether selectors see it for certain. */
  readonly isSure: boolean;
  readonly ends: readonly ReachEnd[];
}

/** An accepted flow as one of its ends sees it. */
export interface Use {
  readonly edge: LockedEdge;
  readonly direction: Direction;
  /** Whose policies decide here. */
  readonly own: Party;
  readonly peer: Party;
  readonly reason: Reason;
  readonly policies: ReturnType<NetworkStack["policiesOf"]>;
}

export interface Uses {
  readonly facts: Facts;
  readonly all: readonly Use[];
  readonly ofWorkload: (workload: Workload) => readonly Use[];
  /** The flows that an atom lets through. */
  readonly ofAtom: (atom: Atom) => readonly Use[];
  /** Whether flows of a workload that may be this one are accepted: its name or its namespace is not known. */
  readonly mayBeNamed: (workload: Workload) => boolean;
}

/** Plays the accepted flows between pods, and between pods and the outside, through the policies of the stack. */
export function playFlows(stack: NetworkStack, policies: readonly Fact[], { edges, workloads }: LockedFlows): Uses {
  const own = new Map<string, Workload[]>();
  for (const workload of stack.workloads) if (isNamed(workload)) push(own, keyOf(nameOf(workload)), workload);
  const labels = new Map(workloads.map((workload) => [keyOf(workload), workload.labels]));
  const standIns = new Map<string, StandIn>();
  for (const peer of edges.flatMap(({ from, to }) => [from, to])) {
    if (peer.kind !== "workload" || own.has(keyOf(peer.workload))) continue;
    const seen = labels.get(keyOf(peer.workload));
    standIns.set(keyOf(peer.workload), { name: peer.workload, ...(seen === undefined ? {} : { labels: seen }) });
  }
  const facts = gather(stack, policies, [...standIns.values()]);
  const partiesOf = (peer: Peer, ips: readonly string[]): readonly Party[] => {
    if (peer.kind !== "workload") return [{ peer, isSure: true, ends: endsOf(peer, ips) }];
    const key = keyOf(peer.workload);
    const standIn = standIns.get(key);
    if (standIn !== undefined) return [{ peer, standIn, isSure: standIn.labels !== undefined, ends: [facts.endOf(standIn)] }];
    return (own.get(key) ?? []).map((workload) => ({ peer, workload, isSure: isSure(workload), ends: [facts.endOf(workload)] }));
  };
  const selecting = new Map<Workload | StandIn | undefined, Use["policies"]>();
  const policiesOf = ({ workload, standIn }: Party): Use["policies"] => {
    const key = workload ?? standIn;
    const found = selecting.get(key) ?? stack.policiesOf(workload ?? selectable(standIn));
    selecting.set(key, found);
    return found;
  };
  const all: Use[] = [];
  const byWorkload = new Map<Workload, Use[]>();
  const byAtom = new Map<Atom, Use[]>();
  for (const edge of edges) {
    if (edge.protocol === "ICMP" || edge.from.kind === "container" || edge.to.kind === "container" || (edge.from.kind !== "workload" && edge.to.kind !== "workload")) continue;
    for (const from of partiesOf(edge.from, edge.ips)) {
      for (const to of partiesOf(edge.to, edge.ips)) {
        const verdicts = from.ends.flatMap((source) => to.ends.map((target) => facts.reachability.allows(source, target, edge.protocol, edge.port)));
        for (const direction of ["egress", "ingress"] as const) {
          const [self, peer] = direction === "egress" ? [from, to] : [to, from];
          if (self.workload === undefined && self.standIn === undefined) continue;
          const reasons = verdicts.map((verdict) => verdict[direction]);
          // Of several addresses the first that is denied.
          const reason = reasons.find(({ allowed }) => !allowed) ?? (reasons[0] as Reason);
          const use: Use = { edge, direction, own: self, peer, reason, policies: policiesOf(self) };
          all.push(use);
          if (self.workload !== undefined) push(byWorkload, self.workload, use);
          const atoms = new Set(reasons.flatMap(({ rules }) => rules.flatMap((rule) => facts.atomOf(rule)?.atom ?? [])));
          for (const atom of atoms) push(byAtom, atom, use);
        }
      }
    }
  }
  return {
    facts, all,
    ofWorkload: (workload) => byWorkload.get(workload) ?? [],
    ofAtom: (atom) => byAtom.get(atom) ?? [],
    // The flows of one that has no place here yet are those that nobody else has.
    mayBeNamed: (workload) => [...standIns.values()].some(({ name: { namespace, kind, name } }) => kind === workload.resource.kind && (namespaceOf(workload) ?? namespace) === namespace && (workload.name.state !== "value" || workload.name.value === name)),
  };
}

function selectable(standIn: StandIn | undefined): { readonly namespace: Field<string>; readonly labels: Workload["labels"] } {
  const labels = standIn?.labels;
  return { namespace: known(standIn?.name.namespace ?? "", []), labels: { ...known(new Map(Object.entries(labels ?? {})), []), ...(labels === undefined ? { partial: true } : {}) } };
}

/** Whether a peer chooses namespaces by labels that are known only where the namespace is made here. */
export function asksNamespaceLabels({ peer }: Atom): boolean {
  return peer?.kind === "pods" && peer.namespaces.state === "value" && peer.namespaces.value.some(({ key }) => key !== nameLabel);
}

/** Why it is not known which atoms of a policy a flow needs, or undefined: what selectors see of an end is not known. */
export function doubtOf({ facts: { stack } }: Pick<Uses, "facts">, { own, peer, direction }: Use, { atoms }: Fact): string | undefined {
  for (const party of [own, peer]) if (!party.isSure) return party.workload === undefined ? `depends on the labels of ${peerName(party.peer)}, which is made elsewhere` : `depends on the labels of ${party.workload.label}, which cannot be known yet`;
  const namespace = peer.workload === undefined ? peer.standIn?.name.namespace : namespaceOf(peer.workload);
  if (namespace !== undefined && !isKnown(stack.namespaceLabels(namespace)) && atoms[direction].atoms.some(asksNamespaceLabels)) return `depends on the labels of the namespace "${namespace}", which is made elsewhere`;
  const target = direction === "ingress" ? own : peer;
  const isUnnamed = target.standIn !== undefined || (target.workload !== undefined && !isKnown(target.workload.ports));
  if (isUnnamed && atoms[direction].atoms.some(({ port }) => typeof port?.value.port === "string")) return `depends on the names of the ports of ${peerName(target.peer)}`;
  return undefined;
}
