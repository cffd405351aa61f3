import type { WorkloadName } from "../model/cluster";
import { edgeName } from "../model/edge";
import { keyOf } from "./identify";
import type { Learned } from "./learn";
import type { Observations } from "./observe";

const shown = 10;

/** What was learned, for people: lines. The last three parts are always what is newly denied, what is admitted besides, and what cannot be said safely. */
export function summarize({ plan, verification, completeness, cutOff }: Learned, observations: Observations): readonly string[] {
  const { denied, opened, slack, declared, unisolated } = verification;
  return [
    `${count(observations.edges.length, "connection")} of ${count(new Set(observations.edges.flatMap(({ from, to }) => [from, to]).flatMap((peer) => (peer.kind === "workload" ? [keyOf(peer.workload)] : []))).size, "workload")}, ${count(plan.subjects.length, "policy", "policies")} that allow, and one that denies the rest in ${plan.namespaces.length === 0 ? "no namespace" : list(plan.namespaces)}`,
    ...summarizeCompleteness(completeness),
    ...(observations.hasInventory ? [] : ["unproven without an inventory: that no other pods have these labels; pods that were never seen are denied everything"]),
    ...(plan.open.length > 0 ? [`not isolated: ${list(plan.open)}`] : []),
    ...section(cutOff.length, "workloads that were never seen, and are denied everything", cutOff.map(keyOf)),
    ...section(plan.inseparable.length, "sets of workloads that no label tells apart", plan.inseparable.map((set) => list(set.map(keyOf)))),
    ...section(observations.refused.length, "connections that were refused, and are not allowed for that", observations.refused.map((edge) => `${edgeName(edge)} (${edge.verdict})`)),
    ...section(opened.length, "of these would be let through now", opened),
    ...(unisolated.length > 0 ? [`${count(unisolated.length, "workload")} that no policy isolates`] : []),
    `newly denied observed flows: ${denied.length}`,
    ...items(denied.map(({ edge, why }) => `${edgeName(edge)}: ${why.join("; ")}`)),
    `unobserved edges admitted: ${slack.length}${declared.length > 0 ? ` (${declared.length} declared)` : ""}${plan.unseenAddresses > 0n ? `, and ${plan.unseenAddresses} addresses within blocks` : ""}`,
    ...items(slack),
    `cannot be expressed safely: ${plan.unsafe.length}`,
    ...items(plan.unsafe.map(({ what, reason }) => `${what}: ${reason}`)),
  ];
}

export function summarizeCompleteness({ status, reasons }: Learned["completeness"]): readonly string[] {
  return status === "stable" ? ["stable: enough was seen, and nothing new of late"] : ["advisory, not to be enforced yet:", ...items(reasons)];
}

/** A title with its count, and the first entries under it. */
export function section(length: number, title: string, entries: readonly string[]): readonly string[] {
  return length === 0 ? [] : [`${title}: ${length}`, ...items(entries)];
}

/** The first entries, each a line, and how many more there are. */
export function items(entries: readonly string[]): readonly string[] {
  const left = entries.length - shown;
  return [...entries.slice(0, shown).map((entry) => `  ${oneLine(entry)}`), ...(left > 0 ? [`  and ${left} more`] : [])];
}

/** What a flow says is no text for a terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}

function list(names: readonly (string | WorkloadName)[]): string {
  return names.map(String).join(", ");
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
