import type { EvaluationContext } from "../context";
import type { Field, Path } from "../field";
import { elsewhere, known, knownValue, unknown, unsupported } from "../field";
import type { Bucket, Gaps, Index } from "./buckets";
import { defaultNamespace, indexMembers, nameLabel, otherPolicies, policiesSelecting, selectsAny } from "./buckets";
import type { Attachment, ContainerNetwork, DockerContainer, Gap, Member, NamespacedObject, PolicyPeer, StorageUse, Tenancy, TrafficPolicy, Workload } from "./members";
import type { ExposureIndex } from "./exposure";
import { exposuresOf, indexExposures } from "./exposure";
import type { Drift, Drifting, MetadataEgress, NetworkJudge } from "../network/source";
import { labelsOf, networkStack } from "./network-stack";
import type { NetworkIndex } from "./networks";
import { attachedTo, indexNetworks, isBackendInternal, minglingOn } from "./networks";
import type { Shared, SharedIndex, Sharer } from "./shared";
import { indexShared, sharedBy, storageScope, userScope } from "./shared";
import type { Found } from "./tenancies";
import { tenancies } from "./tenancies";
import { indexPidsLimits, pidsLimitOf } from "./pids-limits";
import { otherSetting, selects, through, valuesOf } from "./selector";
import type { Maybe } from "./traffic";
import { anyOf, both, isWideOpen, letsOutToDns, maybeOf } from "./traffic";

/**
 * What the whole stack says of one subject. Every answer is a field at a setting of the subject itself: unknown where a
 * setting of another document decides and cannot be known, or where what is missing may stand elsewhere.
 */
export interface Inventory {
  /** Whether a NetworkPolicy selects the pods. */
  readonly isSelected: (workload: Workload) => Field<boolean>;
  /** Whether every pod of the namespace is isolated in a direction, but for what policies let through. */
  readonly deniesByDefault: (tenancy: Tenancy, direction: "ingress" | "egress") => Field<boolean>;
  /** Whether the policy selects any pod. */
  readonly selectsPods: (policy: TrafficPolicy) => Field<boolean>;
  /** The peers of the policy that select no pod. */
  readonly danglingPeers: (policy: TrafficPolicy) => Field<readonly Path[]>;
  /** The protocols over which pods that are isolated cannot ask a name server. */
  readonly blockedDns: (workload: Workload) => Field<readonly string[]>;
  /** How the pods reach the instance metadata; unsupported where nobody evaluates policies. */
  readonly metadataEgress: (workload: Workload) => Field<MetadataEgress>;
  /** Where the subject differs from the accepted flows; unsupported where nobody evaluates policies. */
  readonly drift: (subject: Drifting) => Field<readonly Drift[]>;
  readonly serviceAccountExists: (workload: Workload) => Field<boolean>;
  /** Whether the namespace has an object of a kind. */
  readonly holds: (tenancy: Tenancy, kind: NamespacedObject["kind"]) => Field<boolean>;
  /** Whether the namespace says who may call its pods, as far as it is in a mesh that could ask: true for one in none. */
  readonly authorizesCallers: (tenancy: Tenancy) => Field<boolean>;
  /** Whether the container publishes a port, or is on internal networks only. */
  readonly isBackendInternal: (attachment: Attachment) => Field<boolean>;
  /** The storage that others write to as well; said of the first of them by name. */
  readonly sharedStorage: (sharer: Sharer) => Field<readonly Shared[]>;
  /** The user ids that others run as too; said of the first of them by name. */
  readonly sharedUsers: (sharer: Sharer) => Field<readonly Shared[]>;
  /** How many processes a container may have by another resource of the stack; unset where none says. */
  readonly pidsLimit: (container: DockerContainer) => Field<number>;
  /** How the containers are reached from outside of the cluster or the host, in words; empty where they are not. */
  readonly exposures: (sharer: Sharer) => Field<readonly string[]>;
  /** How many containers, or services, are on the network. */
  readonly attached: (network: ContainerNetwork) => Field<number>;
  /** How many of them reach each other there although it leads outside. */
  readonly mingling: (network: ContainerNetwork) => Field<number>;
}

interface World {
  readonly index: Index;
  readonly networks: NetworkIndex;
  readonly storage: SharedIndex;
  readonly users: SharedIndex;
  readonly exposures: ExposureIndex;
  readonly closed: boolean;
  /** Why not everything of the program is in view, or undefined. */
  readonly incomplete: string | undefined;
}

