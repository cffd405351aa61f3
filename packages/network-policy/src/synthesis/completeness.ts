import { day } from "../flows/aggregate";
import type { Cluster } from "../model/cluster";
import { edgeName, peerName } from "../model/edge";
import type { FlowSummary } from "../model/flow";
import type { Observations } from "./observe";

export interface CompletenessOptions {
  /** Least days (UTC) with flows. Default 7. */
  readonly days?: number;
  /** Days since the last edge that was new. Default 7. */
  readonly quietDays?: number;
}

export interface Completeness {
  /** `advisory`: to be looked at, not to be enforced yet. */
  readonly status: "stable" | "advisory";
  /** Why it is not stable: sentences without a full stop. */
  readonly reasons: readonly string[];
}


/** Whether what was seen is enough to deny everything else. */
export function completenessOf(observations: Observations, inventory: Cluster | undefined, readings: readonly FlowSummary[], { days = 7, quietDays = 7 }: CompletenessOptions = {}): Completeness {
  const { edges, last = 0 } = observations;
  const seen = new Set(edges.flatMap(({ from, to }) => [peerName(from), peerName(to)]));
  const unseenJobs = (inventory?.workloads ?? []).filter(({ kind }) => kind === "CronJob" || kind === "Job").map((workload) => peerName({ kind: "workload", workload })).filter((name) => !seen.has(name));
  const newest = edges.reduce((latest, edge) => Math.max(latest, edge.first), Number.NEGATIVE_INFINITY);
  const lost = readings.reduce((sum, reading) => sum + reading.lost, 0);
  const malformed = readings.reduce((sum, reading) => sum + reading.malformed.count, 0);
  const unidentified = Object.values(observations.unidentified).reduce((sum, count) => sum + count, 0);
  const { templates } = observations;
  const reasons = [
    ...(edges.length === 0 ? ["no connection was seen"] : []),
    ...(observations.days.length < days ? [`flows of ${observations.days.length} of at least ${days} days`] : []),
    ...(edges.length > 0 && last - newest < quietDays * day ? [`${edges.filter(({ first }) => last - first < quietDays * day).length} connections are new in the last ${quietDays} days, such as ${edges.filter(({ first }) => first === newest).map(edgeName)[0] ?? ""}`] : []),
    ...(lost > 0 ? [`${lost} events were lost`] : []),
    ...(malformed > 0 ? [`${malformed} records could not be read`] : []),
    ...readings.flatMap(({ incomplete }) => incomplete),
    ...(observations.ambiguous > 0 ? [`${observations.ambiguous} flows do not say who opened the connection`] : []),
    ...(unidentified > 0 ? [`${unidentified} flows have an end that was not identified`] : []),
    ...(templates.length > 0 && templates.every(({ count }) => count === 1) ? [`no rollout was seen: the pods of each of ${templates.length} Deployments had one template`] : []),
    ...(unseenJobs.length > 0 ? [`${unseenJobs.length} jobs did not run, such as ${unseenJobs[0] ?? ""}`] : []),
    ...(observations.hasInventory && observations.unlisted.length > 0 ? [`${observations.unlisted.length} workloads are not in the inventory, such as ${peerName({ kind: "workload", workload: observations.unlisted[0] ?? { namespace: "", kind: "", name: "" } })}`] : []),
    ...(observations.differing.length > 0 ? [`the labels of ${observations.differing.length} workloads differ from the inventory, such as ${peerName({ kind: "workload", workload: observations.differing[0] ?? { namespace: "", kind: "", name: "" } })}`] : []),
  ];
  return { status: reasons.length === 0 ? "stable" : "advisory", reasons };
}
