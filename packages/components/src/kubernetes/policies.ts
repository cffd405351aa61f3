import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { whenKnown } from "../arguments/shape";
import type { ReadInternet } from "./read-links";

type Spec = k8s.types.input.networking.v1.NetworkPolicySpec;
type Labels = pulumi.Input<{ readonly [key: string]: pulumi.Input<string> }>;

/** One end of a link. */
export interface End {
  readonly labels: Labels;
  readonly namespace?: pulumi.Input<string> | undefined;
}
export interface Opening {
  readonly port: number;
  readonly protocol?: string | undefined;
}

const namespaceLabel = "kubernetes.io/metadata.name";

/** The cluster's name server, where Kubernetes and its distributions put it, over both protocols: long answers come over TCP. */
const dnsEgress = {
  to: [{ namespaceSelector: { matchLabels: { [namespaceLabel]: "kube-system" } }, podSelector: { matchLabels: { "k8s-app": "kube-dns" } } }],
  ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }],
};

/** Pods that nobody reaches, and that reach the name server only, but for what other policies let through. */
export function isolation(labels: Labels): Spec {
  return { podSelector: { matchLabels: labels }, policyTypes: ["Ingress", "Egress"], ingress: [], egress: [dnsEgress] };
}

/** Every pod of a namespace: nothing in, nothing out. */
export const denyAll: Spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };

/** Every pod of a namespace: questions to the name server. */
export const allowDns: Spec = { podSelector: {}, policyTypes: ["Egress"], egress: [dnsEgress] };

export function egressTo(from: End, to: End, opening: Opening): Spec {
  return { podSelector: { matchLabels: from.labels }, policyTypes: ["Egress"], egress: [{ to: [peer(to, from)], ports: [portOf(opening)] }] };
}

export function ingressFrom(from: End, to: End, opening: Opening): Spec {
  return { podSelector: { matchLabels: to.labels }, policyTypes: ["Ingress"], ingress: [{ from: [peer(from, to)], ports: [portOf(opening)] }] };
}

export function egressToBlocks(labels: Labels, { cidrs, ports, protocol }: ReadInternet): Spec {
  const to = cidrs.map((block) => ({ ipBlock: whenKnown(block, blockOf) }));
  return { podSelector: { matchLabels: labels }, policyTypes: ["Egress"], egress: [{ to, ports: ports.map((port) => portOf({ port, protocol })) }] };
}

export function ingressFromBlocks(labels: Labels, cidrs: readonly pulumi.Input<string>[], opening: Opening): Spec {
  return { podSelector: { matchLabels: labels }, policyTypes: ["Ingress"], ingress: [{ from: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [portOf(opening)] }] };
}

function blockOf({ cidr, except }: { readonly cidr: string; readonly except: readonly string[] }): k8s.types.input.networking.v1.IPBlock {
  return except.length === 0 ? { cidr } : { cidr, except: [...except] };
}

function portOf({ port, protocol = "TCP" }: Opening): k8s.types.input.networking.v1.NetworkPolicyPort {
  return { port, protocol };
}

/** Within one namespace the pods' labels are enough; a selector of namespaces says the same, should they become two. */
function peer(other: End, own: End): k8s.types.input.networking.v1.NetworkPolicyPeer {
  const podSelector = { matchLabels: other.labels };
  if (other.namespace === own.namespace) return { podSelector };
  return { namespaceSelector: { matchLabels: { [namespaceLabel]: other.namespace ?? "default" } }, podSelector };
}
