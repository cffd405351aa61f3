import type { Field, PlainObject } from "../field";
import { isObject, known, knownValue, mapField, UNKNOWN, unknown, unset } from "../field";
import type { AddressBlock, ClusterPolicy, Gap, NamespacedObject, PodPort, PolicyPeer, PolicyPort, PolicyRule, Tenancy, TrafficPolicy, Workload } from "../inventory/members";
import type { Labels } from "../inventory/selector";
import { labelsField, selectorField } from "../inventory/selector";
import type { Resource } from "../model/subject";
import type { Node } from "../node";
import { at, booleanField, isUnreadable, isUnset, members, numberField, stringField, stringsField } from "../node";
import { inherit } from "./collected";
import { quoted } from "./common";
import { meshOf } from "./mesh";
import { claimsOf, usersOf } from "./kubernetes-shared";
import type { FoundPod } from "./pod-finder";

/** A policy by which another kind than NetworkPolicy isolates pods. */
const otherPolicies = /^(cilium\.io Cilium(Clusterwide)?NetworkPolicy|(crd\.)?projectcalico\.org (Global)?NetworkPolicy|policy\.networking\.k8s\.io \w+|crd\.antrea\.io \w*NetworkPolicy)$/;
/** Policies of the whole cluster that Kubernetes itself defines: they add to, and take from, what a NetworkPolicy lets through. */
const clusterPolicies = /^policy\.networking\.k8s\.io (Cluster|Admin|BaselineAdmin)NetworkPolicy$/;
/** What brings documents of its own into a cluster. */
const deliveries = /^(argoproj\.io Application(Set)?|(helm|kustomize)\.toolkit\.fluxcd\.io (HelmRelease|Kustomization)|helm\.cattle\.io HelmChart|fleet\.cattle\.io \w+)$/;

/** The pods of a workload. Those of a custom resource may get labels of their own from its controller. */
export function workloadMember(pod: FoundPod, metadata: Node, resource: Resource, root: Node, custom: boolean): Omit<Workload, "images" | "exposures"> {
  const { spec } = pod;
  const base = { name: nameField(root), hostNetwork: booleanField(at(spec, "hostNetwork")), ports: portsOf(pod), storage: claimsOf(pod), users: usersOf(pod), about: "workload", resource, label: quoted(resource), path: spec.path, namespace: stringField(at(root, "metadata", "namespace")), serviceAccount: accountField(spec) } as const;
  const own = labelsField(at(metadata, "labels"));
  if (!custom) return { ...base, labels: resource.kind === "Job" ? jobLabels(own, resource.name) : own };
  if (metadata.path.length === root.path.length + 1) return { ...base, labels: unknown(own.path, "is for the pods to be decided by the controller of the custom resource") };
  return { ...base, labels: own.state === "value" ? { ...own, partial: true } : own };
}

/** The ports of every container: a sidecar among the init containers listens too. */
function portsOf({ spec, containers, open }: FoundPod): Field<readonly PodPort[]> {
  const found: PodPort[] = [];
  let isOpen = open.length > 0;
  for (const [container] of containers) {
    const { items, unknown: isUnknown } = members(at(container, "ports"));
    if (isUnknown) isOpen = true;
    for (const item of items) {
      const [name, port, protocol] = [stringField(at(item, "name")), numberField(at(item, "containerPort")), stringField(at(item, "protocol"))];
      if (port.state !== "value" || name.state === "unknown" || protocol.state === "unknown") isOpen = true;
      else found.push({ ...(name.state === "value" ? { name: name.value } : {}), port: port.value, protocol: knownValue(protocol) ?? "TCP" });
    }
  }
  return { ...known(found, at(spec, "containers").path), ...(isOpen ? { partial: true } : {}) };
}

/** Kinds of policy.networking.k8s.io, which hold for the whole cluster. */
export function clusterPolicyMember(root: Node, resource: Resource): ClusterPolicy {
  const spec = at(root, "spec");
  const text = stringField(at(root, "apiVersion"));
  const isWhole = isObject(spec.value) && !holdsUnknown(spec.value);
  return {
    about: "clusterPolicy", resource, label: quoted(resource), path: root.path, kind: resource.kind, name: resource.name,
    apiVersion: text.state === "value" ? text : unknown(text.path),
    spec: isWhole ? known(spec.value as PlainObject, spec.path) : unknown(spec.path),
  };
}

/** What may be anything may be a policy that decides for every pod. */
export function perhapsClusterPolicy(place: Node, resource: Resource): ClusterPolicy {
  return { about: "clusterPolicy", resource, label: quoted(resource), path: place.path, kind: resource.kind, name: resource.name, apiVersion: unknown(place.path), spec: unknown(place.path) };
}

function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** `serviceAccount` is the deprecated name of the same setting, and counts where the other is not set. */
function accountField(spec: Node): Field<string> {
  return inherit(stringField(at(spec, "serviceAccountName")), stringField(at(spec, "serviceAccount")));
}

/** Labels that the job controller gives. */
function jobLabels(labels: Field<Labels>, name: string): Field<Labels> {
  return mapField(labels, (own) => new Map([["job-name", name], ["batch.kubernetes.io/job-name", name], ...own]));
}

export function tenancyMember(root: Node, resource: Resource): Tenancy {
  return { about: "tenancy", resource, label: quoted(resource), path: root.path, name: nameField(root), labels: labelsField(at(root, "metadata", "labels")), mesh: meshOf(at(root, "metadata")), declared: true };
}

