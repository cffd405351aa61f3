import type { Field } from "../field";
import type { PolicyPeer, PolicyPort, PolicyRule, TrafficPolicy } from "./members";

/** True, false, or undefined where it is not known. */
export type Maybe = boolean | undefined;

export function maybeOf(field: Field<boolean>): Maybe {
  return field.state === "value" ? field.value : field.state === "unset" ? false : undefined;
}

export function anyOf<T>(items: Iterable<T>, test: (item: T) => Maybe): Maybe {
  let open = false;
  for (const item of items) {
    const result = test(item);
    if (result === true) return true;
    if (result === undefined) open = true;
  }
  return open ? undefined : false;
}

export function both(a: Maybe, b: () => Maybe): Maybe {
  if (a === false) return false;
  const other = b();
  return other === false ? false : a === undefined || other === undefined ? undefined : true;
}

const dnsPort = 53;
/** The names of the ports of kube-dns. */
const dnsNames = new Map([["dns", "UDP"], ["dns-tcp", "TCP"]]);

/** Whether a policy lets its pods ask a name server over a protocol. */
export function letsOutToDns(policy: TrafficPolicy, protocol: "UDP" | "TCP", namespace: string): Maybe {
  return anyRule(policy.egress, policy.isolatesEgress, (peer) => dnsPeer(peer, namespace), (port) => {
    if (port.protocol !== protocol) return false;
    if (typeof port.port === "string" && dnsNames.has(port.port)) return dnsNames.get(port.port) === protocol;
    return covers(port, dnsPort);
  });
}

/** Whether a rule lets everything through, whoever it is and whatever port. */
export function isWideOpen({ peers, ports }: PolicyRule): Maybe {
  const everybody = peers.state === "value" && peers.value.length === 0 ? (peers.partial === true ? undefined : true) : peers.state === "unknown" ? undefined : false;
  return both(everybody, () => (ports.state === "value" ? (ports.value.length > 0 ? false : ports.partial === true ? undefined : true) : undefined));
}

function anyRule(rules: TrafficPolicy["egress"], applies: TrafficPolicy["isolatesEgress"], peer: (peer: PolicyPeer) => Maybe, port: (port: PolicyPort) => Maybe): Maybe {
  if (applies.state === "value" && !applies.value) return false;
  if (rules.state !== "value") return undefined;
  const found = anyOf(rules.value, (rule) => both(matchesAny(rule.peers, peer), () => matchesAny(rule.ports, port)));
  const whole = found === false && rules.partial === true ? undefined : found;
  return applies.state === "value" ? whole : both(undefined, () => whole);
}

/** An empty list is no condition. */
function matchesAny<T>(list: PolicyRule["peers"] | PolicyRule["ports"], test: (item: T) => Maybe): Maybe {
  if (list.state !== "value") return undefined;
  if (list.value.length === 0) return list.partial === true ? undefined : true;
  const found = anyOf(list.value as readonly T[], test);
  return found === false && list.partial === true ? undefined : found;
}

/** A name server runs in another namespace, or at an address; which one differs from cluster to cluster. */
function dnsPeer(peer: PolicyPeer, namespace: string): Maybe {
  if (peer.kind === "addresses") return peer.block.state === "unknown" ? undefined : true;
  if (peer.namespaces.state === "unset") return namespace === "kube-system";
  return peer.namespaces.state === "value" && peer.namespaces.partial !== true ? true : undefined;
}

/** A port by name is a port of the pod that is reached; which number it has is not known. */
function covers({ port, endPort }: PolicyPort, wanted: number): Maybe {
  if (port === undefined) return true;
  if (typeof port === "string") return undefined;
  return endPort === undefined ? port === wanted : port <= wanted && wanted <= endPort;
}
