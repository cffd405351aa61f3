import type { Labels } from "../model/cluster";

/** Labels that say what pods are, most telling first (kubernetes.io/docs/concepts/overview/working-with-objects/common-labels). */
export const identityLabels: readonly string[] = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component", "app", "k8s-app", "name", "component", "role", "tier"];

/** Labels that change with each rollout, pod, run or release, or that no author of a pod sets. */
const unstable = new Set([
  "pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name",
  "batch.kubernetes.io/job-completion-index", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "helm.sh/chart", "chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by",
]);
const unstablePrefixes = ["topology.", "failure-domain."];

/** Whether a label stays what it is while the workload does. */
export function isStable(key: string): boolean {
  return !unstable.has(key) && !unstablePrefixes.some((prefix) => key.startsWith(prefix));
}

/** A flow's text may be anything: only what the Kubernetes API takes for a label can stand in a selector. */
function isLabel([key, value]: readonly [string, string]): boolean {
  return /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/.test(key) && /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/.test(value);
}

export function stableLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter((label) => isStable(label[0]) && isLabel(label)).sort(([a], [b]) => (a < b ? -1 : 1)));
}
