import { defaultFlowsLock, isObject } from "@bulkhead/core";
import type { Edge, Peer } from "../model/edge";
import { edgeName, peerName } from "../model/edge";
import { entities } from "../model/flow";
import type { Labels, WorkloadName } from "../model/cluster";
import { protocols } from "../model/cluster";
import { parseIp } from "../reachability/address";
import type { SeenEdge } from "./observe";

/** An edge that was accepted: something needs it. */
export interface LockedEdge extends Edge {
  /** Days (UTC) of the first and the last flow, such as `2026-01-31`. */
  readonly first: string;
  readonly last: string;
  /** Addresses that the end which is an entity had, sorted; empty where none was seen, or no end is one. */
  readonly ips: readonly string[];
}

/** A workload with the labels that its pods had: who judges policies may see only one end of an edge. */
export interface LockedWorkload extends WorkloadName {
  readonly labels: Labels;
}

/** What the lockfile holds. */
export interface LockedFlows {
  readonly edges: readonly LockedEdge[];
  readonly workloads: readonly LockedWorkload[];
}

export interface LockProblem {
  /** Such as `edges[3].port`; empty for the whole. */
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Name of the file that rules look for. */
export const flowsLockName = defaultFlowsLock;
const version = 1;

/**
 * The lockfile of accepted edges: sorted, one a line. Days, not counts, so that it changes only where something new is seen.
 * Of `workloads` those that an edge names, once each; of several with one name, which have different labels, none.
 */
export function writeFlowsLock(edges: readonly SeenEdge[], workloads: readonly LockedWorkload[] = []): string {
  const locked = new Map(edges.map((edge) => [edgeName(edge), edge]));
  const lines = [...locked].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { from, to, protocol, port, first, last, ips }]) => `\n  ${JSON.stringify({ from: plain(from), to: plain(to), protocol, ...(port === undefined ? {} : { port }), first: dayOf(first), last: dayOf(last), ...(ips.length === 0 ? {} : { ips }) })}`);
  const list = (entries: readonly string[]): string => `[${entries.join(",")}${entries.length === 0 ? "" : "\n"}]`;
  return `{\n"version": ${version},\n"edges": ${list(lines)},\n"workloads": ${list(labelled(edges, workloads))}\n}\n`;
}

function labelled(edges: readonly SeenEdge[], workloads: readonly LockedWorkload[]): readonly string[] {
  const wanted = new Set(edges.flatMap(({ from, to }) => [from, to]).map(peerName));
  const found = new Map<string, Set<string>>();
  for (const { namespace, kind, name, labels } of workloads) {
    const key = peerName({ kind: "workload", workload: { namespace, kind, name } });
    const line = JSON.stringify({ namespace, kind, name, labels: Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) });
    if (wanted.has(key)) found.set(key, (found.get(key) ?? new Set()).add(line));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, lines]) => (lines.size === 1 ? [...lines].map((line) => `\n  ${line}`) : []));
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function plain(peer: Peer): object {
  if (peer.kind === "workload") return { namespace: peer.workload.namespace, kind: peer.workload.kind, name: peer.workload.name };
  if (peer.kind === "entity") return { entity: peer.entity };
  if (peer.kind === "container") return { container: peer.name };
  return { address: peer.ip, ...(peer.names.length > 0 ? { names: peer.names } : {}) };
}

/** Reads a lockfile that JSON has parsed, strictly: what is not known to it is a problem, and then there are no edges. */
export function readFlowsLock(value: unknown): LockedFlows | { readonly problems: readonly LockProblem[] } {
  if (!isObject(value)) return { problems: [{ path: "", expected: "a lockfile of flows, as `bulkhead network learn --lock` writes it", found: kindOf(value) }] };
  const problems: LockProblem[] = [];
  const refuse: Refuse = (path, expected, found) => void problems.push({ path, expected, found: typeof found === "string" && found.startsWith("=") ? found.slice(1) : kindOf(found) });
  onlyKeys(value, ["version", "edges", "workloads"], "", refuse);
  if (value["version"] !== version) refuse("version", String(version), typeof value["version"] === "number" ? `=${value["version"]}` : value["version"]);
  const list = value["edges"];
  if (!Array.isArray(list)) refuse("edges", "a list of edges", list);
  const edges: LockedEdge[] = [];
  const known = new Set<string>();
  for (const [index, entry] of (Array.isArray(list) ? (list as readonly unknown[]) : []).entries()) {
    const edge = readEdge(entry, `edges[${index}]`, refuse);
    if (edge === undefined) continue;
    if (known.has(edgeName(edge))) refuse(`edges[${index}]`, "each edge once", "=one that stands above already");
    known.add(edgeName(edge));
    edges.push(edge);
  }
  const workloads = readWorkloads(value["workloads"] ?? [], refuse);
  return problems.length > 0 ? { problems } : { edges, workloads };
}

