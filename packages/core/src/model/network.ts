import type { Field } from "../field";
import type { SubjectBase } from "./subject";

/** A Docker network. */
export interface Network extends SubjectBase {
  readonly about: "network";
  readonly hostNetwork: Field<boolean>;
  /** Whether what an overlay sends between hosts is encrypted; unset for a network of one host. */
  readonly encrypted: Field<boolean>;
}

export interface Service extends SubjectBase {
  readonly about: "service";
  /** ClusterIP, NodePort, LoadBalancer or ExternalName. */
  readonly type: Field<string>;
  readonly externalIps: Field<readonly string[]>;
  /** Names of what can be reached through it from outside of the cluster: its own, and that of the app it selects. */
  readonly exposed: Field<readonly string[]>;
}

export interface Ingress extends SubjectBase {
  readonly about: "ingress";
  /** How many TLS entries there are. */
  readonly tls: Field<number>;
  /** The host of each rule; empty is every host. */
  readonly hosts: Field<readonly string[]>;
  readonly defaultBackend: Field<boolean>;
  /** Names of the annotations that put text into the configuration of the controller. */
  readonly snippets: Field<readonly string[]>;
  /** Names of the Services that it leads to. */
  readonly exposed: Field<readonly string[]>;
}

export interface IngressClass extends SubjectBase {
  readonly about: "ingressClass";
  /** Such as `k8s.io/ingress-nginx`. */
  readonly controller: Field<string>;
}

export interface NetworkPolicy extends SubjectBase {
  readonly about: "networkPolicy";
  /** Whether a rule lets everything in, or out. */
  readonly openIngress: Field<boolean>;
  readonly openEgress: Field<boolean>;
  /** Whether it selects every pod of its namespace and lets something through. */
  readonly opensAllPods: Field<boolean>;
  /** Whether a rule leaves its ports out. */
  readonly openPorts: Field<boolean>;
}

/** Istio's PeerAuthentication: what of a workload accepts which connections. */
export interface PeerAuthentication extends SubjectBase {
  readonly about: "peerAuthentication";
  /** STRICT, PERMISSIVE or DISABLE, of all ports and of each that has its own; partial where one is inherited. */
  readonly modes: Field<readonly string[]>;
}

/** A managed cluster of Kubernetes, or the addon of its network. */
export interface Cluster extends SubjectBase {
  readonly about: "cluster";
  /** Whether NetworkPolicies have an effect. */
  readonly enforcesNetworkPolicy: Field<boolean>;
}
