import type { AddressBlock, Field, PolicyPeer as ReadPeer, PolicyPort as ReadPort, PolicyRule, Requirement, TrafficPolicy } from "@bulkhead/core";
import { parseCidr } from "../reachability/address";
import type { EgressRule, IngressRule, NetworkPolicy, PolicyPeer, PolicyPort, Selector } from "../model/policy";

export type Direction = "ingress" | "egress";

/** One peer at one port of a rule: what a flow needs, or not, on its own. */
export interface Atom {
  readonly rule: PolicyRule;
  /** Place of the rule in the document's list. */
  readonly index: number;
  /** Absent for everybody. */
  readonly peer?: ReadPeer;
  /** Absent for every port. */
  readonly port?: { readonly place: number; readonly value: ReadPort };
}

/** The rules of a policy in one direction, one for each atom, and whether that is all of them. */
export interface Atoms {
  readonly atoms: readonly Atom[];
  readonly isWhole: boolean;
}

/** Undefined where not all of it is known. */
export function selectorOf(field: Field<readonly Requirement[]>): Selector | undefined {
  return field.state === "value" && field.partial !== true ? { matchExpressions: field.value } : undefined;
}

export function isKnown(field: Field<unknown>): boolean {
  return field.state === "unset" || (field.state === "value" && field.partial !== true);
}

/** What is not known of a peer or a port lets nothing through here. */
export function atomsOf(policy: TrafficPolicy, direction: Direction): Atoms {
  const rules = policy[direction];
  if (rules.state !== "value") return { atoms: [], isWhole: rules.state === "unset" };
  let isWhole = rules.partial !== true;
  const atoms = rules.value.flatMap((rule): readonly Atom[] => {
    const { peers, ports } = rule;
    if (!isKnown(peers) || !isKnown(ports)) isWhole = false;
    const place = rule.path.at(-1);
    const index = typeof place === "number" ? place : 0;
    const who = peers.state === "value" ? [...(peers.value.length === 0 && peers.partial !== true ? [undefined] : []), ...peers.value] : [];
    const where = ports.state === "value" ? [...(ports.value.length === 0 && ports.partial !== true ? [undefined] : []), ...ports.value.map((value, at) => ({ place: at, value }))] : [];
    const read = who.filter((peer) => peer === undefined || peerOf(peer) !== undefined);
    if (read.length < who.length) isWhole = false;
    return read.flatMap((peer) => where.map((port) => ({ rule, index, ...(peer === undefined ? {} : { peer }), ...(port === undefined ? {} : { port }) })));
  });
  return { atoms, isWhole };
}

/** A block that cannot be read is refused by the API, with the whole policy. */
function isRead({ cidr, except }: AddressBlock): boolean {
  return [cidr, ...except].every((text) => parseCidr(text) !== undefined);
}

function peerOf(peer: ReadPeer): PolicyPeer | undefined {
  if (peer.kind === "addresses") return peer.block.state === "value" && isRead(peer.block.value) ? { ipBlock: peer.block.value } : undefined;
  const podSelector = selectorOf(peer.pods);
  if (peer.namespaces.state === "unset") return podSelector === undefined ? undefined : { podSelector };
  const namespaceSelector = selectorOf(peer.namespaces);
  return podSelector === undefined || namespaceSelector === undefined ? undefined : { podSelector, namespaceSelector };
}

/** Of another protocol than the API knows there is none: such a port lets nothing through. */
function portOf({ port, endPort, protocol }: ReadPort): PolicyPort {
  return { ...(port === undefined ? {} : { port }), ...(endPort === undefined ? {} : { endPort }), protocol: protocol as NonNullable<PolicyPort["protocol"]> };
}

export interface Conversion {
  readonly name: string;
  readonly namespace: string;
  /** Instead of the policy's own. */
  readonly selector: Selector;
  readonly directions: readonly Direction[];
}

/** A policy as the evaluator takes it, with a rule for each atom. */
export function policyOf(atoms: { readonly [direction in Direction]: Atoms }, { name, namespace, selector, directions }: Conversion): NetworkPolicy {
  const rules = (direction: Direction): readonly { readonly peer: readonly PolicyPeer[]; readonly ports: readonly PolicyPort[] }[] => atoms[direction].atoms.map(({ peer, port }) => ({ peer: peer === undefined ? [] : [peerOf(peer) ?? {}], ports: port === undefined ? [] : [portOf(port.value)] }));
  const ingress = rules("ingress").map(({ peer, ports }): IngressRule => ({ from: peer, ports }));
  const egress = rules("egress").map(({ peer, ports }): EgressRule => ({ to: peer, ports }));
  return { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec: { podSelector: selector, policyTypes: directions.map((direction) => (direction === "ingress" ? "Ingress" : "Egress")), ingress, egress } };
}
