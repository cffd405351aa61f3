import type { Field } from "../field";
import { knownValue } from "../field";
import type { ClusterPolicy, ClusterService, ContainerNetwork, Attachment, Gap, Member, NamespacedObject, PidsLimit, Tenancy, TrafficPolicy, TrafficRoute, Workload } from "./members";
import type { Labels, Requirement, Selector } from "./selector";
import { selects, valuesOf } from "./selector";
import type { Maybe } from "./traffic";

/** What the program puts into one namespace, indexed so that nothing is compared with everything. */
export interface Bucket {
  readonly name: string;
  declared: Tenancy | undefined;
  readonly workloads: Workload[];
  readonly workloadsByLabel: Map<string, Workload[]>;
  /** Workloads of which a label is not known. */
  readonly unsureWorkloads: Workload[];
  readonly policies: TrafficPolicy[];
  /** Made at the first question, when all policies are known. */
  policyIndex: SelectorIndex<TrafficPolicy> | undefined;
  readonly objects: Objects;
  readonly gaps: Gaps;
}

interface Selecting {
  readonly selector: Field<Selector>;
}

/** What selects pods, by the rarest label that it asks for. */
export interface SelectorIndex<T extends Selecting> {
  readonly all: readonly T[];
  readonly byLabel: ReadonlyMap<string, readonly T[]>;
  readonly byKey: ReadonlyMap<string, readonly T[]>;
  /** What asks for no label by its value. */
  readonly others: readonly T[];
}

/** Names by kind; undefined is a name that is not known. */
export type Objects = Map<NamespacedObject["kind"], Set<string | undefined>>;

/** The first gap of each sort. */
export type Gaps = Map<Gap["holds"], Gap>;

/** What is in no namespace that is known. */
export interface Floating {
  readonly tenancies: Tenancy[];
  readonly workloads: Workload[];
  readonly policies: TrafficPolicy[];
  readonly objects: Objects;
  readonly gaps: Gaps;
}

export interface Index {
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly floating: Floating;
  readonly networks: readonly ContainerNetwork[];
  readonly attachments: readonly Attachment[];
  readonly pidsLimits: readonly PidsLimit[];
  readonly services: readonly ClusterService[];
  readonly routes: readonly TrafficRoute[];
  readonly clusterPolicies: readonly ClusterPolicy[];
  readonly workloads: readonly Workload[];
  /** Of all namespaces: the first gap that may hold pods. */
  readonly firstGap: Gap | undefined;
}

/** What names no namespace is in "default". */
export const defaultNamespace = "default";
export const nameLabel = "kubernetes.io/metadata.name";

export function indexMembers(members: Iterable<Member>, gaps: Iterable<Gap>): Index {
  const buckets = new Map<string, Bucket>();
  const floating: Floating = { tenancies: [], workloads: [], policies: [], objects: new Map(), gaps: new Map() };
  const networks: ContainerNetwork[] = [];
  const attachments: Attachment[] = [];
  const pidsLimits: PidsLimit[] = [];
  const services: ClusterService[] = [];
  const routes: TrafficRoute[] = [];
  const clusterPolicies: ClusterPolicy[] = [];
  const workloads: Workload[] = [];
  const bucketOf = (field: Workload["namespace"]): Bucket | undefined => {
    if (field.state === "unknown") return undefined;
    const name = knownValue(field) || defaultNamespace;
    const bucket = buckets.get(name) ?? newBucket(name);
    buckets.set(name, bucket);
    return bucket;
  };
  for (const member of members) {
    if (member.about === "workload") workloads.push(member);
    if (member.about === "workload") addWorkload(bucketOf(member.namespace), member, floating);
    else if (member.about === "trafficPolicy") (bucketOf(member.namespace) ?? floating).policies.push(member);
    else if (member.about === "namespacedObject") addObject((bucketOf(member.namespace) ?? floating).objects, member);
    else if (member.about === "containerNetwork") networks.push(member);
    else if (member.about === "attachment") attachments.push(member);
    else if (member.about === "pidsLimit") pidsLimits.push(member);
    else if (member.about === "clusterService") services.push(member);
    else if (member.about === "trafficRoute") routes.push(member);
    else if (member.about === "clusterPolicy") clusterPolicies.push(member);
    else if (member.about === "tenancy") {
      const bucket = member.name.state === "value" ? bucketOf(member.name) : undefined;
      if (bucket === undefined) floating.tenancies.push(member);
      else bucket.declared ??= member;
    }
  }
  let firstGap: Gap | undefined;
  for (const gap of gaps) {
    if (gap.holds !== "clusterPolicies") firstGap ??= gap;
    const bucket = gap.namespace.state === "value" ? bucketOf(gap.namespace) : undefined;
    const { gaps: own } = bucket ?? floating;
    if (!own.has(gap.holds)) own.set(gap.holds, gap);
  }
  return { buckets, floating, networks, attachments, pidsLimits, services, routes, clusterPolicies, workloads, firstGap };
}

