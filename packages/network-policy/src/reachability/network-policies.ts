import type { NetworkPolicy, PolicyPeer, PolicyPort } from "../model/policy";
import type { CompiledPolicy, CompiledRule, Direction, NamedPort, PolicyProblem } from "./compiled";
import { policyName } from "./compiled";
import type { PeerSets } from "./peer-sets";
import { everyPort, lastPort, noPorts, type PortSet, portSet, union } from "./ports";

interface Rule {
  readonly peers: readonly PolicyPeer[];
  readonly ports: readonly PolicyPort[];
}

/** networking.k8s.io/v1 NetworkPolicy. What the API server would refuse lets nothing through, and is a problem. */
export function compileNetworkPolicy(policy: NetworkPolicy, sets: PeerSets, report: (problem: PolicyProblem) => void): CompiledPolicy {
  const { metadata: { name, namespace }, spec: { podSelector, policyTypes, ingress, egress } } = policy;
  const types = policyTypes?.length ? policyTypes : (egress?.length ?? 0) > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  const own = { kind: "NetworkPolicy", namespace, policy: name };
  const compile = (rules: readonly Rule[], direction: Direction): readonly CompiledRule[] => rules.map((rule, index) => {
    const path = `${direction}[${index}]`;
    const refuse = (place: string, expected: string, found: string, taken = "it lets nothing through"): void => report({ policy: policyName(own), path: `${path}.${place}`, expected, found, taken });
    const side = direction === "ingress" ? "from" : "to";
    const peers = rule.peers.length === 0 ? undefined : rule.peers.flatMap((peer, position) => peerSet(peer, namespace, sets, (place, expected, found) => refuse(`${side}[${position}]${place}`, expected, found)) ?? []);
    return { name: { ...own, direction, rule: index }, action: "accept", peers, ...portsOf(rule.ports, (place, expected, found) => refuse(`ports${place}`, expected, found)) };
  });
  return {
    tier: "policy", priority: 0, name: own,
    subject: sets.podSet(namespace, podSelector ?? {}),
    ...(types.includes("Ingress") ? { ingress: compile((ingress ?? []).map(({ from, ports }) => ({ peers: from ?? [], ports: ports ?? [] })), "ingress") } : {}),
    ...(types.includes("Egress") ? { egress: compile((egress ?? []).map(({ to, ports }) => ({ peers: to ?? [], ports: ports ?? [] })), "egress") } : {}),
  };
}

type Refuse = (place: string, expected: string, found: string) => void;

function peerSet({ ipBlock, namespaceSelector, podSelector }: PolicyPeer, namespace: string, sets: PeerSets, refuse: Refuse): number | undefined {
  if (ipBlock) return sets.addressSet(ipBlock, (path, found) => refuse(`.ipBlock.${path}`, "an address block", JSON.stringify(found)));
  if (namespaceSelector || podSelector) return sets.podSet(namespaceSelector ?? namespace, podSelector ?? {});
  refuse("", "podSelector, namespaceSelector or ipBlock", "none of them");
  return undefined;
}

/** An empty list is every port. */
function portsOf(list: readonly PolicyPort[], refuse: Refuse): { readonly ports: PortSet; readonly named: readonly NamedPort[] } {
  if (list.length === 0) return { ports: everyPort, named: [] };
  let ports = noPorts;
  const named: NamedPort[] = [];
  for (const [index, { port, endPort, protocol: given }] of list.entries()) {
    const protocol = given ?? "TCP";
    if (!["TCP", "UDP", "SCTP"].includes(protocol)) refuse(`[${index}].protocol`, "TCP, UDP or SCTP", JSON.stringify(protocol));
    else if (port === undefined || port === null) ports = union(ports, portSet(protocol));
    else if (typeof port === "string") named.push({ name: port, protocol });
    else if (!isPort(port)) refuse(`[${index}].port`, "a port from 1 to 65535", String(port));
    else if (endPort !== undefined && endPort !== null && (!isPort(endPort) || endPort < port)) refuse(`[${index}].endPort`, `a port from ${port} to 65535`, String(endPort));
    else ports = union(ports, portSet(protocol, port, endPort ?? port));
  }
  return { ports, named };
}

export function isPort(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= lastPort;
}
