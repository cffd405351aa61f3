import type { Labels } from "../../model/cluster";
import { isPlainObject, labelsOf, normalIp, type PlainObject, portNumber, protocolOf, textOf, timeOf } from "../ends";
import { type EndDraft, type Format, isEmptyEnd, makeFlow, type Outcome, type ReaderContext, timeOrCount } from "../format";

const expected = "a record of Inspektor Gadget, with its pod and the other endpoint";

/**
 * Inspektor Gadget: records of `advise_networkpolicy` (`k8s`, `endpoint`, `egress`), and those of the older `advise network-policy monitor` and `trace network`
 * (`pktType`). It records how a connection is opened, so every record is a request. Of a Service it has the port that was asked for, not the pod's.
 */
export const gadget: Format = {
  name: "Inspektor Gadget",
  json: true,
  looksLike: (_, value) => value !== undefined && ((isPlainObject(value["endpoint"]) && "egress" in value) || "pktType" in value),
  create: (context) => {
    context.tally.incomplete("the source records IPv4 only, and UDP only below port 1024");
    return { read: (_, value, at) => readRecord(value, at, context) };
  },
};

function readRecord(record: PlainObject, at: string, context: ReaderContext): Outcome {
  if (record["type"] !== undefined && record["type"] !== "normal") return { ignored: "a message of the gadget" };
  const k8s = isPlainObject(record["k8s"]) ? record["k8s"] : record;
  const endpoint = [record["endpoint"], record["dst"]].find(isPlainObject);
  const pktType = textOf(record["pktType"]);
  if (pktType !== undefined && pktType !== "HOST" && pktType !== "OUTGOING") return { ignored: "a packet that is not for the pod" };
  if (endpoint === undefined && textOf(record["remoteKind"]) === undefined) return { expected, found: "an object without one of them" };
  const outgoing = pktType === undefined ? isTrue(record["egress"]) : pktType === "OUTGOING";
  const own: EndDraft = { ...ownEnd(k8s, record) };
  if (isTrue(k8s["hostnetwork"] ?? k8s["hostNetwork"])) return { ignored: "a pod on the network of its host" };
  const peer = endpoint === undefined ? olderPeer(record) : peerEnd(endpoint);
  if (isEmptyEnd(own) || isEmptyEnd(peer)) return { expected, found: "an end that nothing is known of" };
  for (const end of [own, peer]) if (end.pod !== undefined && end.namespace === undefined) context.tally.count("ends that are a pod without its namespace");
  const hostIp = textOf(record["podHostIP"]);
  if (!outgoing && hostIp !== undefined && hostIp === peer.ip) return { ignored: "from the pod's own node, which is always allowed" };
  const protocol = protocolOf(endpoint?.["proto"] ?? record["proto"]);
  const port = portNumber(endpoint?.["port"] ?? record["port"]);
  if (protocol === undefined) return { ignored: "no protocol that a policy can name" };
  if (protocol !== "ICMP" && port === undefined) return { expected: "a port from 1 to 65535", found: "none, or another value" };
  const time = timeOrCount(timeOf(record["timestamp"]), context);
  return makeFlow({ source: outgoing ? own : peer, destination: outgoing ? peer : own, protocol, port, sourcePort: undefined, direction: "request", verdict: "forwarded", first: time, at });
}

function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === "true" || value === "1";
}

function ownEnd(k8s: PlainObject, record: PlainObject): EndDraft {
  const end: EndDraft = {};
  const namespace = textOf(k8s["namespace"]);
  const pod = textOf(k8s["podName"] ?? k8s["pod"] ?? k8s["podname"]);
  const ip = normalIp(String(k8s["podIP"] ?? record["podIP"] ?? ""));
  const labels = readLabels(k8s["podLabels"] ?? record["podLabels"]);
  if (namespace !== undefined) end.namespace = namespace;
  if (pod !== undefined) end.pod = pod;
  if (ip !== undefined) end.ip = ip;
  if (labels !== undefined) end.labels = labels;
  const owner = k8s["owner"];
  if (isPlainObject(owner) && namespace !== undefined) {
    const [kind, name] = [textOf(owner["kind"]), textOf(owner["name"])];
    if (kind !== undefined && name !== undefined) end.workload = { namespace, kind, name };
  }
  return end;
}

function peerEnd(endpoint: PlainObject): EndDraft {
  const k8s = isPlainObject(endpoint["k8s"]) ? endpoint["k8s"] : endpoint;
  const kind = textOf(k8s["kind"]) ?? "raw";
  return peerOf(kind, endpoint["addr"], k8s["namespace"], k8s["name"] ?? k8s["podname"], k8s["labels"] ?? k8s["podLabels"]);
}

function olderPeer(record: PlainObject): EndDraft {
  const kind = textOf(record["remoteKind"]) ?? "other";
  const labels = record["remoteLabels"] ?? record["remotePodLabels"];
  const namespace = record["remoteNamespace"] ?? (kind === "svc" ? record["remoteSvcNamespace"] : record["remotePodNamespace"]);
  return peerOf(kind, record["remoteAddr"] ?? record["remoteOther"], namespace, record["remoteName"] ?? record["remoteSvcName"] ?? record["remotePodName"], labels);
}

/** The labels of a Service are its selector: what its pods have at least. */
function peerOf(kind: string, address: unknown, namespaceField: unknown, nameField: unknown, labelsField: unknown): EndDraft {
  const end: EndDraft = {};
  const ip = normalIp(String(address ?? ""));
  const [namespace, name, labels] = [textOf(namespaceField), textOf(nameField), readLabels(labelsField)];
  if (ip !== undefined) end.ip = ip;
  if (kind === "pod") {
    if (name !== undefined) end.pod = name;
    if (namespace !== undefined) end.namespace = namespace;
    if (labels !== undefined) end.labels = labels;
  }
  if (kind === "svc" && namespace !== undefined && name !== undefined) end.service = { namespace, name };
  return end;
}

function readLabels(value: unknown): Labels | undefined {
  if (typeof value === "string" && value !== "") return labelsOf(value.split(","));
  if (!isPlainObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
