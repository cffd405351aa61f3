import { UNKNOWN } from "@bulkhead/core";
import type { ContainerPort, Protocol, Service, Workload } from "../model/cluster";
import { protocols } from "../model/cluster";
import type { Selector } from "../model/policy";
import type { Draft } from "./draft";
import { entriesOf, isEntryKind } from "./entries";
import { isMonitorKind, monitorOf } from "./monitors";
import { below, fields, holdsUnknown, integer, list, text, texts, withoutNull } from "./place";
import { readPolicy } from "./policies";

/** Where the pod's template stands, by kind. */
const templates: { readonly [kind: string]: readonly string[] } = {
  Pod: [], Deployment: ["spec", "template"], DaemonSet: ["spec", "template"], StatefulSet: ["spec", "template"], ReplicaSet: ["spec", "template"], ReplicationController: ["spec", "template"],
  Job: ["spec", "template"], CronJob: ["spec", "jobTemplate", "spec", "template"], Rollout: ["spec", "template"],
};
const templateGroups = new Set(["", "apps", "batch", "extensions", "argoproj.io"]);
const clusterKinds = new Set(["ClusterNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy"]);

/** Reads one object of Kubernetes; false for a kind that says nothing of who runs and who talks. */
export function readObject(value: unknown, apiVersion: string, kind: string, from: string, draft: Draft): boolean {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const metadata = below(value, "metadata");
  const name = text(below(metadata, "name"));
  const gap = (reason: string): boolean => draft.gaps.push({ from, reason }) > 0;
  const path = templateGroups.has(group) && Object.hasOwn(templates, kind) ? templates[kind] : undefined;
  const isRead = path !== undefined || kind === "Service" || kind === "Namespace" || kind === "NetworkPolicy" || clusterKinds.has(kind) || isEntryKind(kind) || (isMonitorKind(kind) && group === "monitoring.coreos.com");
  if (!isRead) return false;
  if (name === undefined) return gap(`a ${kind} without a name that is known: nobody can be named by it`);
  const namespace = text(below(metadata, "namespace")) ?? "default";
  if (below(metadata, "namespace") === UNKNOWN) return gap(`${kind} ${name}: its namespace is not known yet`);
  if (path !== undefined) return readWorkload(value, path, { namespace, kind, name }, from, draft);
  if (kind === "Namespace" && group === "") {
    const labels = texts(below(metadata, "labels"));
    if (labels === undefined) gap(`Namespace ${name}: its labels are not all known; taken to have none but its name`);
    draft.namespaces.push({ name, labels: { ...labels, "kubernetes.io/metadata.name": name } });
  } else if (kind === "Service" && group === "") draft.services.push(serviceOf(value, namespace, name));
  else if (kind === "NetworkPolicy" && (group === "networking.k8s.io" || group === "extensions")) {
    const read = readPolicy(value, namespace, name);
    if ("problem" in read) return gap(`NetworkPolicy ${namespace}/${name} is left out: ${read.problem}`);
    draft.policies.push(read.policy);
  } else if (clusterKinds.has(kind) && group === "policy.networking.k8s.io") {
    if (holdsUnknown(below(value, "spec"))) return gap(`${kind} ${name} is left out: it holds values that are not known yet`);
    draft.clusterPolicies.push({ apiVersion, kind, metadata: { name }, spec: withoutNull(below(value, "spec")), from });
  } else if (isMonitorKind(kind)) {
    const monitor = monitorOf(value, kind, namespace, name);
    if (monitor === undefined) return gap(`${kind} ${namespace}/${name} is left out: it holds values that are not known yet`);
    draft.monitors.push(monitor);
  } else if (isEntryKind(kind)) draft.entries.push(...entriesOf(value, kind, namespace, name));
  else return gap(`${apiVersion} ${kind} ${name}: nobody here knows what it lets through`);
  return true;
}

