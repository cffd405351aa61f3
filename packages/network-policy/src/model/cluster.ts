import type { NetworkPolicy, Selector } from "./policy";

export type Labels = { readonly [key: string]: string };
export const protocols = ["TCP", "UDP", "SCTP", "ICMP"] as const;
export type Protocol = (typeof protocols)[number];

/** `Deployment shop/api`, by its root controller; a pod that nobody controls is its own. */
export interface WorkloadName {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: Protocol;
}

/** A time during which a pod had an address: milliseconds since 1970. Addresses are used again. */
export interface PodAddress {
  readonly pod: string;
  readonly ip: string;
  readonly from?: number;
  readonly until?: number;
}

export interface Workload extends WorkloadName {
  /** Labels of its pods. */
  readonly labels: Labels;
  /** The controller's own selector: what identifies its pods exactly. Absent for pods and jobs that nobody selects. */
  readonly selector?: Selector;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly addresses: readonly PodAddress[];
  /** Where it was read: a file, a URN. */
  readonly from: string;
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  /** A number, or the name of a port of the pods. */
  readonly targetPort: number | string;
  readonly protocol: Protocol;
  readonly nodePort?: number;
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** Absent for one whose endpoints are set by hand. */
  readonly selector?: Labels;
  /** Its own, by which monitors select it. */
  readonly labels?: Labels;
  /** `loadBalancerSourceRanges`. */
  readonly sourceRanges?: readonly string[];
  /** Whether pods see the address of a client outside (`externalTrafficPolicy: Local`), not that of a node. */
  readonly keepsClientAddress?: boolean;
  readonly ports: readonly ServicePort[];
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
}

export interface Namespace {
  readonly name: string;
  /** `kubernetes.io/metadata.name` is always among them. */
  readonly labels: Labels;
}

/** What connects to a Service from outside, by declaration: an Ingress, a route of a Gateway. */
export interface Entry {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number | string };
  /** Who serves it: the class of an Ingress, the Gateway of a route. */
  readonly class?: string;
}

/** What a Prometheus scrapes, by declaration (monitoring.coreos.com/v1). */
export interface Monitor {
  readonly kind: "ServiceMonitor" | "PodMonitor";
  readonly namespace: string;
  readonly name: string;
  /** Where the selector looks. */
  readonly namespaces: "any" | readonly string[];
  /** Of Services or of pods. */
  readonly selector: Selector;
  /** The name of a port of the Service (ServiceMonitor) or of the container (PodMonitor), or a port of the pods, by name or number. */
  readonly ports: readonly ({ readonly port: string } | { readonly target: number | string })[];
}

/** A container of Docker, with the networks that it is attached to. */
export interface DockerContainer {
  readonly name: string;
  /** The service of Compose that it is an instance of. */
  readonly service?: string;
  readonly networks: readonly { readonly network: string; readonly ip?: string; readonly aliases: readonly string[] }[];
  readonly ports: readonly ContainerPort[];
  readonly published: readonly { readonly hostIp: string; readonly hostPort: number; readonly port: number; readonly protocol: Protocol }[];
  readonly from: string;
}

export interface DockerNetwork {
  readonly name: string;
  readonly driver: string;
  readonly internal: boolean;
  /** Whether containers on it may talk to each other (`com.docker.network.bridge.enable_icc`). */
  readonly interContainer: boolean;
}

/** What could not be read, and what it leaves unproven. */
export interface InventoryGap {
  readonly from: string;
  readonly reason: string;
}

/** Everything that is known to run, whatever it was read from. Lists are sorted by namespace and name. */
export interface Cluster {
  readonly namespaces: readonly Namespace[];
  readonly workloads: readonly Workload[];
  readonly services: readonly Service[];
  readonly entries: readonly Entry[];
  readonly monitors: readonly Monitor[];
  readonly policies: readonly NetworkPolicy[];
  /** Cluster-wide policies, as their API defines them: kept as documents until they are evaluated. */
  readonly clusterPolicies: readonly { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string }; readonly spec: unknown; readonly from: string }[];
  readonly containers: readonly DockerContainer[];
  readonly networks: readonly DockerNetwork[];
  readonly gaps: readonly InventoryGap[];
}
