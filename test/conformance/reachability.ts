/** NetworkPolicies as the Kubernetes API documents them (networking.k8s.io/v1), written apart from what is judged by them. */
interface Selector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}
interface Peer {
  readonly podSelector?: Selector | null;
  readonly namespaceSelector?: Selector | null;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] } | null;
}
interface PolicyRule {
  readonly from?: readonly Peer[] | null;
  readonly to?: readonly Peer[] | null;
  readonly ports?: readonly { readonly port?: number | string | null; readonly endPort?: number | null; readonly protocol?: string | null }[] | null;
}
export interface Policy {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly podSelector: Selector; readonly policyTypes?: readonly string[] | null; readonly ingress?: readonly PolicyRule[] | null; readonly egress?: readonly PolicyRule[] | null };
}
export interface PodEnd {
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly ip: string;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number; readonly protocol: string }[];
}
/** An address outside of the cluster. */
export interface Outside {
  readonly ip: string;
}
/** A pod by the name `namespace/name`. */
export interface NamedPod extends PodEnd {
  readonly name: string;
}
export type Port = readonly [number, "TCP" | "UDP"];
export type Namespaces = { readonly [name: string]: { readonly [label: string]: string } };

const isPod = (end: PodEnd | Outside): end is PodEnd => "labels" in end;

/** Whether a connection passes the policies at both of its ends. */
export function reaches(from: PodEnd | Outside, to: PodEnd | Outside, port: number, protocol: string, policies: readonly Policy[], namespaces: Namespaces): boolean {
  const passes = (end: PodEnd, other: PodEnd | Outside, direction: "Ingress" | "Egress"): boolean => {
    const isolating = policies.filter((policy) => policy.metadata.namespace === end.namespace && selects(policy.spec.podSelector, end.labels) && isolates(policy, direction));
    if (isolating.length === 0) return true;
    return isolating.flatMap(({ spec }) => (direction === "Ingress" ? spec.ingress : spec.egress) ?? []).some((rule) => {
      const peers = (direction === "Ingress" ? rule.from : rule.to) ?? [];
      return (peers.length === 0 || peers.some((peer) => isPeer(peer, other, end.namespace, namespaces))) && covers(rule.ports ?? [], to, port, protocol);
    });
  };
  return (!isPod(from) || passes(from, to, "Egress")) && (!isPod(to) || passes(to, from, "Ingress"));
}

/** The cluster's resolver. */
export const resolver: NamedPod = { name: "kube-system/dns", namespace: "kube-system", labels: { "k8s-app": "kube-dns" }, ip: "10.1.1.1", ports: [] };
/** Somebody else's pod, whose labels look familiar. */
const stranger: NamedPod = { name: "other/stranger", namespace: "other", labels: { "app.kubernetes.io/name": "web" }, ip: "10.1.1.2", ports: [] };

/** Everything that the policies let through, from or to one of the pods: `from -> to:port/protocol`, of every pair on every port; sorted. */
export function edgesOf(pods: readonly NamedPod[], policies: readonly Policy[], ports: readonly Port[], outside: readonly Outside[] = []): readonly string[] {
  const namespaces = Object.fromEntries([...pods, resolver, stranger].map(({ namespace }) => [namespace, { "kubernetes.io/metadata.name": namespace }]));
  const ends: readonly (Outside & { readonly name: string })[] = [...pods, resolver, stranger, ...outside.map((end) => ({ ...end, name: end.ip }))];
  const isOurs = ({ name }: { readonly name: string }): boolean => pods.some((pod) => pod.name === name);
  const pairs = ends.flatMap((from) => ends.filter((to) => from.name !== to.name && (isOurs(from) || isOurs(to))).map((to) => [from, to] as const));
  return pairs.flatMap(([from, to]) => ports.filter(([port, protocol]) => reaches(from, to, port, protocol, policies, namespaces)).map(([port, protocol]) => `${from.name} -> ${to.name}:${port}/${protocol}`)).sort();
}

function isolates({ spec: { policyTypes, egress } }: Policy, direction: "Ingress" | "Egress"): boolean {
  if (policyTypes?.length) return policyTypes.includes(direction);
  return direction === "Ingress" || (egress?.length ?? 0) > 0;
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: { readonly [key: string]: string }): boolean {
  const exact = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return exact && matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "Exists") return value !== undefined;
    if (operator === "DoesNotExist") return value === undefined;
    return operator === "In" ? value !== undefined && values.includes(value) : value === undefined || !values.includes(value);
  });
}

function isPeer({ ipBlock, namespaceSelector, podSelector }: Peer, other: PodEnd | Outside, own: string, namespaces: Namespaces): boolean {
  if (ipBlock) return inBlock(ipBlock.cidr, other.ip) && !(ipBlock.except ?? []).some((block) => inBlock(block, other.ip));
  if (!isPod(other)) return false;
  const there = namespaceSelector ? selects(namespaceSelector, namespaces[other.namespace] ?? {}) : other.namespace === own;
  return there && (!podSelector || selects(podSelector, other.labels));
}

function covers(ports: NonNullable<PolicyRule["ports"]>, to: PodEnd | Outside, port: number, protocol: string): boolean {
  return ports.length === 0 || ports.some(({ port: wanted, endPort, protocol: by }) => {
    if ((by ?? "TCP") !== protocol) return false;
    if (wanted === undefined || wanted === null) return true;
    const first = typeof wanted === "number" ? wanted : isPod(to) ? to.ports.find((declared) => declared.name === wanted && declared.protocol === protocol)?.containerPort : undefined;
    return first !== undefined && first <= port && port <= (endPort ?? first);
  });
}

function inBlock(cidr: string, ip: string): boolean {
  const [base = "", length = "0"] = cidr.split("/");
  if (base.includes(":") !== ip.includes(":")) return false;
  const [a, b] = [bitsOf(base), bitsOf(ip)];
  return a.slice(0, Number(length)) === b.slice(0, Number(length));
}

function bitsOf(ip: string): string {
  if (!ip.includes(":")) return ip.split(".").map((part) => Number(part).toString(2).padStart(8, "0")).join("");
  const [head = "", tail] = ip.split("::");
  const [left, right] = [head, tail ?? ""].map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - (left?.length ?? 0) - (right?.length ?? 0) }, () => "0");
  return [...(left ?? []), ...zeros, ...(right ?? [])].map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
