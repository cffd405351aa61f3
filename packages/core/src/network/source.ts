import type { EvidenceStatus } from "../evidence/source";
import type { Field, Path } from "../field";
import type { Attachment, ClusterPolicy, ContainerNetwork, TrafficPolicy, Workload } from "../inventory/members";
import type { Labels } from "../inventory/selector";

/** The lockfile of accepted flows: whether it is there, and can be read. */
export type FlowsStatus = EvidenceStatus;

/**
 * How pods reach the instance metadata: not at all, for want of isolation, because a policy lets them, or because no
 * policy applies to pods on the network of their node.
 */
export interface MetadataEgress {
  readonly kind: "blocked" | "not isolated" | "let through" | "network of the node";
  /** The address that is reached; the first of those asked for where none is. */
  readonly address: string;
  /** The policies, and rules of them, that decide: `NetworkPolicy shop/web egress[0]`. */
  readonly by: readonly string[];
}

/** One way in which what is allowed differs from the accepted flows. */
export interface Drift {
  /** `denied`: a flow that is needed and not allowed; `unneeded`: an allow that no flow needs. */
  readonly kind: "denied" | "unneeded";
  /** Names both ends, the port, and the policy and rule that decide. */
  readonly text: string;
  /** The setting that decides. */
  readonly path: Path;
}

/** What a network of policies is judged for. */
export type Drifting = Workload | Attachment | TrafficPolicy | ContainerNetwork;

/** Pods by what selectors see of them. */
export interface Selectable {
  readonly namespace: Field<string>;
  readonly labels: Field<Labels>;
}

/** The whole stack, as far as it says who may talk to whom. */
export interface NetworkStack {
  readonly workloads: readonly Workload[];
  readonly policies: readonly TrafficPolicy[];
  readonly clusterPolicies: readonly ClusterPolicy[];
  readonly attachments: readonly Attachment[];
  readonly networks: readonly ContainerNetwork[];
  /** The NetworkPolicies that select pods: for certain, and perhaps. */
  readonly policiesOf: (pods: Selectable) => { readonly certain: readonly TrafficPolicy[]; readonly perhaps: readonly TrafficPolicy[] };
  /** The labels of a namespace, its name among them; partial where it is made elsewhere. */
  readonly namespaceLabels: (namespace: string) => Field<Labels>;
  /** Why policies of a namespace may stand elsewhere, or undefined. */
  readonly absence: (namespace: string) => string | undefined;
  /** Why not everything of the program is in view, or undefined. */
  readonly incomplete: string | undefined;
}

/** Answers for one stack. Each is a field at a setting of the subject: unknown where that decides which cannot be known. */
export interface NetworkJudge {
  readonly metadataEgress: (workload: Workload) => Field<MetadataEgress>;
  /** Where the subject differs from the accepted flows; nothing without a lockfile that can be read. */
  readonly drift: (subject: Drifting) => Field<readonly Drift[]>;
}

/** What rules may ask of who may talk to whom. */
export interface NetworkSource {
  readonly flows: FlowsStatus;
  readonly judge: (stack: NetworkStack) => NetworkJudge;
}
