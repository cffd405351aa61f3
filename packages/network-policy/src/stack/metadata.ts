import type { Field, MetadataEgress, TrafficPolicy, Workload } from "@bulkhead/core";
import { elsewhere, known, knownValue, otherSetting, through, unknown } from "@bulkhead/core";
import { ruleName } from "../reachability/compiled";
import type { ReachEnd } from "../reachability/reachability";
import { createReachability } from "../reachability/reachability";
import type { Reason } from "../reachability/why";
import { policyOf } from "./convert";
import type { Fact, Facts } from "./facts";
import { isBaseline, isolates, isSure, namespaceOf } from "./facts";

/** Where the instance metadata of AWS, Google Cloud, Azure and others is served, over HTTP. */
const addresses = ["169.254.169.254", "fd00:ec2::254"] as const;
const port = 80;

/** What a policy does alone to pods that it selects: both where a part of it is not known. */
interface Alone {
  readonly mayOpen: boolean;
  readonly mayClose: boolean;
}

/** Whether pods reach the instance metadata, by every policy of the stack that may select them. */
export function metadataOf(facts: Facts): (workload: Workload) => Field<MetadataEgress> {
  const alone = new Map<string, Alone>();
  const aloneAt = (policy: TrafficPolicy, ip: string): Alone => {
    const fact = facts.factOf(policy);
    const key = `${fact.id} ${ip}`;
    const found = alone.get(key) ?? judgeAlone(fact, ip);
    alone.set(key, found);
    return found;
  };
  const isOpen = (policy: TrafficPolicy): boolean => !facts.factOf(policy).atoms.egress.isWhole || isolates(policy, "egress") === undefined;
  const at = (workload: Workload, ip: string): Field<MetadataEgress> => {
    const { labels, hostNetwork, namespace } = workload;
    const { path } = labels;
    const answer = (kind: MetadataEgress["kind"], reason: Reason): Field<MetadataEgress> => known({ kind, address: ip, by: facts.named(reason).rules.map(ruleName) }, path);
    const undecided = (reason = otherSetting): Field<MetadataEgress> => through(labels, unknown(path, reason));
    if (hostNetwork.state === "unknown") return unknown(hostNetwork.path, hostNetwork.reason);
    const sure = isSure(workload);
    const doubt = facts.clusterDoubt(workload, sure, "egress");
    if (doubt !== undefined && knownValue(hostNetwork) !== true) return undecided(doubt);
    const { certain, perhaps } = facts.stack.policiesOf(workload);
    const reason = sure ? facts.reachability.allows(facts.endOf(workload), { kind: "address", ip, names: [] }, "TCP", port).egress : reasonAmong(certain.filter((policy) => isolates(policy, "egress") === true).map(facts.factOf), ip);
    const [rule] = reason.rules;
    const others = [...perhaps, ...certain.filter(isOpen)].filter((policy) => isolates(policy, "egress") !== false);
    if (reason.because === "no pod") return answer("network of the node", reason);
    if (reason.because === "rule" && rule !== undefined && rule.kind !== "NetworkPolicy" && !isBaseline(rule, facts.clusterDocuments)) return answer(reason.allowed ? "let through" : "blocked", reason);
    if (reason.because === "rule" && rule?.kind === "NetworkPolicy") return answer("let through", reason);
    if (reason.because === "no rule") return others.some((policy) => aloneAt(policy, ip).mayOpen) ? undecided() : answer("blocked", reason);
    // No NetworkPolicy isolates the pods for certain: the baseline decides, or nobody.
    if (others.some((policy) => (reason.allowed ? aloneAt(policy, ip).mayClose : aloneAt(policy, ip).mayOpen))) return undecided();
    if (!reason.allowed) return answer("blocked", reason);
    const missing = facts.stack.absence(namespaceOf({ namespace }) ?? "");
    return missing === undefined ? answer("not isolated", reason) : elsewhere(path, missing);
  };
  return (workload) => {
    const { namespace } = workload;
    if (namespace.state === "unknown") return unknown(namespace.path, namespace.reason);
    const answers = addresses.map((ip) => at(workload, ip));
    const exposed = answers.find((field) => field.state === "value" && field.value.kind !== "blocked");
    return exposed ?? answers.find(({ state }) => state !== "value") ?? (answers[0] as Field<MetadataEgress>);
  };
}

const pods = { namespace: "pods", kind: "", name: "all" };

/** What policies that select the same pods do together. */
function reasonAmong(policies: readonly Fact[], ip: string): Reason {
  const documents = policies.map(({ id, atoms }) => policyOf(atoms, { name: id, namespace: pods.namespace, selector: {}, directions: ["egress"] }));
  const end: ReachEnd = { kind: "workload", workload: pods };
  const reachability = createReachability({ namespaces: [], workloads: [{ ...pods, labels: {}, ports: [], hostNetwork: false, addresses: [], from: "" }], policies: documents });
  return reachability.allows(end, { kind: "address", ip, names: [] }, "TCP", port).egress;
}

function judgeAlone(fact: Fact, ip: string): Alone {
  const { allowed } = reasonAmong([fact], ip);
  return { mayOpen: allowed || !fact.atoms.egress.isWhole, mayClose: !allowed };
}