export function objectMember(root: Node, kind: NamespacedObject["kind"], resource: Resource): NamespacedObject {
  return { about: "namespacedObject", kind, resource, label: quoted(resource), path: root.path, name: nameField(root), namespace: stringField(at(root, "metadata", "namespace")) };
}

/** A name that is left out is made up when the object is created. */
function nameField(root: Node): Field<string> {
  const name = stringField(at(root, "metadata", "name"));
  return name.state === "value" ? name : unknown(name.path);
}

export function policyMember(root: Node, resource: Resource): TrafficPolicy {
  const spec = at(root, "spec");
  return {
    about: "trafficPolicy", resource, label: quoted(resource), path: root.path,
    namespace: stringField(at(root, "metadata", "namespace")),
    selector: selectorField(at(spec, "podSelector")),
    isolatesIngress: isolates(spec, "Ingress"),
    isolatesEgress: isolates(spec, "Egress"),
    ingress: each(at(spec, "ingress"), (rule) => ruleOf(rule, "from")),
    egress: each(at(spec, "egress"), (rule) => ruleOf(rule, "to")),
  };
}

/** Without policyTypes a policy is about ingress, and about egress where it has a rule for it (k8s.io/api networking/v1 types.go). */
function isolates(spec: Node, direction: "Ingress" | "Egress"): Field<boolean> {
  const list = at(spec, "policyTypes");
  const types = stringsField(list);
  if (types.state === "unknown") return unknown(list.path, types.reason);
  const given = knownValue(types) ?? [];
  const partial = types.state === "value" && types.partial === true;
  if (given.includes(direction)) return known(true, list.path);
  if (partial) return unknown(list.path);
  if (given.length > 0) return known(false, list.path);
  if (direction === "Ingress") return known(true, list.path);
  const rules = members(at(spec, "egress"));
  return rules.unknown ? unknown(list.path) : known(rules.items.length > 0, list.path);
}

/** The members of a list that can be read; the others make it partial. */
function each<T>(list: Node, read: (item: Node) => T | undefined): Field<readonly T[]> {
  const { items, unknown: open } = members(list);
  if (open) return unknown(list.path);
  const values = items.map((item) => (isObject(item.value) ? read(item) : undefined));
  const found = values.flatMap((value) => (value === undefined ? [] : [value]));
  return { ...known(found, list.path), ...(found.length < values.length ? { partial: true } : {}) };
}

function ruleOf(rule: Node, peers: "from" | "to"): PolicyRule {
  return { path: rule.path, peers: each(at(rule, peers), peerOf), ports: each(at(rule, "ports"), portOf) };
}

function peerOf(peer: Node): PolicyPeer | undefined {
  const [block, namespaces, pods] = [at(peer, "ipBlock"), at(peer, "namespaceSelector"), at(peer, "podSelector")];
  if (isUnreadable(block)) return undefined;
  if (!isUnset(block)) return { kind: "addresses", path: peer.path, block: blockOf(block) };
  if (isUnset(namespaces) && isUnset(pods)) return undefined;
  return { kind: "pods", path: peer.path, namespaces: isUnset(namespaces) ? unset(namespaces.path) : selectorField(namespaces), pods: selectorField(pods) };
}

function blockOf(block: Node): Field<AddressBlock> {
  const cidr = stringField(at(block, "cidr"));
  const except = stringsField(at(block, "except"));
  const open = except.state === "unknown" || (except.state === "value" && except.partial === true);
  return cidr.state !== "value" || open ? unknown(block.path) : known({ cidr: cidr.value, except: knownValue(except) ?? [] }, block.path);
}

function portOf(item: Node): PolicyPort | undefined {
  const [port, endPort, protocol] = [at(item, "port"), at(item, "endPort"), stringField(at(item, "protocol"))];
  if (protocol.state === "unknown" || !(isUnset(endPort) || typeof endPort.value === "number")) return undefined;
  const own = { protocol: knownValue(protocol) ?? "TCP", ...(typeof endPort.value === "number" ? { endPort: endPort.value } : {}) };
  if (isUnset(port)) return own;
  return typeof port.value === "number" || typeof port.value === "string" ? { ...own, port: port.value } : undefined;
}

/** What of a document that no dialect reads may stand in a namespace, or anywhere where it says none. */
export function gapOf(root: Node, group: string, kind: string, resource: Resource): Gap {
  const name = `${group} ${kind}`;
  const namespace = stringField(at(root, "metadata", "namespace"));
  if (clusterPolicies.test(name) && root.partial === undefined) return { namespace: unset(namespace.path), holds: "clusterPolicies", reason: `depends on ${quoted(resource)}, a policy of the whole cluster` };
  if (otherPolicies.test(name)) return { namespace, holds: "anything", reason: `depends on ${quoted(resource)}, a policy of a kind that no dialect reads` };
  if (deliveries.test(name)) return { namespace: unset(namespace.path), holds: "anything", reason: `depends on what ${quoted(resource)} brings, which is not examined` };
  return { namespace: namespace.state === "unset" ? known("default", namespace.path) : namespace, holds: "pods", reason: `depends on the pods of ${quoted(resource)}, which no dialect reads` };
}

export function isClusterPolicy(group: string, kind: string): boolean {
  return clusterPolicies.test(`${group} ${kind}`);
}

export function isOtherPolicy(group: string, kind: string): boolean {
  return otherPolicies.test(`${group} ${kind}`);
}

/** A document of which nothing is known may be anything. */
export function unknownGap(resource: Resource, place: Node): Gap {
  return { namespace: unset(place.path), holds: "anything", reason: `depends on ${quoted(resource)}, which cannot be known yet` };
}
