import type { Drift, Field, NetworkStack, TrafficPolicy, Workload } from "@bulkhead/core";
import { known, knownValue, otherSetting, unknown } from "@bulkhead/core";
import { peerName } from "../model/edge";
import type { LockedFlows } from "../synthesis/lock";
import { answer } from "./answer";
import type { Fact } from "./facts";
import { isNamed, isolates, isSure, namespaceOf, sentence } from "./facts";
import { policyDrift } from "./policy-drift";
import type { Use, Uses } from "./uses";
import { doubtOf, playFlows } from "./uses";

/** Where policies differ from accepted flows: at the pods whose flows are denied, and at the policies that let through what nothing needs. */
export function driftAmong(stack: NetworkStack, policies: readonly Fact[], lock: LockedFlows): { readonly ofWorkload: (workload: Workload) => Field<readonly Drift[]>; readonly ofPolicy: (policy: TrafficPolicy) => Field<readonly Drift[]> } {
  const uses = playFlows(stack, policies, lock);
  return { ofWorkload: (workload) => deniedFlows(uses, workload), ofPolicy: policyDrift(uses) };
}

/** What is said of one flow at one of its ends; nothing where it is let through for certain. */
interface Finding {
  readonly denied?: string;
  readonly undecided?: string;
  readonly isElsewhere?: boolean;
}

function deniedFlows(uses: Uses, workload: Workload): Field<readonly Drift[]> {
  const { labels, namespace, name } = workload;
  if (!isNamed(workload)) {
    const field = name.state === "value" ? namespace : name;
    return uses.mayBeNamed(workload) ? unknown(field.path, field.state === "unknown" ? field.reason : undefined) : known([], field.path);
  }
  const found = uses.ofWorkload(workload).map((use) => judge(uses, workload, use));
  const denied = found.flatMap(({ denied: text }): readonly Drift[] => (text === undefined ? [] : [{ kind: "denied", text, path: labels.path }]));
  const undecided = found.find((one) => one.undecided !== undefined && one.isElsewhere !== true) ?? found.find((one) => one.undecided !== undefined);
  return answer(denied, labels.path, undecided?.undecided === undefined ? undefined : { reason: undecided.undecided, isElsewhere: undecided.isElsewhere === true });
}

function judge(uses: Uses, workload: Workload, use: Use): Finding {
  const { facts } = uses;
  const { edge, direction, peer, reason, policies: { certain, perhaps } } = use;
  if (reason.because === "no pod" && knownValue(workload.hostNetwork) === true) return {};
  const sure = isSure(workload);
  const doubt = facts.clusterDoubt(workload, sure, direction);
  if (doubt !== undefined) return { undecided: doubt };
  if (!sure) return { undecided: workload.labels.state === "unknown" && workload.labels.reason !== undefined ? workload.labels.reason : "decides which policies select the pods" };
  const mayDecide = [...perhaps, ...certain.filter((policy) => !facts.factOf(policy).atoms[direction].isWhole || isolates(policy, direction) === undefined)].filter((policy) => isolates(policy, direction) !== false);
  const peerDoubt = certain.map((policy) => doubtOf(uses, use, facts.factOf(policy))).find((why) => why !== undefined);
  const isOutside = peer.workload === undefined;
  if (reason.allowed) {
    const isByPeer = reason.rules.some((rule) => facts.atomOf(rule)?.atom.peer?.kind === "pods");
    if (reason.because === "rule") return isByPeer && !peer.isSure ? { undecided: peerDoubt ?? otherSetting, isElsewhere: isOutside } : {};
    if (mayDecide.length > 0) return { undecided: otherSetting };
    const missing = facts.stack.absence(namespaceOf(workload) ?? "");
    return missing === undefined ? {} : { undecided: missing, isElsewhere: true };
  }
  const isByCluster = reason.because === "rule";
  if (peerDoubt !== undefined) return { undecided: peerDoubt, isElsewhere: isOutside };
  if (!isByCluster) {
    if (mayDecide.length > 0) return { undecided: otherSetting };
    if (isUnplaced(use) && certain.some((policy) => facts.factOf(policy).atoms[direction].atoms.some((atom) => atom.peer?.kind === "addresses"))) return { undecided: `depends on the addresses of ${peerName(peer.peer)}, which the lockfile does not have`, isElsewhere: true };
    const missing = facts.stack.absence(namespaceOf(workload) ?? "");
    if (missing !== undefined) return { undecided: missing, isElsewhere: true };
  }
  const why = sentence(facts, reason, direction);
  return { denied: `${edge.protocol} ${edge.port} ${direction === "egress" ? "to" : "from"} ${peerName(peer.peer)} (${why.slice(why.indexOf(": ") + 2)})` };
}

/** Whether the other end is outside, at an address that nobody has seen. */
function isUnplaced({ peer: { peer }, edge: { ips } }: Use): boolean {
  return peer.kind === "entity" && peer.entity !== "host" && ips.length === 0;
}
