import type * as pulumi from "@pulumi/pulumi";

/** What a link between two workloads opens. */
export interface WorkloadLinkArgs {
  /** Port of the pods that are reached; not of their Service. */
  port: number;
  /** `TCP`, `UDP` or `SCTP`. Default: `TCP`. */
  protocol?: string;
}

/** A workload at the other end of a link, by its pods' labels. */
export interface PeerArgs {
  /** What the link is called, in the names of its policies: best the other workload's name. */
  name: string;
  /** Labels of the other workload's pods: its `podLabels`. */
  podLabels: pulumi.Input<{ [key: string]: pulumi.Input<string> }>;
  /** The other workload's namespace. Default: the same. */
  namespace?: pulumi.Input<string>;
  /** Port of the pods that are reached; not of their Service. */
  port: number;
  /** `TCP`, `UDP` or `SCTP`. Default: `TCP`. */
  protocol?: string;
  /** Writes the policy at the other end too. Default: true. False for pods that are no hardened workload's, as those of an ingress controller: a policy would cut them off from all that it does not name. */
  bothEnds?: boolean;
}

/** Addresses outside of the cluster. */
export interface InternetArgs {
  /** What it is called, in the name of its policy. Default: `internet`. */
  name?: string;
  /** Blocks such as `203.0.113.0/24` or `0.0.0.0/0`. The cloud's instance metadata is left out of each, and so are private addresses, and IPv4 addresses that NAT64 translates, where the block is wider than theirs. */
  cidrs: pulumi.Input<string>[];
  /** Ports, at least one. */
  ports: number[];
  /** `TCP`, `UDP` or `SCTP`. Default: `TCP`. */
  protocol?: string;
  /** What needs it; it stands on the policy. */
  reason: string;
}
