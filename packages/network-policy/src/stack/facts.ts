import type { ClusterPolicy, NetworkStack, TrafficPolicy, Workload as ReadWorkload } from "@bulkhead/core";
import { isObject, knownValue } from "@bulkhead/core";
import type { Cluster, Labels, Protocol, Workload, WorkloadName } from "../model/cluster";
import { protocols } from "../model/cluster";
import type { NetworkPolicy } from "../model/policy";
import { type RuleName, ruleName } from "../reachability/compiled";
import type { ReachEnd, Reachability } from "../reachability/reachability";
import { createReachability } from "../reachability/reachability";
import { describeReason, type Reason } from "../reachability/why";
import type { Atom, Atoms, Direction } from "./convert";
import { atomsOf, isKnown, policyOf, selectorOf } from "./convert";

export const nameLabel = "kubernetes.io/metadata.name";

/** A policy of the stack, with its atoms. */
export interface Fact {
  /** What the evaluator calls it: two documents may have one name. */
  readonly id: string;
  readonly member: TrafficPolicy;
  readonly atoms: { readonly [direction in Direction]: Atoms };
}

/** Somebody outside of the program that flows name. */
export interface StandIn {
  readonly name: WorkloadName;
  /** Absent where they are not known. */
  readonly labels?: Labels;
}

/** What is known of a stack, as the evaluator of policies takes it, and where it is not known. */
export interface Facts {
  readonly stack: NetworkStack;
  readonly reachability: Reachability;
  readonly policies: readonly Fact[];
  readonly factOf: (policy: TrafficPolicy) => Fact;
  /** The end that stands for a workload of the stack, or for one outside of it. */
  readonly endOf: (workload: ReadWorkload | StandIn) => ReachEnd;
  /** Why a policy of the cluster that is not known may decide for these pods, or undefined. */
  readonly clusterDoubt: (workload: Pick<ReadWorkload, "namespace" | "labels">, isSure: boolean, direction: Direction) => string | undefined;
  readonly clusterDocuments: Cluster["clusterPolicies"];
  /** A reason with the names that the program gives. */
  readonly named: (reason: Reason) => Reason;
  /** The policy and the atom that a rule of a reason is; undefined for a policy of the cluster. */
  readonly atomOf: (rule: RuleName) => { readonly fact: Fact; readonly atom: Atom } | undefined;
}

/** The namespace that pods are in, and that a policy is about; undefined where it is not known. */
export function namespaceOf({ namespace }: Pick<ReadWorkload, "namespace">): string | undefined {
  return namespace.state === "unknown" || namespace.state === "unsupported" ? undefined : knownValue(namespace) || "default";
}

/** Whether selectors, and policies at all, see the pods for certain. */
export function isSure({ namespace, labels, hostNetwork }: Pick<ReadWorkload, "namespace" | "labels" | "hostNetwork">): boolean {
  return isKnown(namespace) && isKnown(hostNetwork) && labels.state === "value" && labels.partial !== true && ![...labels.value.values()].includes(undefined);
}

/** Whether flows can be known to be of the workload. */
export function isNamed(workload: ReadWorkload): boolean {
  return workload.name.state === "value" && namespaceOf(workload) !== undefined;
}

export function nameOf(workload: ReadWorkload): WorkloadName {
  return { namespace: namespaceOf(workload) ?? "", kind: workload.resource.kind, name: workload.resource.name };
}

/** The policies of a stack, taken apart. */
export function factsOf({ policies }: NetworkStack): readonly Fact[] {
  return policies.map((member, index): Fact => ({ id: String(index), member, atoms: { ingress: atomsOf(member, "ingress"), egress: atomsOf(member, "egress") } }));
}