function newBucket(name: string): Bucket {
  return { name, declared: undefined, workloads: [], workloadsByLabel: new Map(), unsureWorkloads: [], policies: [], policyIndex: undefined, objects: new Map(), gaps: new Map() };
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function isPartial(labels: Workload["labels"]): boolean {
  return labels.state === "value" && labels.partial === true;
}

const pair = (key: string, value: string): string => `${key}\u0000${value}`;

function addWorkload(bucket: Bucket | undefined, workload: Workload, floating: Floating): void {
  if (bucket === undefined) return void floating.workloads.push(workload);
  bucket.workloads.push(workload);
  const labels = knownValue(workload.labels);
  if (labels === undefined || isPartial(workload.labels) || [...labels.values()].includes(undefined)) bucket.unsureWorkloads.push(workload);
  for (const [key, value] of labels ?? []) if (value !== undefined) push(bucket.workloadsByLabel, pair(key, value), workload);
}

/** A label that many ask for, such as the name of the product, would lead to all of them. */
export function indexSelectors<T extends Selecting>(all: readonly T[]): SelectorIndex<T> {
  const asked = ({ selector }: T): readonly Requirement[] => (selector.state === "value" ? selector.value.filter(({ operator }) => operator === "In") : []);
  const counts = new Map<string, number>();
  for (const one of all) {
    for (const { key, values } of asked(one)) for (const value of values) counts.set(pair(key, value), (counts.get(pair(key, value)) ?? 0) + 1);
  }
  const weight = ({ key, values }: Requirement): number => values.reduce((sum, value) => sum + (counts.get(pair(key, value)) ?? 0), 0);
  const byLabel = new Map<string, T[]>();
  const byKey = new Map<string, T[]>();
  const others: T[] = [];
  for (const one of all) {
    const rarest = asked(one).reduce<Requirement | undefined>((least, next) => (least === undefined || weight(next) < weight(least) ? next : least), undefined);
    if (rarest === undefined) others.push(one);
    else {
      push(byKey, rarest.key, one);
      for (const value of new Set(rarest.values)) push(byLabel, pair(rarest.key, value), one);
    }
  }
  return { all, byLabel, byKey, others };
}

const policyIndexOf = (bucket: Bucket): SelectorIndex<TrafficPolicy> => (bucket.policyIndex ??= indexSelectors(bucket.policies));

/** The policies of a namespace that ask for no label by its value, those for every pod among them. */
export function otherPolicies(bucket: Bucket): readonly TrafficPolicy[] {
  return policyIndexOf(bucket).others;
}

function addObject(objects: Objects, { kind, name }: NamespacedObject): void {
  objects.set(kind, (objects.get(kind) ?? new Set()).add(name.state === "value" ? name.value : undefined));
}

/** The policies of a namespace that select pods with these labels: for certain, and perhaps. */
export function policiesSelecting(bucket: Bucket, labels: Workload["labels"]): { readonly certain: readonly TrafficPolicy[]; readonly perhaps: readonly TrafficPolicy[] } {
  return selecting(policyIndexOf(bucket), labels);
}

/** What selects pods with these labels: for certain, and perhaps. */
export function selecting<T extends Selecting>(index: SelectorIndex<T>, labels: Workload["labels"]): { readonly certain: readonly T[]; readonly perhaps: readonly T[] } {
  const candidates = labels.state === "value" && !isPartial(labels) ? [...index.others, ...asking(index, labels.value)] : index.all;
  const certain: T[] = [];
  const perhaps: T[] = [];
  for (const one of candidates) {
    const selected = selects(one.selector, labels);
    if (selected === true) certain.push(one);
    else if (selected === undefined) perhaps.push(one);
  }
  return { certain, perhaps };
}

function asking<T extends Selecting>({ byLabel, byKey }: SelectorIndex<T>, labels: Labels): readonly T[] {
  return [...labels].flatMap(([key, value]) => (value === undefined ? byKey.get(key) : byLabel.get(pair(key, value))) ?? []);
}

/** Whether a selector selects any pod of a namespace. */
export function selectsAny(bucket: Bucket, selector: TrafficPolicy["selector"]): Maybe {
  let open = false;
  const visit = (workloads: Iterable<Workload>): boolean => {
    for (const { labels } of workloads) {
      const selected = selects(selector, labels);
      if (selected === true) return true;
      if (selected === undefined) open = true;
    }
    return false;
  };
  if (visit(candidates(bucket, selector)) || visit(bucket.unsureWorkloads)) return true;
  return open ? undefined : false;
}

/** The shortest list of workloads that have one of the labels that the selector asks for. */
function candidates(bucket: Bucket, selector: TrafficPolicy["selector"]): readonly Workload[] {
  if (selector.state !== "value") return bucket.workloads;
  let best: readonly Workload[] = bucket.workloads;
  for (const { key, operator } of selector.value) {
    if (operator !== "In") continue;
    const lists = (valuesOf(selector, key) ?? []).map((value) => bucket.workloadsByLabel.get(pair(key, value)) ?? []);
    const found = lists.length === 1 ? (lists[0] ?? []) : lists.flat();
    if (found.length < best.length) best = found;
  }
  return best;
}
