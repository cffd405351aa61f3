import type { ContainerPort, Labels, PodAddress, Workload, WorkloadName } from "../model/cluster";

/** A pod that runs, as the API server describes it. */
export interface PodSeen extends WorkloadName {
  readonly labels: Labels;
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  readonly addresses: readonly PodAddress[];
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly from: string;
}

/** A controller that was read, with the one that owns it. */
export interface Owner extends WorkloadName {
  readonly owner?: { readonly kind: string; readonly name: string };
}

/** Labels that controllers put on single pods, or on one generation of them: no policy of a workload is about them. */
const generated = new Set([
  "pod-template-hash", "rollouts-pod-template-hash", "controller-revision-hash", "pod-template-generation", "controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name",
  "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index", "batch.kubernetes.io/job-completion-index",
]);

/** The controllers of ReplicaSets that leave their hash in its name and on the pods: Kubernetes, Argo Rollouts. */
const hashes = [["pod-template-hash", "Deployment"], ["rollouts-pod-template-hash", "Rollout"]] as const;

/**
 * The workload that a pod is of: along the owners that were read, and from a ReplicaSet to its Deployment by the hash
 * that the Deployment's controller writes into both. A Job is a CronJob's by its name only where that was read, and the
 * rest of the name is a time in minutes.
 */
export function rootOf(pod: Pick<PodSeen, "namespace" | "labels" | "owner" | "kind" | "name">, owners: ReadonlyMap<string, Owner>): WorkloadName {
  const { namespace } = pod;
  let root: WorkloadName = { namespace, kind: pod.kind, name: pod.name };
  let next = pod.owner;
  for (let depth = 0; next !== undefined && next.kind !== "Node" && depth < 8; depth++) {
    root = { namespace, ...next };
    next = owners.get(ownerKey(root))?.owner ?? byConvention(root, pod.labels, owners);
  }
  return root;
}

function byConvention({ namespace, kind, name }: WorkloadName, labels: Labels, owners: ReadonlyMap<string, Owner>): Owner["owner"] {
  if (kind === "ReplicaSet") {
    for (const [label, owner] of hashes) {
      const hash = labels[label];
      if (hash !== undefined && hash !== "" && name.endsWith(`-${hash}`)) return { kind: owner, name: name.slice(0, -hash.length - 1) };
    }
  }
  const [, cron] = kind === "Job" ? (/^(.+)-\d{8}$/.exec(name) ?? []) : [];
  return cron !== undefined && owners.has(ownerKey({ namespace, kind: "CronJob", name: cron })) ? { kind: "CronJob", name: cron } : undefined;
}

export function ownerKey({ namespace, kind, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}

export interface Joined {
  readonly workloads: readonly Workload[];
  readonly gaps: readonly { readonly from: string; readonly reason: string }[];
}

/** Gives every pod to its workload. One whose pods alone were read has the labels that all of them have. */
export function joinPods(workloads: readonly Workload[], pods: readonly PodSeen[], all: readonly Owner[]): Joined {
  const owners = new Map(all.map((owner) => [ownerKey(owner), owner]));
  const members = new Map<string, PodSeen[]>();
  const roots = new Map<string, WorkloadName>();
  for (const pod of pods) {
    const root = rootOf(pod, owners);
    const key = ownerKey(root);
    roots.set(key, root);
    members.set(key, [...(members.get(key) ?? []), pod]);
  }
  const gaps: { from: string; reason: string }[] = [];
  const known = new Set(workloads.map(ownerKey));
  // A ReplicaSet or a Job that is another one's is no workload of its own.
  const own = workloads.filter((workload) => ownerKey(rootOf({ ...workload, ...optionalOwner(owners.get(ownerKey(workload))) }, owners)) === ownerKey(workload));
  const joined = own.map((workload): Workload => {
    const seen = members.get(ownerKey(workload)) ?? [];
    const others = seen.filter(({ labels }) => !Object.entries(workload.labels).every(([label, value]) => labels[label] === value));
    if (others.length > 0) gaps.push({ from: workload.from, reason: `${others.length} of the ${seen.length} pods of ${ownerKey(workload)} have other labels than its template: they are judged by the template's` });
    return { ...workload, addresses: [...workload.addresses, ...seen.flatMap(({ addresses }) => addresses)] };
  });
  const alone = [...roots].filter(([key]) => !known.has(key)).map(([key, root]) => {
    const { workload, differing } = fromPods(root, members.get(key) ?? []);
    if (differing.length > 0) gaps.push({ from: workload.from, reason: `the pods of ${key} differ in the labels ${differing.join(", ")}: they are taken to have none of these` });
    return workload;
  });
  return { workloads: [...joined, ...alone], gaps };
}

function optionalOwner(owner: Owner | undefined): Pick<PodSeen, "owner"> {
  return owner?.owner === undefined ? {} : { owner: owner.owner };
}

function fromPods(root: WorkloadName, pods: readonly PodSeen[]): { readonly workload: Workload; readonly differing: readonly string[] } {
  const [first] = pods as readonly [PodSeen, ...PodSeen[]];
  const own = new Set(pods.flatMap(({ labels }) => Object.keys(labels)).filter((label) => root.kind === "Pod" || !generated.has(label)));
  const differing = [...own].filter((label) => !pods.every(({ labels }) => labels[label] === first.labels[label])).sort();
  const common = Object.entries(first.labels).filter(([label]) => own.has(label) && !differing.includes(label));
  return { workload: { ...root, labels: Object.fromEntries(common), ports: first.ports, hostNetwork: first.hostNetwork, addresses: pods.flatMap(({ addresses }) => addresses), from: first.from }, differing };
}
