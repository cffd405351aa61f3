import type { Cluster, WorkloadName } from "../model/cluster";
import { edgeName } from "../model/edge";
import type { FlowSummary } from "../model/flow";
import type { NetworkPolicy } from "../model/policy";
import type { Completeness, CompletenessOptions } from "./completeness";
import { completenessOf } from "./completeness";
import { kubernetesPolicies } from "./kubernetes";
import type { Observations, SeenEdge } from "./observe";
import type { Plan, PlanOptions } from "./plan";
import { neverSeen, planPolicies } from "./plan";
import type { Verification } from "./verify";
import { verify } from "./verify";

export interface LearnInput {
  readonly observations: Observations;
  readonly inventory?: Cluster;
  /** What the readers say of the flows. */
  readonly readings?: readonly FlowSummary[];
  readonly options?: PlanOptions & CompletenessOptions;
}

export interface Learned {
  /** For the back end that was asked for. */
  readonly plan: Plan;
  /** networking.k8s.io/v1, whatever the back end: what is verified. */
  readonly policies: readonly NetworkPolicy[];
  readonly verification: Verification;
  readonly completeness: Completeness;
  /** Workloads that these policies cut off, because nothing was seen of them. */
  readonly cutOff: readonly WorkloadName[];
}

/** The least set of policies for what was seen, checked before it is offered. Equal for equal observations. */
export function learn({ observations, inventory, readings = [], options = {} }: LearnInput): Learned {
  const plan = planPolicies(observations, inventory, options);
  const plain = (options.backEnd ?? "kubernetes") === "kubernetes" ? plan : planPolicies(observations, inventory, { ...options, backEnd: "kubernetes" });
  const policies = kubernetesPolicies(plain);
  const verification = verify({ policies, observations, inventory, declared: plan.declared });
  return {
    plan,
    policies,
    verification: plain === plan ? verification : { ...verification, denied: verification.denied.filter(({ edge }) => !isExpressed(edge, plan)) },
    completeness: completenessOf(observations, inventory, readings, options),
    cutOff: neverSeen(observations, plan),
  };
}

/** Whether a back end with more kinds of rules opens what NetworkPolicy could not: an edge to or from what is no pod. */
function isExpressed(edge: SeenEdge, { subjects }: Plan): boolean {
  if (edge.from.kind === "workload" && edge.to.kind === "workload") return false;
  const name = edgeName(edge);
  return subjects.some(({ ingress, egress }) => [...ingress, ...egress].some(({ provenance }) => provenance.some((source) => source.edge === name)));
}