function readWorkloads(list: unknown, refuse: Refuse): readonly LockedWorkload[] {
  if (!Array.isArray(list)) {
    refuse("workloads", "a list of workloads", list);
    return [];
  }
  const known = new Set<string>();
  return (list as readonly unknown[]).flatMap((entry, index) => {
    const path = `workloads[${index}]`;
    const { labels = {}, ...name } = isObject(entry) ? entry : {};
    const peer = readPeer(isObject(entry) ? name : entry, path, refuse);
    const isLabels = isObject(labels) && Object.values(labels).every((label) => typeof label === "string");
    if (!isLabels) refuse(`${path}.labels`, "texts by key", labels);
    if (peer === undefined || !isLabels) return [];
    if (peer.kind !== "workload") {
      refuse(path, "a workload: its namespace, kind and name", `=one that is ${peer.kind === "container" ? "a container" : `an ${peer.kind}`}`);
      return [];
    }
    if (known.has(peerName(peer))) refuse(path, "each workload once", "=one that stands above already");
    known.add(peerName(peer));
    return [{ ...peer.workload, labels: labels as Labels }];
  });
}

type Refuse = (path: string, expected: string, found: unknown) => void;

function readEdge(entry: unknown, path: string, refuse: Refuse): LockedEdge | undefined {
  if (!isObject(entry)) {
    refuse(path, "an edge", entry);
    return undefined;
  }
  onlyKeys(entry, ["from", "to", "protocol", "port", "first", "last", "ips"], path, refuse);
  const [from, to] = [readPeer(entry["from"], `${path}.from`, refuse), readPeer(entry["to"], `${path}.to`, refuse)];
  const protocol = protocols.find((name) => name === entry["protocol"]);
  if (protocol === undefined) refuse(`${path}.protocol`, protocols.join(", "), entry["protocol"]);
  const port = entry["port"];
  const isPort = typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535;
  if (protocol === "ICMP" ? port !== undefined : !isPort) refuse(`${path}.port`, protocol === "ICMP" ? "no port" : "a port from 1 to 65535", port);
  const days = ["first", "last"].map((key) => {
    const day = entry[key];
    if (typeof day === "string" && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) return day;
    refuse(`${path}.${key}`, "a day such as 2026-01-31", day);
    return undefined;
  });
  const [first, last] = days;
  const ips = entry["ips"] ?? [];
  const isAddresses = Array.isArray(ips) && (ips as readonly unknown[]).every((ip) => typeof ip === "string" && parseIp(ip) !== undefined);
  if (!isAddresses) refuse(`${path}.ips`, "a list of addresses", ips);
  if (!isAddresses || from === undefined || to === undefined || protocol === undefined || first === undefined || last === undefined) return undefined;
  return { from, to, protocol, ...(typeof port === "number" ? { port } : {}), first, last, ips: ips as readonly string[] };
}

function readPeer(value: unknown, path: string, refuse: Refuse): Peer | undefined {
  if (!isObject(value)) {
    refuse(path, "a workload, an entity, an address or a container", value);
    return undefined;
  }
  const textAt = (key: string): string | undefined => {
    const found = value[key];
    if (typeof found === "string" && found !== "") return found;
    refuse(`${path}.${key}`, "some text", found);
    return undefined;
  };
  if ("entity" in value) {
    onlyKeys(value, ["entity"], path, refuse);
    const entity = entities.find((name) => name === value["entity"]);
    if (entity === undefined) refuse(`${path}.entity`, entities.join(", "), value["entity"]);
    return entity === undefined ? undefined : { kind: "entity", entity };
  }
  if ("container" in value) {
    onlyKeys(value, ["container"], path, refuse);
    const name = textAt("container");
    return name === undefined ? undefined : { kind: "container", name };
  }
  if ("address" in value) {
    onlyKeys(value, ["address", "names"], path, refuse);
    const [ip, names] = [textAt("address"), value["names"] ?? []];
    const isList = Array.isArray(names) && (names as readonly unknown[]).every((name) => typeof name === "string");
    if (!isList) refuse(`${path}.names`, "a list of names", names);
    if (ip !== undefined && parseIp(ip) === undefined) refuse(`${path}.address`, "an address", ip);
    return ip === undefined || parseIp(ip) === undefined || !isList ? undefined : { kind: "address", ip, names: names as readonly string[] };
  }
  onlyKeys(value, ["namespace", "kind", "name"], path, refuse);
  const [namespace, kind, name] = [textAt("namespace"), textAt("kind"), textAt("name")];
  return namespace === undefined || kind === undefined || name === undefined ? undefined : { kind: "workload", workload: { namespace, kind, name } };
}

function onlyKeys(value: object, keys: readonly string[], path: string, refuse: Refuse): void {
  for (const key of Object.keys(value)) if (!keys.includes(key)) refuse(path === "" ? key : `${path}.${key}`, `one of ${keys.join(", ")}`, "=another key");
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
