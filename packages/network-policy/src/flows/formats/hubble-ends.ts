import type { Labels } from "../../model/cluster";
import type { Entity, FlowEnd } from "../../model/flow";
import { isPlainObject, normalIp, type PlainObject, textOf } from "../ends";
import type { EndDraft } from "../format";

/** Numbers of Cilium's reserved identities (pkg/identity/numericidentity.go). */
const entityByIdentity: { readonly [identity: number]: Entity } = { 1: "host", 2: "world", 4: "health", 6: "remote-node", 7: "kube-apiserver", 8: "ingress", 9: "world", 10: "world" };
/** Where an end has several: the one that says most. */
const entityByLabel: readonly (readonly [string, Entity])[] = [
  ["reserved:kube-apiserver", "kube-apiserver"], ["reserved:ingress", "ingress"], ["reserved:health", "health"], ["reserved:host", "host"], ["reserved:remote-node", "remote-node"],
  ["reserved:world", "world"], ["reserved:world-ipv4", "world"], ["reserved:world-ipv6", "world"],
];
/** Addresses, and ends that share one, beyond which all is read anew. */
const mostAddresses = 10_000;
const mostSharing = 8;

interface ReadEnd {
  readonly endpoint: unknown;
  readonly names: unknown;
  readonly service: unknown;
  readonly end: FlowEnd | undefined;
}

/** The ends of Hubble's flows. A log repeats a few of them on each line: the same end is the same object. */
export class EndCache {
  readonly #labels = new LabelCache();
  readonly #known = new Map<unknown, ReadEnd[]>();

  /** Undefined where the address is none. */
  read(endpoint: unknown, address: unknown, names: unknown, service: unknown): FlowEnd | undefined {
    const known = this.#known.get(address);
    if (known !== undefined) for (const read of known) if (isSameEndpoint(read.endpoint, endpoint) && isSameList(read.names, names, isSameText) && isSameService(read.service, service)) return read.end;
    const end = readEnd(endpoint, address, names, service, this.#labels);
    if (known === undefined && this.#known.size >= mostAddresses) this.#known.clear();
    this.#known.set(address, [{ endpoint, names, service, end }, ...(known ?? []).slice(0, mostSharing - 1)]);
    return end;
  }
}

/** By what is read of it, field by field: a loop over the fields takes several times as long. */
function isSameEndpoint(a: unknown, b: unknown): boolean {
  if (!isPlainObject(a) || !isPlainObject(b)) return a === b;
  return a["identity"] === b["identity"] && a["pod_name"] === b["pod_name"] && a["namespace"] === b["namespace"] && isSameList(a["labels"], b["labels"], isSameText) && isSameList(a["workloads"], b["workloads"], isSameName);
}

function isSameService(a: unknown, b: unknown): boolean {
  return a === b || (isPlainObject(a) && isPlainObject(b) && a["namespace"] === b["namespace"] && a["name"] === b["name"]);
}

function isSameName(a: unknown, b: unknown): boolean {
  return isPlainObject(a) && isPlainObject(b) && a["kind"] === b["kind"] && a["name"] === b["name"];
}

function isSameText(a: unknown, b: unknown): boolean {
  return a === b;
}

function isSameList(a: unknown, b: unknown, isSame: (a: unknown, b: unknown) => boolean): boolean {
  if (a === b) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (!isSame(a[index], b[index])) return false;
  return true;
}

function readEnd(endpoint: unknown, address: unknown, names: unknown, service: unknown, cache: LabelCache): FlowEnd | undefined {
  const end: EndDraft = {};
  if (address !== undefined && address !== "") {
    const ip = typeof address === "string" ? normalIp(address) : undefined;
    if (ip === undefined) return undefined;
    end.ip = ip;
  }
  if (isPlainObject(endpoint)) readEndpoint(endpoint, end, cache);
  if (Array.isArray(names) && names.length > 0) end.names = names.filter((name) => typeof name === "string" && name !== "").map((name: string) => name.replace(/\.$/, ""));
  if (isPlainObject(service)) {
    const [namespace, name] = [textOf(service["namespace"]), textOf(service["name"])];
    if (namespace !== undefined && name !== undefined) end.service = { namespace, name };
  }
  return end;
}

function readEndpoint(endpoint: PlainObject, end: EndDraft, cache: LabelCache): void {
  const namespace = textOf(endpoint["namespace"]);
  const pod = textOf(endpoint["pod_name"]);
  if (pod !== undefined) end.pod = pod;
  const list = endpoint["labels"];
  const { labels, entity, labelledNamespace } = Array.isArray(list) ? cache.read(list) : noLabels;
  if (labels !== undefined) end.labels = labels;
  const found = entity ?? (typeof endpoint["identity"] === "number" ? entityByIdentity[endpoint["identity"]] : undefined);
  if (found !== undefined) end.entity = found;
  const known = namespace ?? labelledNamespace;
  if (known === undefined) return;
  end.namespace = known;
  const workload = Array.isArray(endpoint["workloads"]) ? (endpoint["workloads"][0] as unknown) : undefined;
  if (!isPlainObject(workload)) return;
  const [kind, name] = [textOf(workload["kind"]), textOf(workload["name"])];
  if (kind !== undefined && name !== undefined) end.workload = { namespace: known, kind, name };
}

interface ReadLabels {
  readonly labels?: Labels;
  readonly entity?: Entity;
  readonly labelledNamespace?: string;
}
const noLabels: ReadLabels = {};
const namespaceLabel = "k8s:io.kubernetes.pod.namespace=";
const mostLabels = 10_000;

/** The few sets of labels that a log repeats on each line. */
class LabelCache {
  readonly #read = new Map<string, ReadLabels>();

  read(list: readonly unknown[]): ReadLabels {
    const key = list.join("\n");
    const found = this.#read.get(key);
    if (found !== undefined) return found;
    const read = readLabels(list.filter((label) => typeof label === "string"));
    if (this.#read.size >= mostLabels) this.#read.clear();
    this.#read.set(key, read);
    return read;
  }
}

/** Without what Cilium adds of namespace, cluster and service account: those are no labels of the pod. */
function readLabels(list: readonly string[]): ReadLabels {
  const entity = entityByLabel.find(([label]) => list.includes(label))?.[1];
  const labelledNamespace = list.find((label) => label.startsWith(namespaceLabel))?.slice(namespaceLabel.length);
  const own = list.filter((label) => label.startsWith("k8s:") && !label.startsWith("k8s:io.cilium.k8s.") && !label.startsWith("k8s:io.kubernetes.pod.namespace")).map((label) => label.slice(4));
  const ofPod = labelledNamespace !== undefined || own.length > 0;
  const labels = Object.fromEntries(own.map((label) => (label.includes("=") ? [label.slice(0, label.indexOf("=")), label.slice(label.indexOf("=") + 1)] : [label, ""])));
  return { ...(ofPod ? { labels } : {}), ...(entity === undefined ? {} : { entity }), ...(labelledNamespace === undefined ? {} : { labelledNamespace }) };
}