export function createInventory(members: Iterable<Member>, gaps: Iterable<Gap>, context: EvaluationContext, incomplete?: string): Inventory & { readonly tenancies: () => readonly Found[] } {
  const index = indexMembers(members, gaps);
  const sharers: readonly Sharer[] = [...index.workloads, ...index.attachments];
  const world: World = { index, networks: indexNetworks(index.networks, index.attachments), storage: indexShared(sharers, ({ storage }) => storage, storageScope), users: indexShared(sharers, ({ users }) => users, userScope), exposures: indexExposures(index), closed: context.closedWorld === true, incomplete };
  const pidsLimits = indexPidsLimits(index.pidsLimits);
  let judge: NetworkJudge | undefined;
  const ask = <T>(path: Path, question: (judge: NetworkJudge) => Field<T>): Field<T> => {
    if (context.network === undefined) return unsupported(path, "nothing here evaluates who may talk to whom");
    judge ??= context.network.judge(networkStack(index, (namespace) => absenceIn(world, namespace), incomplete));
    return question(judge);
  };
  const inBucket = <T>(namespace: Workload["namespace"], judge: (bucket: Bucket) => Field<T>): Field<T> => {
    if (namespace.state === "unknown") return unknown(namespace.path, namespace.reason);
    const bucket = index.buckets.get(knownValue(namespace) || defaultNamespace);
    return bucket === undefined ? unknown(namespace.path) : judge(bucket);
  };
  const holds: Inventory["holds"] = (tenancy, kind) => inBucket(tenancy.name, (bucket) => decide(bucket.objects.has(kind) || perhaps(index.floating.objects.has(kind)), tenancy.name.path, absence(world, bucket)));
  return {
    tenancies: () => tenancies(index),
    isSelected: (workload) => inBucket(workload.namespace, (bucket) => isSelected(world, bucket, workload)),
    deniesByDefault: (tenancy, direction) => inBucket(tenancy.name, (bucket) => deniesByDefault(world, bucket, tenancy, direction)),
    selectsPods: (policy) => inBucket(policy.namespace, (bucket) => selectsPods(world, bucket, policy)),
    danglingPeers: (policy) => danglingPeers(world, policy),
    blockedDns: (workload) => inBucket(workload.namespace, (bucket) => blockedDns(world, bucket, workload)),
    metadataEgress: (workload) => ask(workload.labels.path, ({ metadataEgress }) => metadataEgress(workload)),
    drift: (subject) => ask(subject.path, ({ drift }) => drift(subject)),
    serviceAccountExists: (workload) => inBucket(workload.namespace, (bucket) => serviceAccountExists(world, bucket, workload)),
    holds,
    authorizesCallers: (tenancy) => {
      const { mesh } = tenancy;
      if (mesh.state === "unknown") return unknown(mesh.path, mesh.reason);
      return mesh.state === "value" ? holds(tenancy, "AuthorizationPolicy") : known(true, mesh.path);
    },
    isBackendInternal: (attachment) => isBackendInternal(attachment, world.networks, world),
    sharedStorage: (sharer) => sharedBy(sharer, sharer.storage, world.storage, storageScope, (use) => otherWriters(world, sharer, use)),
    sharedUsers: (sharer) => sharedBy(sharer, sharer.users, world.users, userScope, () => incomplete ?? (sharer.about === "workload" ? index.firstGap?.reason : undefined)),
    pidsLimit: (container) => pidsLimitOf(container, pidsLimits, incomplete),
    exposures: (sharer) => exposuresOf(sharer, world.exposures, (namespace) => absenceOfPods(world, index.buckets.get(namespace))),
    attached: (network) => attachedTo(network, world.networks),
    mingling: (network) => minglingOn(network, world.networks),
  };
}

const perhaps = (open: boolean): Maybe => (open ? undefined : false);

/** Why what is not there may be elsewhere, or undefined where it cannot. */
function absence({ index, closed, incomplete }: World, bucket: Bucket, holds: Gap["holds"] = "anything"): string | undefined {
  const gap = gapIn(bucket.gaps, holds) ?? gapIn(index.floating.gaps, holds);
  if (gap !== undefined) return gap.reason;
  if (incomplete !== undefined) return incomplete;
  if (closed || bucket.declared !== undefined) return undefined;
  return elsewhereReason(bucket.name);
}

const absenceOfPods = (world: World, bucket: Bucket | undefined): string | undefined => (bucket === undefined ? otherSetting : absence(world, bucket, "pods"));
const elsewhereReason = (namespace: string): string => `depends on what is in the namespace "${namespace}", which is made elsewhere`;

/** Why policies that are not here may stand elsewhere; those of the cluster stand in the program, and are evaluated with it. */
function absenceIn(world: World, namespace: string): string | undefined {
  const bucket = world.index.buckets.get(namespace);
  if (bucket !== undefined) return absence(world, bucket);
  return world.incomplete ?? gapIn(world.index.floating.gaps, "anything")?.reason ?? (world.closed ? undefined : elsewhereReason(namespace));
}

