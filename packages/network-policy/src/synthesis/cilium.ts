import type { Selector } from "../model/policy";
import { groupBy } from "../maps";
import { defaultDenyName, policyNameOf, sourcesOf } from "./naming";
import type { Plan } from "./plan";
import type { LearnedRule, RulePeer, RulePort } from "./rules";

/** cilium.io/v2 CiliumNetworkPolicy, the fields that are written. */
export interface CiliumNetworkPolicy {
  readonly apiVersion: "cilium.io/v2";
  readonly kind: "CiliumNetworkPolicy";
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: { readonly [name: string]: string } };
  readonly spec: { readonly endpointSelector: Selector; readonly ingress?: readonly CiliumRule[]; readonly egress?: readonly CiliumRule[] };
}
type CiliumRule = { readonly [field: string]: unknown };

const namespaceLabel = "k8s:io.kubernetes.pod.namespace";
/** A policy whose rule matches nothing: endpoints that it selects are isolated. */
const nothing: readonly CiliumRule[] = [{}];

/** The plan for Cilium: names of the internet, entities and ICMP besides what NetworkPolicy has. Names need the answers of the name server, which the proxy reads. */
export function ciliumPolicies({ namespaces, subjects }: Plan): readonly CiliumNetworkPolicy[] {
  const denies = namespaces.map((namespace): CiliumNetworkPolicy => ({ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: defaultDenyName, namespace }, spec: { endpointSelector: {}, ingress: nothing, egress: nothing } }));
  const allows = subjects.map(({ subject, ingress, egress }): CiliumNetworkPolicy => {
    const own = subject.name.namespace;
    const usesNames = egress.some(({ peers }) => peers.some(({ kind }) => kind === "name"));
    return {
      apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy",
      metadata: { name: policyNameOf(subject), namespace: own, annotations: { ...sourcesOf("ingress", ingress), ...sourcesOf("egress", egress) } },
      spec: {
        endpointSelector: subject.selector,
        ...(ingress.length > 0 ? { ingress: ingress.flatMap((rule) => rulesOf(rule, own, "from", false)) } : {}),
        ...(egress.length > 0 ? { egress: egress.flatMap((rule) => rulesOf(rule, own, "to", usesNames)) } : {}),
      },
    };
  });
  return [...denies, ...allows].sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
}

/** A rule of Cilium has one kind of peer, and either ports or ICMP. */
function rulesOf({ peers, ports }: LearnedRule, own: string, verb: "from" | "to", readsNames: boolean): readonly CiliumRule[] {
  return [...groupBy(peers, ({ kind }) => kind)].flatMap(([kind, group]) => {
    const peer = { [fieldOf(kind, verb)]: group.map((member) => peerOf(member, own)) };
    const [icmp, numbered] = [ports.some(({ protocol }) => protocol === "ICMP"), ports.filter(({ protocol }) => protocol !== "ICMP")];
    return [...(numbered.length > 0 ? [{ ...peer, toPorts: portsOf(numbered, readsNames && kind !== "block") }] : []), ...(icmp ? [{ ...peer, icmps: [{ fields: [{ type: 8, family: "IPv4" }, { type: 128, family: "IPv6" }] }] }] : [])];
  });
}

function fieldOf(kind: RulePeer["kind"], verb: "from" | "to"): string {
  if (kind === "name") return "toFQDNs";
  return `${verb}${kind === "pods" ? "Endpoints" : kind === "entity" ? "Entities" : "CIDRSet"}`;
}

function peerOf(peer: RulePeer, own: string): unknown {
  if (peer.kind === "entity") return peer.entity;
  if (peer.kind === "name") return { matchName: peer.name };
  if (peer.kind === "block") return { cidr: peer.cidr, ...(peer.except.length > 0 ? { except: peer.except } : {}) };
  const { name: { namespace }, selector } = peer.subject;
  return namespace === own ? selector : { ...selector, matchLabels: { ...selector.matchLabels, [namespaceLabel]: namespace } };
}

/** The proxy reads answers only where a rule for names stands at the port of the name server. */
function portsOf(ports: readonly RulePort[], readsNames: boolean): readonly object[] {
  const text = ({ protocol, port, endPort, name }: RulePort): object => ({ port: name ?? String(port), ...(endPort === undefined ? {} : { endPort }), protocol });
  if (!readsNames) return [{ ports: ports.map(text) }];
  const [dns, others] = [ports.filter(({ port }) => port === 53), ports.filter(({ port }) => port !== 53)];
  return [...(dns.length > 0 ? [{ ports: dns.map(text), rules: { dns: [{ matchPattern: "*" }] } }] : []), ...(others.length > 0 ? [{ ports: others.map(text) }] : [])];
}
