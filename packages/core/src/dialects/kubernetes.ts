import type { ReadExemptions } from "../exemption/read";
import { isBelow } from "../exemption/match";
import { joinExemptions, readExemptions } from "../exemption/read";
import { isObject, UNKNOWN, knownValue } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Gap, NamespacedObject, Workload } from "../inventory/members";
import type { Hole, Model, Namespace, NodeConfiguration, NotExamined, Resource, Subject } from "../model/subject";
import type { Node } from "../node";
import { at, isUnreadable, isUnset, members, node, numberField, stringField } from "../node";
import type { Address } from "./common";
import { quoted } from "./common";
import { connection, kubeconfigFlaws } from "./connection";
import { chartRepository, chartValues } from "./kubernetes-chart";
import { gatewayRouteMember, ingressMember, isGatewayRoute, podReach, serviceMember } from "./kubernetes-exposure";
import { clusterPolicyMember, gapOf, isClusterPolicy, isOtherPolicy, objectMember, perhapsClusterPolicy, policyMember, tenancyMember, unknownGap, workloadMember } from "./kubernetes-inventory";
import { configMapSubject, jobSubjects, secretSubject } from "./kubernetes-objects";
import { ingressClassSubject, ingressSubject, networkPolicySubject, serviceSubject } from "./kubernetes-network";
import { podSubjects } from "./kubernetes-pod";
import { peerAuthenticationSubject } from "./mesh";
import type { FoundPod } from "./pod-finder";
import { findPods, podContainers } from "./pod-finder";