/** What may hold anything may hold pods, or a policy. */
function gapIn(gaps: Gaps, holds: Gap["holds"]): Gap | undefined {
  return gaps.get("anything") ?? gaps.get(holds);
}

/** A verdict: true and false as they are, but false only where nothing can be elsewhere. */
function decide(found: Maybe, path: Path, missing: string | undefined): Field<boolean> {
  if (found === true) return known(true, path);
  if (found === undefined) return unknown(path, otherSetting);
  return missing === undefined ? known(false, path) : elsewhere(path, missing);
}

function isSelected(world: World, bucket: Bucket, { labels }: Workload): Field<boolean> {
  const { certain, perhaps: open } = policiesSelecting(bucket, labels);
  const found = certain.length > 0 || perhaps(open.length > 0 || world.index.floating.policies.length > 0);
  const verdict = decide(found, labels.path, absence(world, bucket, "clusterPolicies"));
  return found === undefined ? through(labels, verdict) : verdict;
}

function deniesByDefault(world: World, bucket: Bucket, { name }: Tenancy, direction: "ingress" | "egress"): Field<boolean> {
  const found = anyOf(otherPolicies(bucket), (policy) => {
    const isolates = direction === "ingress" ? policy.isolatesIngress : policy.isolatesEgress;
    const rules = policy[direction];
    const wide = rules.state === "value" ? anyOf(rules.value, isWideOpen) : undefined;
    const narrow = wide === true ? false : wide === undefined || (rules.state === "value" && rules.partial === true) ? undefined : true;
    return both(both(isEmpty(policy), () => maybeOf(isolates)), () => narrow);
  });
  return decide(found || perhaps(found === undefined || world.index.floating.policies.length > 0), name.path, absence(world, bucket, "clusterPolicies"));
}

/** Whether a policy selects every pod there can be. */
function isEmpty({ selector }: TrafficPolicy): Maybe {
  if (selector.state !== "value") return undefined;
  return selector.value.length > 0 ? false : selector.partial === true ? undefined : true;
}

function selectsPods(world: World, bucket: Bucket, { selector }: TrafficPolicy): Field<boolean> {
  // A policy for every pod waits for pods; it does not miss any.
  if (isEmpty({ selector } as TrafficPolicy) === true) return known(true, selector.path);
  if (selector.state === "unsupported") return unsupported(selector.path, selector.reason);
  const found = selectsAny(bucket, selector);
  const answer = decide(found || perhaps(found === undefined || world.index.floating.workloads.length > 0), selector.path, absence(world, bucket, "pods"));
  return answer.state === "unknown" && selector.state === "unknown" ? unknown(selector.path, selector.reason) : answer;
}

function danglingPeers(world: World, policy: TrafficPolicy): Field<readonly Path[]> {
  const { selector } = policy;
  const rules = [policy.ingress, policy.egress];
  const lists = rules.flatMap((field) => (field.state === "value" ? field.value.map((rule) => rule.peers) : []));
  const unread = [...rules, ...lists].find((field) => field.state === "unknown" || (field.state === "value" && field.partial === true));
  const peers = lists.flatMap((field) => (field.state === "value" ? field.value : []));
  const dangling: Path[] = [];
  let reason: Field<never> | undefined = unread === undefined ? undefined : unknown(unread.path);
  for (const peer of peers) {
    const lives = peerLives(world, policy, peer);
    if (lives.state === "value" && !lives.value) dangling.push(peer.path);
    else if (lives.state === "unknown") reason ??= lives as Field<never>;
  }
  const first = dangling[0];
  if (first === undefined && reason !== undefined) return reason;
  return { ...known(dangling, first ?? selector.path), ...(reason === undefined ? {} : { partial: true }) };
}

/** Every cluster has it, with pods of the cluster's own. */
const systemNamespace = "kube-system";

/** Whether a peer selects any pod. */
function peerLives(world: World, policy: TrafficPolicy, peer: PolicyPeer): Field<boolean> {
  if (peer.kind === "addresses") return known(true, peer.path);
  const { namespaces, pods, path } = peer;
  if (namespaces.state === "unset") {
    if (policy.namespace.state === "unknown") return unknown(path, otherSetting);
    const own = world.index.buckets.get(knownValue(policy.namespace) || defaultNamespace);
    return own === undefined ? unknown(path, otherSetting) : livesIn(world, [own], namespaces, pods, path, () => absence(world, own, "pods"));
  }
  const names = valuesOf(namespaces, nameLabel);
  if (names?.includes(systemNamespace) === true) return known(true, path);
  if (names === undefined) return livesIn(world, world.index.buckets.values(), namespaces, pods, path, () => world.closed ? whole(world) : "depends on namespaces that are made elsewhere");
  const buckets = names.flatMap((name) => world.index.buckets.get(name) ?? []);
  const absent = names.find((name) => !world.index.buckets.has(name));
  const missing = (): string | undefined => {
    if (absent !== undefined && !world.closed) return elsewhereReason(absent);
    return buckets.map((bucket) => absence(world, bucket, "pods")).find((why) => why !== undefined) ?? whole(world);
  };
  return livesIn(world, buckets, namespaces, pods, path, missing);
}