export function gather(stack: NetworkStack, policies: readonly Fact[], standIns: readonly StandIn[] = []): Facts {
  const byMember = new Map(policies.map((fact) => [fact.member, fact]));
  const numbers = new Map<ReadWorkload | StandIn, number>([...stack.workloads, ...standIns].map((one, index) => [one, index]));
  const numbered = (one: ReadWorkload | StandIn): WorkloadName => ({ namespace: "about" in one ? (namespaceOf(one) ?? "") : one.name.namespace, kind: "", name: String(numbers.get(one)) });
  const workloads = [...stack.workloads.map((one) => ({ ...numbered(one), ...seenBy(one) })), ...standIns.map((one): Workload => ({ ...numbered(one), labels: one.labels ?? {}, ports: [], hostNetwork: false, addresses: [], from: "" }))];
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))].map((name) => ({ name, labels: labelsIn(stack.namespaceLabels(name)) }));
  const documents = stack.clusterPolicies.flatMap((policy) => clusterDocumentOf(policy) ?? []);
  const reachability = createReachability({ namespaces, workloads, policies: policies.flatMap((fact) => documentOf(fact) ?? []), clusterPolicies: documents });
  // The evaluator fails closed where it cannot read a part of one, which the cluster may read, or refuse.
  const unread = new Set(reachability.problems.map(({ policy }) => policy));
  const open = stack.clusterPolicies.filter((policy) => clusterDocumentOf(policy) === undefined || unread.has(`${policy.kind} ${policy.name}`));
  const atomOf: Facts["atomOf"] = ({ kind, policy, direction, rule }) => {
    const fact = kind === "NetworkPolicy" ? policies[Number(policy)] : undefined;
    const atom = rule === undefined ? undefined : fact?.atoms[direction].atoms[rule];
    return fact === undefined || atom === undefined ? undefined : { fact, atom };
  };
  return {
    stack, reachability, policies, clusterDocuments: documents, atomOf,
    factOf: (policy) => byMember.get(policy) ?? missing(policy.label),
    endOf: (workload) => ({ kind: "workload", workload: numbered(workload) }),
    clusterDoubt: ({ namespace, labels }, sure, direction) => {
      const [first] = open;
      if (first !== undefined) return `depends on ${first.label}, of which not everything is known here`;
      const concerned = documents.filter(({ spec }) => isObject(spec) && Array.isArray(spec[direction]));
      if (concerned.length === 0) return undefined;
      if (!sure) return labels.state === "unknown" && labels.reason !== undefined ? labels.reason : "decides whether a policy of the cluster selects the pods";
      const own = namespaceOf({ namespace }) ?? "";
      const isOpen = stack.namespaceLabels(own).state !== "value" || !isKnown(stack.namespaceLabels(own));
      return isOpen && concerned.some(({ spec }) => asksLabels(isObject(spec) ? spec["subject"] : undefined)) ? `depends on the labels of the namespace "${own}", which is made elsewhere` : undefined;
    },
    named: (reason) => {
      const rules = reason.rules.map((rule): RuleName => {
        const member = rule.kind === "NetworkPolicy" ? policies[Number(rule.policy)]?.member : undefined;
        if (member === undefined) return rule;
        const own = { ...rule, policy: member.resource.name };
        return rule.rule === undefined ? own : { ...own, rule: atomOf(rule)?.atom.index ?? rule.rule };
      });
      return { ...reason, rules: [...new Map(rules.map((rule) => [ruleName(rule), rule])).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, rule]) => rule) };
    },
  };
}

function missing(label: string): never {
  throw new Error(`${label} is no policy of the stack`);
}

/** The end of a sentence that begins with who sends or receives. */
export function sentence({ named }: Pick<Facts, "named">, reason: Reason, direction: Direction): string {
  return describeReason(named(reason), direction);
}

/** Labels of which the value is known. */
export function labelsIn(labels: ReadWorkload["labels"]): Labels {
  return Object.fromEntries(labels.state === "value" ? [...labels.value].filter((entry): entry is [string, string] => entry[1] !== undefined) : []);
}

/** What is known of a workload, as the evaluator takes it. */
export function seenBy({ labels, ports, hostNetwork }: ReadWorkload): Omit<Workload, keyof WorkloadName> {
  const declared = ports.state === "value" ? ports.value.flatMap(({ name, port, protocol }) => { const known = protocols.find((one): one is Protocol => one === protocol); return known === undefined ? [] : [{ ...(name === undefined ? {} : { name }), port, protocol: known }]; }) : [];
  return { labels: labelsIn(labels), ports: declared, hostNetwork: knownValue(hostNetwork) === true, addresses: [], from: "" };
}

/** Undefined for a policy of which it is not known whom it selects. */
function documentOf({ id, member, atoms }: Fact): NetworkPolicy | undefined {
  const [namespace, selector] = [namespaceOf(member), selectorOf(member.selector)];
  if (namespace === undefined || selector === undefined) return undefined;
  const directions = (["ingress", "egress"] as const).filter((direction) => isolates(member, direction) === true);
  return directions.length === 0 ? undefined : policyOf(atoms, { name: id, namespace, selector, directions });
}

/** Undefined where it is not known. */
export function isolates(policy: TrafficPolicy, direction: Direction): boolean | undefined {
  const field = direction === "ingress" ? policy.isolatesIngress : policy.isolatesEgress;
  return field.state === "value" ? field.value : field.state === "unset" ? false : undefined;
}

function clusterDocumentOf({ apiVersion, kind, name, spec }: ClusterPolicy): Cluster["clusterPolicies"][number] | undefined {
  if (apiVersion.state !== "value" || spec.state !== "value") return undefined;
  return { apiVersion: apiVersion.value, kind, metadata: { name }, spec: spec.value, from: "" };
}

/** Whether a subject is chosen by other labels of namespaces than their name. */
function asksLabels(subject: unknown): boolean {
  const { namespaces, pods } = isObject(subject) ? subject : {};
  const keys = (selector: unknown): readonly unknown[] => {
    if (!isObject(selector)) return [];
    const { matchLabels, matchExpressions, namespaceSelector } = selector;
    const listed = Array.isArray(matchExpressions) ? (matchExpressions as readonly unknown[]).map((one) => (isObject(one) ? one["key"] : undefined)) : [];
    return [...(isObject(matchLabels) ? Object.keys(matchLabels) : []), ...listed, ...keys(namespaceSelector)];
  };
  return [...keys(namespaces), ...keys(isObject(pods) ? (pods["namespaceSelector"] ?? pods["namespaces"]) : undefined)].some((key) => key !== nameLabel);
}

/** Whether a policy of the cluster is asked after those of namespaces. */
export function isBaseline({ kind, policy }: RuleName, documents: Cluster["clusterPolicies"]): boolean {
  const document = documents.find((one) => one.kind === kind && one.metadata.name === policy);
  return kind === "BaselineAdminNetworkPolicy" || (isObject(document?.spec) && document.spec["tier"] === "Baseline");
}