/** Where the pod spec stands, by kind, in every API version that had it. */
const podSpecPaths: { readonly [kind: string]: readonly string[] } = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  Deployment: ["spec", "template", "spec"],
  DaemonSet: ["spec", "template", "spec"],
  StatefulSet: ["spec", "template", "spec"],
  ReplicaSet: ["spec", "template", "spec"],
  ReplicationController: ["spec", "template", "spec"],
  Job: ["spec", "template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};
const workloadGroups = new Set(["", "core", "apps", "batch", "extensions"]);

const patchReason = "a Patch is partial: what it leaves out stands elsewhere";
const releaseReason = "the rendered templates of a Helm Release never reach the engine: use the Chart resource (kubernetes.helm.v4.Chart), or `helm template | bulkhead check -`";
const fluxReason = "the cluster renders its templates: `helm template | bulkhead check -` shows them";
const noTemplateReason = "no dialect reads this kind, and no pod template was found in it";

/** Groups of Kubernetes itself that hold no containers outside the workload kinds. */
function isBuiltIn(group: string): boolean {
  return workloadGroups.has(group) || group === "policy" || group === "autoscaling" || group.endsWith(".k8s.io");
}

/** Groups whose documents quote pod specs that they do not run: schemas, policies. */
const quotingGroups = /^(apiextensions\.k8s\.io|admissionregistration\.k8s\.io|kyverno\.io|.*\.gatekeeper\.sh|policies\.kubewarden\.io)$/;

/** Components whose children are registered as resources of their own. */
const expandedTypes = /^kubernetes:(helm\.sh\/v[34]:Chart|yaml(\/v2)?:Config(File|Group)|kustomize(\/v2)?:Directory)$/;

const providerType = "pulumi:providers:kubernetes";

export function isKubernetesType(type: string): boolean {
  return type.startsWith("kubernetes:") || type === providerType;
}

/** Kinds of Kubernetes itself that hold no pod template, or, as a revision does, one that is not run. */
const plainKinds = new Set([
  "Endpoints", "EndpointSlice", "PersistentVolume", "Event", "Node",
  "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "HorizontalPodAutoscaler", "PodDisruptionBudget", "StorageClass", "CSIDriver",
  "PriorityClass", "RuntimeClass", "Lease", "APIService", "CertificateSigningRequest", "ControllerRevision",
]);

/** Kinds that count by being there. */
/** Groups of Istio and of Linkerd whose policies say who may call whom. */
const meshGroups: ReadonlySet<string> = new Set(["security.istio.io", "policy.linkerd.io"]);
const countedKinds: ReadonlySet<string> = new Set<NamespacedObject["kind"]>(["ServiceAccount", "LimitRange", "ResourceQuota", "PersistentVolumeClaim"]);

/** Whether a type's inputs can hold anything that is read here; a Role's cannot. */
export function isReadKubernetesType(type: string): boolean {
  const [, version = "", tokenKind = ""] = /^kubernetes:([^:]*):([^:]+)$/.exec(type) ?? [];
  const group = groupOf(version);
  if (expandedTypes.test(type) || quotingGroups.test(group)) return false;
  const kind = tokenKind.replace(/(Patch|List)$/, "");
  return !isBuiltIn(group) || !plainKinds.has(kind);
}

/** A Kubernetes object, or each member of a list kind. Of a Secret's data only whether there is any is read. */
export function readKubernetes(document: unknown, address: Address = {}): readonly Model[] {
  const root = node(document);
  const { group, kind, patch } = identify(root, address.type);
  if (address.type !== undefined && expandedTypes.test(address.type)) return [empty(named(root, kind, address), false)];
  if (address.type === providerType) return [provider(root, address)];
  if (group === "helm.sh" && kind === "Release") return [release(root, named(root, kind, address))];
  if (address.type === undefined && [at(root, "kind"), at(root, "apiVersion")].some((place) => place.value === UNKNOWN)) return [unnamed(root, address)];
  const items = kind.endsWith("List") ? at(root, "items") : undefined;
  if (items !== undefined && (Array.isArray(items.value) || items.value === UNKNOWN)) return listModels(root, items, kind, address);
  return [readObject({ ...root, partial: patch ? patchReason : undefined }, group, kind, named(root, kind, address))];
}

function provider(root: Node, address: Address): Model {
  const resource = { ...named(root, "Provider", {}), name: address.name ?? "(unnamed)", ...(address.urn === undefined ? {} : { urn: address.urn }) };
  const kubeconfig = at(root, "kubeconfig");
  const subjects = isUnset(kubeconfig) || kubeconfig.value === "" ? [] : [connection(resource, "cluster", kubeconfig, kubeconfigFlaws(kubeconfig))];
  return { ...empty(resource, false), subjects };
}

/** After the provider's Check the values of its files are among `values`. */
function release(root: Node, resource: Resource): Model {
  return { ...skipped(resource, releaseReason, true), subjects: [chartValues(resource, at(root, "values")), chartRepository(root, resource)], gaps: [releaseGap(root, resource)] };
}

function fluxRelease(root: Node, resource: Resource): Model {
  return { ...skipped(resource, fluxReason, true), subjects: [chartValues(resource, at(root, "spec", "values"))], gaps: [gapOf(root, "helm.toolkit.fluxcd.io", "HelmRelease", resource)] };
}

function listModels(root: Node, list: Node, kind: string, address: Address): readonly Model[] {
  const { items, unknown } = members(list);
  const resource = named(root, kind, address);
  if (unknown) return [wholeHole(resource, list)];
  const memberKind = kind === "List" ? undefined : kind.slice(0, -"List".length);
  const listVersion = stringField(at(root, "apiVersion"));
  return items.flatMap((item): readonly Model[] => {
    if (!isObject(item.value)) return [wholeHole(resource, item)];
    const own = identify(item, undefined);
    const group = own.kind === "" ? groupOf(knownValue(listVersion) ?? "") : own.group;
    const itemKind = own.kind === "" ? (memberKind ?? "") : own.kind;
    const nested = at(item, "items");
    if (itemKind.endsWith("List") && Array.isArray(nested.value)) return listModels(item, nested, itemKind, address);
    return [readObject(item, group, itemKind, named(item, itemKind, address))];
  });
}

function readObject(root: Node, group: string, kind: string, resource: Resource): Model {
  const model = readKind(root, group, kind, resource);
  const own = annotated(at(root, "metadata"), resource);
  if (own.exemptions.length === 0 && own.holes.length === 0) return model;
  return { ...model, holes: [...model.holes, ...own.holes], exemptions: [...own.exemptions, ...(model.exemptions ?? [])] };
}

function annotated(metadata: Node, resource: Resource, scope?: Pick<CodeExemption, "within" | "except">): ReadExemptions {
  const annotations = at(metadata, "annotations");
  return readExemptions(isUnreadable(annotations) ? { ...annotations, value: UNKNOWN } : annotations, resource, quoted(resource), scope);
}

/** A template's exemptions are for its own pod, not for those that stand inside of it. */
function scopeOf({ path }: Node, pods: readonly FoundPod[]): Pick<CodeExemption, "within" | "except"> {
  const places = pods.map(({ spec }) => (spec.path.at(-1) === "spec" ? spec.path.slice(0, -1) : spec.path));
  return { within: path, except: places.filter((place) => place.length > path.length && isBelow(place, path)) };
}

function readKind(root: Node, group: string, kind: string, resource: Resource): Model {
  const path = workloadGroups.has(group) && Object.hasOwn(podSpecPaths, kind) ? podSpecPaths[kind] : undefined;
  if (path !== undefined) return withJobs(podModel([standard(at(root, ...path))], resource, root, false), root);
  if (kind === "Namespace" && workloadGroups.has(group)) return { ...empty(resource, false), subjects: [namespaceSubject(root, resource)], members: root.partial === undefined ? [tenancyMember(root, resource)] : [] };
  if (countedKinds.has(kind) && (group === "" || group === "core")) return { ...empty(resource, false), members: [objectMember(root, kind as NamespacedObject["kind"], resource)] };
  if (kind === "AuthorizationPolicy" && meshGroups.has(group)) return { ...empty(resource, false), members: [objectMember(root, kind, resource)] };
  if (kind === "Secret" && (group === "" || group === "core")) return { ...empty(resource, false), subjects: [secretSubject(root, resource)] };
  if (kind === "ConfigMap" && (group === "" || group === "core")) return { ...empty(resource, false), subjects: [configMapSubject(root, resource)] };
  if (kind === "Service" && (group === "" || group === "core")) return { ...empty(resource, false), subjects: [serviceSubject(root, resource)], members: [serviceMember(root, resource)] };
  if (kind === "Ingress" && (group === "networking.k8s.io" || group === "extensions")) return { ...empty(resource, false), subjects: [ingressSubject(root, resource)], members: [ingressMember(root, resource)] };
  if (isGatewayRoute(group, kind)) return { ...empty(resource, false), members: [gatewayRouteMember(root, resource)] };
  if (kind === "IngressClass" && group === "networking.k8s.io") return { ...empty(resource, false), subjects: [ingressClassSubject(root, resource)] };
  if (kind === "PeerAuthentication" && group === "security.istio.io") return { ...empty(resource, false), subjects: [peerAuthenticationSubject(root, resource)] };
  if (kind === "NetworkPolicy" && (group === "networking.k8s.io" || group === "extensions")) return policyModel(root, resource);
  if (isClusterPolicy(group, kind) && root.partial === undefined) return { ...empty(resource, false), members: [clusterPolicyMember(root, resource)], gaps: [gapOf(root, group, kind, resource)] };
  if (isOtherPolicy(group, kind)) return { ...skipped(resource, noTemplateReason, false), gaps: [gapOf(root, group, kind, resource)] };
  if (kind === "KubeletConfiguration" && group === "kubelet.config.k8s.io") return { ...empty(resource, false), subjects: [kubeletSubject(root, resource)] };
  if (kind === "HelmRelease" && group === "helm.toolkit.fluxcd.io") return fluxRelease(root, resource);
  if (quotingGroups.test(group) || (isBuiltIn(group) && plainKinds.has(kind))) return empty(resource, false);
  if (!isBuiltIn(group) && at(root, "spec").value === UNKNOWN) return { ...empty(resource, true), holes: [everyHole(resource, at(root, "spec"))], gaps: [gapOf(root, group, kind, resource)] };
  const { pods, values, texts } = findPods(root, !workloadGroups.has(group) && group !== "policy");
  if (pods.length === 0 && values.length === 0 && isBuiltIn(group)) return empty(resource, false);
  const model = pods.length === 0 ? skipped(resource, noTemplateReason, false) : podModel(pods, resource, root, true);
  const unread = texts.map(({ place, reason }): NotExamined => ({ resource, path: place.path, reason }));
  const gaps = pods.every(({ isFragment }) => isFragment) ? { gaps: [gapOf(root, group, kind, resource)] } : {};
  return { ...model, subjects: [...model.subjects, ...values.map((place) => chartValues(resource, place))], notExamined: [...model.notExamined, ...unread], ...gaps };
}

function standard(spec: Node): FoundPod {
  return { spec, defaults: undefined, isFragment: false, ...podContainers(spec) };
}

/** A Patch says only a part of a policy that stands elsewhere. */
function policyModel(root: Node, resource: Resource): Model {
  const model = { ...empty(resource, false), subjects: [networkPolicySubject(root, resource)] };
  if (root.partial === undefined) return { ...model, members: [policyMember(root, resource)] };
  return { ...model, gaps: [{ namespace: stringField(at(root, "metadata", "namespace")), holds: "anything", reason: `depends on ${quoted(resource)}, of which only a part is said` }] };
}

function releaseGap(root: Node, resource: Resource): Gap {
  return { namespace: stringField(at(root, "namespace")), holds: "anything", reason: `depends on the Helm Release "${resource.name}", whose templates are not examined` };
}

/** A list, or a member of one, that is not known may hold anything. */
function wholeHole(resource: Resource, place: Node): Model {
  const hole = everyHole(resource, place);
  return { ...empty(resource, true), holes: [{ ...hole, about: [...hole.about, "workload", "tenancy", "trafficPolicy"] }], gaps: [unknownGap(resource, place)], members: [perhapsClusterPolicy(place, resource)] };
}

function podModel(pods: readonly FoundPod[], resource: Resource, root: Node, custom: boolean): Model {
  const subjects: Subject[] = [];
  const workloads: Workload[] = [];
  const holes: Hole[] = [];
  const notExamined: NotExamined[] = [];
  const templates = pods.filter(({ spec }) => spec.path.at(-1) === "spec" && spec.path.length > root.path.length + 1).map(({ spec }) => at(root, ...spec.path.slice(root.path.length, -1)));
  const exempt = joinExemptions(templates.filter(({ value }) => value !== UNKNOWN).map((template) => annotated(at(template, "metadata"), resource, pods.length > 1 ? scopeOf(template, pods) : undefined)));
  for (const pod of pods) {
    const { spec, isFragment } = pod;
    // A pod that no template surrounds gets its labels from the controller.
    const metadata = custom && spec.path.at(-1) !== "spec" ? at(root, "metadata") : at(root, ...spec.path.slice(root.path.length, -1), "metadata");
    const found = isObject(spec.value) ? podSubjects(pod, metadata, at(root, "metadata"), resource, stringField(at(root, "metadata", "namespace"))) : undefined;
    if (!isFragment && resource.kind !== "PodTemplate" && !isUnset(spec)) workloads.push({ ...workloadMember(pod, metadata, resource, root, custom), ...podReach(spec, found) });
    if (spec.value === UNKNOWN) holes.push(everyHole(resource, spec, templates.some(({ value }) => value === UNKNOWN)));
    else if (found !== undefined) {
      subjects.push(...found.subjects);
      holes.push(...found.holes);
    } else if (root.partial !== undefined) notExamined.push({ resource, path: spec.path, reason: root.partial });
    else notExamined.push({ resource, path: spec.path, reason: isUnset(spec) ? "it has no pod spec" : "its pod spec is not an object" });
  }
  return { resource, subjects, holes: [...holes, ...exempt.holes], members: workloads, notExamined, exemptions: exempt.exemptions, holdsContainers: true };
}

function withJobs(model: Model, root: Node): Model {
  const jobs = jobSubjects(root, model.resource);
  return jobs.length === 0 ? model : { ...model, subjects: [...model.subjects, ...jobs] };
}

function namespaceSubject(root: Node, resource: Resource): Namespace {
  const labels = at(root, "metadata", "labels");
  return {
    about: "namespace", resource, label: quoted(resource), path: root.path,
    enforce: stringField(at(labels, "pod-security.kubernetes.io/enforce")),
    enforceVersion: stringField(at(labels, "pod-security.kubernetes.io/enforce-version")),
  };
}

function kubeletSubject(root: Node, resource: Resource): NodeConfiguration {
  return { about: "node", resource, label: quoted(resource), path: root.path, pidsLimit: numberField(at(root, "podPidsLimit")) };
}

function everyHole(resource: Resource, place: Node, exemptions = true): Hole {
  return { about: ["pod", "container", "image", "volume", ...(exemptions ? ["exemption" as const] : [])], resource, label: quoted(resource), path: place.path, ...(place.reason === undefined ? {} : { reason: place.reason }) };
}

/** A document whose kind is not known may be anything. */
function unnamed(root: Node, address: Address): Model {
  const resource = named(root, "(unknown kind)", address);
  const hole = { ...everyHole(resource, at(root, "kind")), about: ["pod", "container", "image", "volume", "namespace", "node", "service", "ingress", "ingressClass", "networkPolicy", "peerAuthentication", "job", "cronJob", "secret", "configMap", "chartValues", "workload", "tenancy", "trafficPolicy", "exemption"] } as const;
  return { ...empty(resource, true), holes: [hole], gaps: [unknownGap(resource, at(root, "kind"))], members: [perhapsClusterPolicy(root, resource)] };
}

function empty(resource: Resource, holdsContainers: boolean): Model {
  return { resource, subjects: [], holes: [], notExamined: [], holdsContainers };
}

function skipped(resource: Resource, reason: string, holdsContainers: boolean): Model {
  return { ...empty(resource, holdsContainers), notExamined: [{ resource, path: [], reason }] };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The token decides; `kubernetes:apps/v1:DeploymentPatch` is a Deployment of which only a part is said. */
function identify(root: Node, type: string | undefined): { readonly group: string; readonly kind: string; readonly patch: boolean } {
  const token = type === undefined ? undefined : /^kubernetes:([^:]*):([^:]+)$/.exec(type);
  if (token === null || token === undefined) {
    return { group: groupOf(knownValue(stringField(at(root, "apiVersion"))) ?? ""), kind: knownValue(stringField(at(root, "kind"))) ?? "", patch: false };
  }
  const [, version = "", tokenKind = ""] = token;
  const patch = tokenKind.endsWith("Patch") && at(root, "kind").value !== tokenKind;
  return { group: groupOf(version), kind: patch ? tokenKind.slice(0, -"Patch".length) : tokenKind, patch };
}

function named(root: Node, kind: string, address: Address): Resource {
  const metadata = at(root, "metadata");
  const name = knownValue(stringField(at(metadata, "name"))) ?? knownValue(stringField(at(metadata, "generateName")));
  const namespace = knownValue(stringField(at(metadata, "namespace")));
  return {
    platform: "kubernetes", kind, name: name ?? address.name ?? "(unnamed)",
    ...(namespace === undefined ? {} : { namespace }),
    ...(address.urn === undefined ? {} : { urn: address.urn }),
  };
}