/** Why not everything of the program is in view, whatever the namespace. */
function whole({ index, incomplete }: World): string | undefined {
  return incomplete ?? gapIn(index.floating.gaps, "pods")?.reason;
}

function livesIn(world: World, buckets: Iterable<Bucket>, namespaces: PolicyRulePods["namespaces"], pods: PolicyRulePods["pods"], path: Path, missing: () => string | undefined): Field<boolean> {
  const { floating } = world.index;
  const found = anyOf(buckets, (bucket) => both(namespaces.state === "unset" ? true : selects(namespaces, labelsOf(bucket)), () => (pods.state === "value" && pods.value.length === 0 && pods.partial !== true ? true : selectsAny(bucket, pods))));
  const loose = floating.workloads.length > 0 || (namespaces.state !== "unset" && floating.tenancies.length > 0);
  const unsure = found === undefined || loose;
  const why = found === true ? undefined : missing();
  return decide(found || perhaps(unsure && (world.closed || why === undefined)), path, why);
}
type PolicyRulePods = Extract<PolicyPeer, { kind: "pods" }>;

interface Egress {
  readonly certain: readonly TrafficPolicy[];
  readonly isolated: Maybe;
  readonly perhaps: readonly TrafficPolicy[];
}

/** The policies that say where pods may send to. */
function egressOf(world: World, bucket: Bucket, { labels }: Workload): Egress {
  const { certain, perhaps: open } = policiesSelecting(bucket, labels);
  const others = [...open, ...world.index.floating.policies.slice(0, 1)];
  const isolated = anyOf(certain, ({ isolatesEgress }) => maybeOf(isolatesEgress));
  return { certain, perhaps: others, isolated: isolated || (isolated === undefined || others.some(({ isolatesEgress }) => maybeOf(isolatesEgress) !== false) ? undefined : false) };
}

function blockedDns(world: World, bucket: Bucket, workload: Workload): Field<readonly string[]> {
  const { path } = workload.labels;
  const { certain, perhaps: others, isolated } = egressOf(world, bucket, workload);
  if (isolated === false) return known([], path);
  const verdicts = (["UDP", "TCP"] as const).map((protocol) => [protocol, anyOf(certain, (policy) => letsOutToDns(policy, protocol, bucket.name)), others.some((policy) => letsOutToDns(policy, protocol, bucket.name) !== false)] as const);
  const blocked = verdicts.filter(([, allowed]) => allowed !== true);
  if (blocked.length === 0) return known([], path);
  if (isolated === undefined || blocked.some(([, allowed, other]) => allowed === undefined || other)) return through(workload.labels, unknown(path, otherSetting));
  const denied = decide(false, path, absence(world, bucket, "clusterPolicies"));
  return denied.state === "value" ? known(blocked.map(([protocol]) => protocol), path) : (denied as Field<never>);
}

function serviceAccountExists(world: World, bucket: Bucket, { serviceAccount }: Workload): Field<boolean> {
  if (serviceAccount.state !== "value") return serviceAccount.state === "unset" ? known(true, serviceAccount.path) : (serviceAccount as Field<never>);
  const name = serviceAccount.value;
  if (name === "" || name === "default") return known(true, serviceAccount.path);
  const [own, floating] = [bucket.objects, world.index.floating.objects].map((objects) => objects.get("ServiceAccount"));
  const found = own?.has(name) === true || perhaps(own?.has(undefined) === true || floating?.has(name) === true || floating?.has(undefined) === true);
  return decide(found, serviceAccount.path, absence(world, bucket));
}

/** Why others may write to storage that are not in view. What the program itself makes is not mounted by others unseen. */
function otherWriters(world: World, sharer: Sharer, { name, elsewhere: isOutside }: StorageUse): string | undefined {
  if (sharer.about === "attachment") return world.incomplete ?? (isOutside === true && !world.closed ? `depends on who else mounts the volume "${name}", which is made elsewhere` : undefined);
  const bucket = world.index.buckets.get(knownValue(sharer.namespace) || defaultNamespace);
  if (bucket === undefined) return otherSetting;
  const isOwn = bucket.objects.get("PersistentVolumeClaim")?.has(name) === true;
  return absence(isOwn ? { ...world, closed: true } : world, bucket, "pods");
}