function readWorkload(value: unknown, path: readonly string[], own: Pick<Workload, "namespace" | "kind" | "name">, from: string, draft: Draft): boolean {
  const template = below(value, ...path);
  const spec = below(template, "spec");
  const labels = texts(below(template, "metadata", "labels"));
  const gap = (reason: string): void => void draft.gaps.push({ from, reason: `${own.kind} ${own.namespace}/${own.name}: ${reason}` });
  if (labels === undefined) gap("the labels of its pods are not all known; taken to have none: no selector finds them");
  if (below(spec, "hostNetwork") === UNKNOWN) gap("whether it is on its node's network is not known; taken not to be");
  const hostNetwork = below(spec, "hostNetwork") === true;
  const ports = portsOf(spec, () => gap("not all of its ports are known"));
  const references = list(below(value, "metadata", "ownerReferences"));
  const controller = fields(references.find((reference) => below(reference, "controller") === true) ?? references[0]);
  const owner = { kind: text(controller["kind"]), name: text(controller["name"]) };
  const owned = owner.kind !== undefined && owner.name !== undefined ? { owner: { kind: owner.kind, name: owner.name } } : {};
  if (own.kind === "Pod") {
    const isOver = ["Succeeded", "Failed"].includes(String(below(value, "status", "phase")));
    const ips = [...list(below(value, "status", "podIPs")).map((entry) => below(entry, "ip")), below(value, "status", "podIP")].flatMap((ip) => text(ip) ?? []);
    const started = Date.parse(String(below(value, "status", "startTime")));
    const addresses = [...new Set(ips)].map((ip) => ({ pod: own.name, ip, ...(Number.isNaN(started) ? {} : { from: started }) }));
    draft.pods.push({ ...own, labels: labels ?? {}, ports, hostNetwork, addresses: isOver ? [] : addresses, ...owned, from });
    return true;
  }
  draft.owners.push({ ...own, ...owned });
  const selector = selectorOf(below(value, "spec", "selector"), own.kind);
  draft.workloads.push({ ...own, labels: labels ?? {}, ...(selector === undefined ? {} : { selector }), ports, hostNetwork, addresses: [], from });
  return true;
}

/** A Job's selector is made by the cluster, and is about one run; a ReplicationController's is a map of labels. */
function selectorOf(value: unknown, kind: string): Selector | undefined {
  if (kind === "Job" || kind === "CronJob" || holdsUnknown(value) || value === undefined || value === null) return undefined;
  if (kind !== "ReplicationController") return withoutNull(value) as Selector;
  const matchLabels = texts(value);
  return matchLabels === undefined ? undefined : { matchLabels };
}

/** Ports of every container: those of sidecars among the init containers too. */
function portsOf(spec: unknown, open: () => void): readonly ContainerPort[] {
  const lists = [below(spec, "containers"), below(spec, "initContainers")];
  const ports = lists.flatMap(list).map((container) => below(container, "ports"));
  if ([...lists, ...ports].some(holdsUnknownList)) open();
  return ports.flatMap(list).flatMap((entry) => {
    const [port, name] = [integer(below(entry, "containerPort")), text(below(entry, "name"))];
    return port === undefined ? [] : [{ ...(name === undefined ? {} : { name }), port, protocol: protocolOf(below(entry, "protocol")) }];
  });
}

function holdsUnknownList(value: unknown): boolean {
  return value === UNKNOWN || list(value).some((entry) => entry === UNKNOWN || below(entry, "containerPort") === UNKNOWN);
}

export function protocolOf(value: unknown): Protocol {
  return protocols.find((protocol) => protocol === String(value ?? "TCP").toUpperCase()) ?? "TCP";
}

const serviceTypes = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"] as const;

function serviceOf(value: unknown, namespace: string, name: string): Service {
  const spec = below(value, "spec");
  const selector = texts(below(spec, "selector"));
  const isIp = (ip: unknown): ip is string => typeof ip === "string" && ip !== "" && ip !== "None";
  const labels = texts(below(value, "metadata", "labels")) ?? {};
  const ranges = list(below(spec, "loadBalancerSourceRanges")).flatMap((range) => text(range) ?? []);
  const balanced = list(below(value, "status", "loadBalancer", "ingress")).map((entry) => below(entry, "ip"));
  return {
    namespace, name,
    type: serviceTypes.find((type) => type === below(spec, "type")) ?? "ClusterIP",
    ...(selector === undefined || Object.keys(selector).length === 0 ? {} : { selector }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(ranges.length === 0 ? {} : { sourceRanges: ranges }),
    ...(below(spec, "externalTrafficPolicy") === "Local" ? { keepsClientAddress: true } : {}),
    ports: list(below(spec, "ports")).flatMap((entry) => {
      const port = integer(below(entry, "port"));
      const [target, own, node] = [below(entry, "targetPort"), text(below(entry, "name")), integer(below(entry, "nodePort"))];
      if (port === undefined) return [];
      return [{ ...(own === undefined ? {} : { name: own }), port, targetPort: integer(target) ?? text(target) ?? port, protocol: protocolOf(below(entry, "protocol")), ...(node === undefined ? {} : { nodePort: node }) }];
    }),
    clusterIps: [...new Set([...list(below(spec, "clusterIPs")), below(spec, "clusterIP")].filter(isIp))],
    externalIps: [...new Set([...list(below(spec, "externalIPs")), below(spec, "loadBalancerIP"), ...balanced].filter(isIp))],
  };
}
