import type { EgressRule, IngressRule, NetworkPolicy, PolicyPeer, PolicyPort } from "../model/policy";
import { defaultDenyName, policyNameOf, sourcesOf } from "./naming";
import type { Plan } from "./plan";
import type { LearnedRule, RulePeer } from "./rules";

/** The plan as networking.k8s.io/v1: one policy per namespace that denies everything, and one per workload that allows. */
export function kubernetesPolicies({ namespaces, subjects }: Plan): readonly NetworkPolicy[] {
  const denies = namespaces.map((namespace): NetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: defaultDenyName, namespace },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  }));
  const allows = subjects.map(({ subject, ingress, egress }): NetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy",
    metadata: { name: policyNameOf(subject), namespace: subject.name.namespace, annotations: { ...sourcesOf("ingress", ingress), ...sourcesOf("egress", egress) } },
    spec: {
      podSelector: subject.selector,
      policyTypes: [...(ingress.length > 0 ? ["Ingress" as const] : []), ...(egress.length > 0 ? ["Egress" as const] : [])],
      ...(ingress.length > 0 ? { ingress: ingress.map((rule): IngressRule => ({ from: peersOf(rule, subject.name.namespace), ports: portsOf(rule) })) } : {}),
      ...(egress.length > 0 ? { egress: egress.map((rule): EgressRule => ({ to: peersOf(rule, subject.name.namespace), ports: portsOf(rule) })) } : {}),
    },
  }));
  return [...denies, ...allows].sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
}

function peersOf({ peers }: LearnedRule, own: string): readonly PolicyPeer[] {
  return peers.map((peer) => peerOf(peer, own));
}

/** Both selectors in one peer: pods of that namespace. In two they would mean pods of either. */
function peerOf(peer: RulePeer, own: string): PolicyPeer {
  if (peer.kind === "block") return { ipBlock: { cidr: peer.cidr, ...(peer.except.length > 0 ? { except: peer.except } : {}) } };
  if (peer.kind !== "pods") throw new Error(`a NetworkPolicy has no peer of the kind ${peer.kind}`);
  const { name: { namespace }, selector } = peer.subject;
  return { ...(namespace === own ? {} : { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } }), podSelector: selector };
}

function portsOf({ ports }: LearnedRule): readonly PolicyPort[] {
  return ports.map(({ protocol, port, endPort, name }) => {
    if (protocol === "ICMP" || port === undefined) throw new Error("a NetworkPolicy has no rule for ICMP");
    return { protocol, port: name ?? port, ...(endPort === undefined ? {} : { endPort }) };
  });
}
