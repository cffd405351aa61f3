import { isObject } from "@bulkhead/core";
import type { Cluster } from "../model/cluster";
import type { Selector } from "../model/policy";
import type { Action, CompiledPolicy, CompiledRule, Direction, NamedPort, PolicyProblem } from "./compiled";
import { policyName } from "./compiled";
import { isPort } from "./network-policies";
import type { PeerSets } from "./peer-sets";
import { everyPort, noPorts, type PortSet, portSet, union } from "./ports";

type Document = Cluster["clusterPolicies"][number];
type Fields = { readonly [key: string]: unknown };
type Report = (path: string, expected: string, found: unknown) => void;

/** Kinds of policy.networking.k8s.io, by API version, with what they call "let through". */
const kinds: { readonly [kind: string]: { readonly versions: readonly string[]; readonly accept: string; readonly tier?: "admin" | "baseline" } } = {
  ClusterNetworkPolicy: { versions: ["v1alpha2"], accept: "Accept" },
  AdminNetworkPolicy: { versions: ["v1alpha1"], accept: "Allow", tier: "admin" },
  BaselineAdminNetworkPolicy: { versions: ["v1alpha1"], accept: "Allow", tier: "baseline" },
};
const group = "policy.networking.k8s.io/";

/**
 * A policy of the whole cluster (sigs.k8s.io/network-policy-api, apis/v1alpha2 and v1alpha1). A peer that cannot be read
 * fails closed, as the API asks: an accepting rule then matches nobody by it, any other one denies everybody. The whole
 * policy is left out, and is a problem, where its kind, tier or subject cannot be read.
 */
export function compileClusterPolicy(document: Document, sets: PeerSets, report: (problem: PolicyProblem) => void): CompiledPolicy | undefined {
  const own = { kind: document.kind, policy: document.metadata.name };
  const refuse = (taken: string): Report => (path, expected, found) => report({ policy: policyName(own), path, expected, found: describe(found), taken });
  const leftOut = refuse("the policy is left out");
  const kind = Object.hasOwn(kinds, document.kind) ? kinds[document.kind] : undefined;
  if (kind === undefined || !document.apiVersion.startsWith(group)) return void leftOut("kind", `one of ${Object.keys(kinds).join(", ")} of ${group.slice(0, -1)}`, `${document.apiVersion} ${document.kind}`);
  if (!kind.versions.includes(document.apiVersion.slice(group.length))) return void leftOut("apiVersion", kind.versions.map((version) => group + version).join(" or "), document.apiVersion);
  const spec = isObject(document.spec) ? document.spec : {};
  const tier = kind.tier ?? (spec["tier"] === "Admin" ? "admin" : spec["tier"] === "Baseline" ? "baseline" : undefined);
  if (tier === undefined) return void leftOut("spec.tier", "Admin or Baseline", spec["tier"]);
  const priority = kind.tier === "baseline" ? 0 : spec["priority"];
  if (typeof priority !== "number" || !Number.isInteger(priority) || priority < 0 || priority > 1000) return void leftOut("spec.priority", "a whole number from 0 to 1000", priority);
  const subject = podSet(spec["subject"], sets);
  if (subject === undefined) return void leftOut("spec.subject", "namespaces or pods, with selectors", spec["subject"]);
  const compile = (direction: Direction): readonly CompiledRule[] | undefined => {
    const list = spec[direction];
    if (list === undefined || list === null) return undefined;
    if (!Array.isArray(list)) return void refuse("the direction is left out")(`spec.${direction}`, "a list", list);
    return (list as readonly unknown[]).map((rule, index) => compileRule(isObject(rule) ? rule : {}, `spec.${direction}[${index}]`, { ...own, direction, rule: index }, kind.accept, sets, refuse));
  };
  const [ingress, egress] = [compile("ingress"), compile("egress")];
  return { tier, priority, name: own, subject, ...(ingress === undefined ? {} : { ingress }), ...(egress === undefined ? {} : { egress }) };
}

function compileRule(rule: Fields, path: string, place: CompiledRule["name"], accept: string, sets: PeerSets, refuse: (taken: string) => Report): CompiledRule {
  const name = typeof rule["name"] === "string" && rule["name"] !== "" ? { ...place, name: rule["name"] } : place;
  const action: Action | undefined = rule["action"] === accept ? "accept" : rule["action"] === "Deny" ? "deny" : rule["action"] === "Pass" ? "pass" : undefined;
  const denies: CompiledRule = { name, action: "deny", peers: undefined, ports: everyPort, named: [] };
  if (action === undefined) {
    refuse("the rule denies everybody")(`${path}.action`, `${accept}, Deny or Pass`, rule["action"]);
    return denies;
  }
  const side = place.direction === "ingress" ? "from" : "to";
  const report = refuse(action === "accept" ? "it matches nobody" : "the rule denies everybody");
  const list = Array.isArray(rule[side]) ? (rule[side] as readonly unknown[]) : [];
  if (list.length === 0) report(`${path}.${side}`, "a list of peers", rule[side]);
  let isClosed = list.length === 0;
  const peers = list.flatMap((peer, index) => {
    const found = peerSets(peer, place.direction, sets, (below, expected, value) => report(`${path}.${side}[${index}]${below}`, expected, value));
    if (found === undefined) isClosed = true;
    return found ?? [];
  });
  if (isClosed && action !== "accept") return denies;
  const ports = portsOf(rule, path, report);
  return ports === undefined && action !== "accept" ? denies : { name, action, peers, ...(ports ?? { ports: noPorts, named: [] }) };
}

