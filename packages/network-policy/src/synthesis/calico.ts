import type { Selector } from "../model/policy";
import { groupBy } from "../maps";
import { defaultDenyName, policyNameOf, sourcesOf } from "./naming";
import type { Plan } from "./plan";
import type { LearnedRule, RulePeer } from "./rules";

/** projectcalico.org/v3 NetworkPolicy, the fields that are written. */
export interface CalicoNetworkPolicy {
  readonly apiVersion: "projectcalico.org/v3";
  readonly kind: "NetworkPolicy";
  readonly metadata: { readonly name: string; readonly namespace: string; readonly annotations?: { readonly [name: string]: string } };
  readonly spec: { readonly selector: string; readonly types: readonly ("Ingress" | "Egress")[]; readonly ingress?: readonly CalicoRule[]; readonly egress?: readonly CalicoRule[] };
}
interface CalicoRule {
  readonly action: "Allow";
  readonly protocol: string;
  readonly source?: CalicoEnd;
  readonly destination?: CalicoEnd;
}
interface CalicoEnd {
  readonly selector?: string;
  readonly namespaceSelector?: string;
  readonly nets?: readonly string[];
  readonly notNets?: readonly string[];
  readonly ports?: readonly (number | string)[];
}

/** The plan for Calico. A rule of Calico has one protocol and one selector. */
export function calicoPolicies({ namespaces, subjects }: Plan): readonly CalicoNetworkPolicy[] {
  const denies = namespaces.map((namespace): CalicoNetworkPolicy => ({ apiVersion: "projectcalico.org/v3", kind: "NetworkPolicy", metadata: { name: defaultDenyName, namespace }, spec: { selector: "all()", types: ["Ingress", "Egress"] } }));
  const allows = subjects.map(({ subject, ingress, egress }): CalicoNetworkPolicy => ({
    apiVersion: "projectcalico.org/v3", kind: "NetworkPolicy",
    metadata: { name: policyNameOf(subject), namespace: subject.name.namespace, annotations: { ...sourcesOf("ingress", ingress), ...sourcesOf("egress", egress) } },
    spec: {
      selector: selectorText(subject.selector),
      types: [...(ingress.length > 0 ? ["Ingress" as const] : []), ...(egress.length > 0 ? ["Egress" as const] : [])],
      ...(ingress.length > 0 ? { ingress: ingress.flatMap((rule) => rulesOf(rule, subject.name.namespace, "source")) } : {}),
      ...(egress.length > 0 ? { egress: egress.flatMap((rule) => rulesOf(rule, subject.name.namespace, "destination")) } : {}),
    },
  }));
  return [...denies, ...allows].sort((a, b) => (`${a.metadata.namespace}/${a.metadata.name}` < `${b.metadata.namespace}/${b.metadata.name}` ? -1 : 1));
}

function rulesOf({ peers, ports }: LearnedRule, own: string, end: "source" | "destination"): readonly CalicoRule[] {
  const byProtocol = groupBy(ports, ({ protocol }) => protocol);
  return [...byProtocol].flatMap(([protocol, list]) => endsOf(peers, own).map((peer): CalicoRule => {
    const numbers = list.flatMap(({ port, endPort, name }) => name ?? (port === undefined || endPort === undefined ? (port ?? []) : `${port}:${endPort}`));
    const opened = numbers.length > 0 ? { ports: numbers } : {};
    if (end === "destination") return { action: "Allow", protocol, destination: { ...peer, ...opened } };
    return { action: "Allow", protocol, source: peer, ...(numbers.length > 0 ? { destination: opened } : {}) };
  }));
}

/** Blocks without exceptions are one end; pods, and blocks with them, one each. */
function endsOf(peers: readonly RulePeer[], own: string): readonly CalicoEnd[] {
  const plain = peers.flatMap((peer) => (peer.kind === "block" && peer.except.length === 0 ? [peer.cidr] : []));
  const others = peers.flatMap((peer): readonly CalicoEnd[] => {
    if (peer.kind === "pods") return [{ ...(peer.subject.name.namespace === own ? {} : { namespaceSelector: `projectcalico.org/name == '${peer.subject.name.namespace}'` }), selector: selectorText(peer.subject.selector) }];
    if (peer.kind !== "block") throw new Error(`Calico has no peer of the kind ${peer.kind}`);
    return peer.except.length === 0 ? [] : [{ nets: [peer.cidr], notNets: peer.except }];
  });
  return [...(plain.length > 0 ? [{ nets: plain }] : []), ...others];
}

/** Calico's own language (docs.tigera.io, "Selectors"). Keys and values of labels hold no quote. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  const list = (values: readonly string[] = []): string => `{${values.map((value) => `'${value}'`).join(", ")}}`;
  const parts = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key} == '${value}'`),
    ...matchExpressions.map(({ key, operator, values }) => {
      if (operator === "Exists") return `has(${key})`;
      if (operator === "DoesNotExist") return `!has(${key})`;
      return `${key} ${operator === "In" ? "in" : "not in"} ${list(values)}`;
    }),
  ];
  return parts.length === 0 ? "all()" : parts.join(" && ");
}
