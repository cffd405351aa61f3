import type { Labels, WorkloadName } from "../model/cluster";
import type { FlowEnd } from "../model/flow";
import { stableLabels } from "./labels";

/** Kind of what has labels and no name. */
export const unnamedKind = "Pods";

/** Letters and digits of the random parts of names (k8s.io/apimachinery/pkg/util/rand). */
const random = "[bcdfghjklmnpqrstvwxz2456789]";
/** A source that puts pods together writes `*` for what differs between their names. */
const ofPod = `(?:${random}{5}|\\*)`;
const ofDeployment = new RegExp(`^(.+)-(${random}{6,10})-${ofPod}$`);
const ofDaemonSet = new RegExp(`^(.+)-${ofPod}$`);
const ofCronJob = /^(.+)-\d{8,10}$/;

/**
 * The root controller of a pod, from what a flow says of it: what its source names, else its labels and the form of its
 * name, which is how controllers call their pods. Undefined where there is neither a name nor a label.
 */
export function ownerOf(end: FlowEnd): WorkloadName | undefined {
  const { namespace, pod, workload, labels } = end;
  if (workload !== undefined) return rootOf(workload, pod);
  if (namespace === undefined) return undefined;
  const of = (kind: string, name: string): WorkloadName => ({ namespace, kind, name });
  if (pod === undefined) return labels === undefined ? undefined : byLabels(namespace, labels);
  const job = labels?.["batch.kubernetes.io/job-name"] ?? labels?.["job-name"];
  if (job !== undefined) return rootOf(of("Job", job), pod);
  if (labels?.["statefulset.kubernetes.io/pod-name"] === pod) return of("StatefulSet", pod.replace(/-\d+$/, ""));
  const deployment = ofDeployment.exec(pod)?.[1];
  if (deployment !== undefined) return ofCronJob.test(deployment) ? rootOf(of("Job", deployment), pod) : of("Deployment", deployment);
  const set = ofDaemonSet.exec(pod)?.[1];
  // The revision of a StatefulSet begins with its name, that of a DaemonSet is a hash alone.
  if (set !== undefined && labels?.["controller-revision-hash"]?.startsWith(`${set}-`) === true) return of("StatefulSet", set);
  if (set !== undefined) return ofCronJob.test(set) ? rootOf(of("Job", set), pod) : of("DaemonSet", set);
  const ordinal = /^(.+)-\d+$/.exec(pod)?.[1];
  return ordinal === undefined ? of("Pod", pod) : of("StatefulSet", ordinal);
}

/** The hash of the template that a Deployment made a pod from, by the pod's name (apps/v1, `pod-template-hash`). */
export function templateOf(pod: string | undefined): string | undefined {
  return pod === undefined ? undefined : ofDeployment.exec(pod)?.[2];
}

function rootOf({ namespace, kind, name }: WorkloadName, pod: string | undefined): WorkloadName {
  const replicas = kind === "ReplicaSet" ? new RegExp(`^(.+)-${random}{6,10}$`).exec(name)?.[1] : undefined;
  if (replicas !== undefined) return { namespace, kind: "Deployment", name: replicas };
  const cron = kind === "Job" ? ofCronJob.exec(name)?.[1] : undefined;
  if (cron !== undefined) return { namespace, kind: "CronJob", name: cron };
  return kind === "" && pod !== undefined ? { namespace, kind: "Pod", name: pod } : { namespace, kind, name };
}

/** Pods that a source does not name: all with the same labels. */
function byLabels(namespace: string, labels: Labels): WorkloadName | undefined {
  const name = Object.entries(stableLabels(labels)).map(([key, value]) => `${key}=${value}`).join(",");
  return name === "" ? undefined : { namespace, kind: unnamedKind, name };
}