/** Undefined where the peer cannot be read: addresses of nodes, names of domains, fields of another version. */
function peerSets(peer: unknown, direction: Direction, sets: PeerSets, report: Report): readonly number[] | undefined {
  const pods = podSet(peer, sets);
  if (pods !== undefined) return [pods];
  const networks = isObject(peer) && direction === "egress" ? peer["networks"] : undefined;
  if (!Array.isArray(networks)) {
    const known = direction === "egress" ? "namespaces, pods or networks" : "namespaces or pods";
    return void report("", `${known}; addresses of nodes and names of domains are not known here`, isObject(peer) ? `one with ${Object.keys(peer).sort().join(", ") || "nothing"}` : peer);
  }
  let isRead = true;
  const found = (networks as readonly unknown[]).flatMap((cidr, index) => {
    const fail = (): void => {
      isRead = false;
      report(`.networks[${index}]`, "an address block", cidr);
    };
    if (typeof cidr === "string") return sets.addressSet({ cidr }, fail) ?? [];
    fail();
    return [];
  });
  return isRead ? found : undefined;
}

/** `{ namespaces: selector }` or `{ pods: { namespaceSelector, podSelector } }`; network-policy-api v0.1.1 has the selector of a peer's namespaces one level deeper. */
function podSet(place: unknown, sets: PeerSets): number | undefined {
  if (!isObject(place) || Object.keys(place).length !== 1) return undefined;
  const { namespaces, pods } = place;
  if (isObject(namespaces)) {
    const selector = selectorOf("namespaceSelector" in namespaces ? namespaces["namespaceSelector"] : namespaces);
    return selector === undefined ? undefined : sets.podSet(selector, {});
  }
  if (!isObject(pods)) return undefined;
  const deeper = isObject(pods["namespaces"]) ? pods["namespaces"]["namespaceSelector"] : undefined;
  const [where, which] = [selectorOf(pods["namespaceSelector"] ?? deeper ?? ("namespaces" in pods ? undefined : {})), selectorOf(pods["podSelector"] ?? {})];
  return where === undefined || which === undefined ? undefined : sets.podSet(where, which);
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"];

function selectorOf(value: unknown): Selector | undefined {
  if (!isObject(value) || !Object.keys(value).every((key) => key === "matchLabels" || key === "matchExpressions")) return undefined;
  const { matchLabels = {}, matchExpressions = [] } = value;
  if (!isObject(matchLabels) || !Object.values(matchLabels).every((label) => typeof label === "string")) return undefined;
  if (!Array.isArray(matchExpressions) || !matchExpressions.every((item) => isObject(item) && typeof item["key"] === "string" && operators.includes(item["operator"] as string))) return undefined;
  return value as Selector;
}

/** `protocols` in v1alpha2, `ports` before. Absent is every port, and what has none. */
function portsOf(rule: Fields, path: string, report: Report): { readonly ports: PortSet; readonly named: readonly NamedPort[] } | undefined {
  const key = rule["protocols"] !== undefined ? "protocols" : "ports";
  const list = rule[key];
  if (list === undefined || list === null) return { ports: everyPort, named: [] };
  if (!Array.isArray(list)) return void report(`${path}.${key}`, "a list", list);
  let ports = noPorts;
  const named: NamedPort[] = [];
  for (const [index, item] of (list as readonly unknown[]).entries()) {
    const found = portOf(isObject(item) ? item : {});
    if (found === undefined) return void report(`${path}.${key}[${index}]`, "a port, a range or the name of a port", item);
    if (Array.isArray(found)) ports = union(ports, found as PortSet);
    else named.push(found as NamedPort);
  }
  return { ports, named };
}

function portOf(item: Fields): PortSet | NamedPort | undefined {
  const name = item["destinationNamedPort"] ?? item["namedPort"];
  if (typeof name === "string") return { name };
  for (const [key, protocol] of [["tcp", "TCP"], ["udp", "UDP"], ["sctp", "SCTP"]] as const) {
    const match = item[key];
    if (!isObject(match)) continue;
    const port = match["destinationPort"];
    if (port === undefined) return portSet(protocol);
    if (!isObject(port)) return undefined;
    return isPort(port["number"]) ? portSet(protocol, port["number"], port["number"]) : rangeOf(port["range"], protocol);
  }
  const { portNumber, portRange } = item;
  const older = isObject(portNumber) ? portNumber : isObject(portRange) ? portRange : {};
  const protocol = older["protocol"] ?? "TCP";
  if (protocol !== "TCP" && protocol !== "UDP" && protocol !== "SCTP") return undefined;
  return isPort(older["port"]) ? portSet(protocol, older["port"], older["port"]) : rangeOf(older, protocol);
}

function rangeOf(range: unknown, protocol: "TCP" | "UDP" | "SCTP"): PortSet | undefined {
  if (!isObject(range) || !isPort(range["start"]) || !isPort(range["end"]) || range["start"] > range["end"]) return undefined;
  return portSet(protocol, range["start"], range["end"]);
}

function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return typeof value === "string" ? value : JSON.stringify(value);
}
