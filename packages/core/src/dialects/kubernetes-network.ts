import type { Field } from "../field";
import { isObject, known, knownValue, UNKNOWN, unknown, unset } from "../field";
import { selectorField } from "../inventory/selector";
import type { Ingress, IngressClass, NetworkPolicy, Resource, Service } from "../model/subject";
import type { Node } from "../node";
import { at, isUnset, members, stringField, stringsField, unreadable } from "../node";
import { quoted } from "./common";
import { exposedByIngress, exposedByService, snippetAnnotations } from "./kubernetes-dashboard";

export function serviceSubject(root: Node, resource: Resource): Service {
  const spec = at(root, "spec");
  return { about: "service", resource, label: quoted(resource), path: root.path, type: stringField(at(spec, "type")), externalIps: stringsField(at(spec, "externalIPs")), exposed: exposedByService(root) };
}

export function ingressSubject(root: Node, resource: Resource): Ingress {
  const spec = at(root, "spec");
  return {
    about: "ingress", resource, label: quoted(resource), path: root.path,
    tls: listed(at(spec, "tls")),
    hosts: each(at(spec, "rules"), (rule) => stringField(at(rule, "host")), ""),
    defaultBackend: isUnset(at(spec, "defaultBackend")) ? unset(at(spec, "defaultBackend").path, () => undefined) : at(spec, "defaultBackend").value === UNKNOWN ? unknown(at(spec, "defaultBackend").path) : known(true, at(spec, "defaultBackend").path, () => [{ op: "remove", path: at(spec, "defaultBackend").path }]),
    snippets: snippetAnnotations(at(root, "metadata", "annotations")),
    exposed: exposedByIngress(spec),
  };
}

export function ingressClassSubject(root: Node, resource: Resource): IngressClass {
  return { about: "ingressClass", resource, label: quoted(resource), path: root.path, controller: stringField(at(root, "spec", "controller")) };
}

/** What a NetworkPolicy lets through to, or from, everywhere: a rule without peers, or one for all addresses. */
export function networkPolicySubject(root: Node, resource: Resource): NetworkPolicy {
  const spec = at(root, "spec");
  return { about: "networkPolicy", resource, label: quoted(resource), path: root.path, openIngress: openRules(at(spec, "ingress"), "from"), openEgress: openRules(at(spec, "egress"), "to"), opensAllPods: opensAllPods(spec), openPorts: openPorts(spec) };
}

function openRules(list: Node, peers: "from" | "to"): Field<boolean> {
  const { items, unknown: open } = members(list);
  const states = items.map((rule) => openRule(rule, peers));
  const hit = states.indexOf(true);
  if (hit >= 0) return known(true, items[hit]?.path ?? list.path);
  return open || states.includes(undefined) ? unknown(list.path) : known(false, list.path);
}

/** An empty selector is every pod; with no rule such a policy only denies. */
function opensAllPods(spec: Node): Field<boolean> {
  const selector = at(spec, "podSelector");
  const [labels, expressions] = [at(selector, "matchLabels"), members(at(selector, "matchExpressions"))];
  const asks = (isObject(labels.value) && Object.keys(labels.value).length > 0) || expressions.items.length > 0;
  if (asks || (isUnset(selector) && spec.partial !== undefined)) return known(false, selector.path);
  const unread = unreadable<boolean>(labels);
  if (unread !== undefined) return unread;
  if (expressions.unknown) return unknown(at(selector, "matchExpressions").path);
  const lists = [at(spec, "ingress"), at(spec, "egress")];
  const rules = lists.flatMap((list) => members(list).items.map((rule) => ({ rule, resolves: resolvesNames(rule) })));
  if (rules.some(({ resolves }) => resolves === false)) return known(true, selector.path);
  const open = lists.find((list) => members(list).unknown) ?? rules.find(({ resolves }) => resolves === undefined)?.rule;
  return open === undefined ? known(false, selector.path) : unknown(open.path);
}

/** Whether a rule lets out requests for names only; undefined where it is not known. */
function resolvesNames(rule: Node): boolean | undefined {
  if (!rule.path.includes("egress")) return false;
  const { items, unknown: open } = members(at(rule, "ports"));
  const ports = items.map((port) => at(port, "port").value);
  if (ports.some((port) => port !== 53 && port !== UNKNOWN)) return false;
  return open || ports.includes(UNKNOWN) ? undefined : ports.length > 0;
}

function openPorts(spec: Node): Field<boolean> {
  const lists = [at(spec, "ingress"), at(spec, "egress")].map((list) => ({ list, ...members(list) }));
  const rules = lists.flatMap(({ items }) => items).map((rule) => ({ rule, ports: members(at(rule, "ports")) }));
  const hit = rules.find(({ rule, ports }) => rule.value !== UNKNOWN && !ports.unknown && ports.items.length === 0);
  if (hit !== undefined) return known(true, at(hit.rule, "ports").path);
  const open = lists.find(({ unknown: all }) => all)?.list ?? rules.find(({ rule, ports }) => rule.value === UNKNOWN || ports.unknown)?.rule;
  return open === undefined ? known(false, at(spec, "ingress").path) : unknown(open.path);
}

/** Undefined where it is not known. */
function openRule(rule: Node, key: "from" | "to"): boolean | undefined {
  if (rule.value === UNKNOWN) return undefined;
  const list = at(rule, key);
  const { items, unknown: open } = members(list);
  if (open) return undefined;
  if (items.length === 0) return true;
  const peers = items.map(openPeer);
  return peers.includes(true) ? true : peers.includes(undefined) ? undefined : false;
}

function openPeer(peer: Node): boolean | undefined {
  if (!isObject(peer.value)) return undefined;
  const cidr = stringField(at(peer, "ipBlock", "cidr"));
  if (cidr.state === "unknown") return undefined;
  if (cidr.state === "value") {
    if (!/^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)\/0$/.test(cidr.value)) return false;
    const except = members(at(peer, "ipBlock", "except"));
    return except.items.length > 0 ? false : except.unknown ? undefined : true;
  }
  const [namespaces, pods] = [at(peer, "namespaceSelector"), at(peer, "podSelector")];
  const everywhere = isUnset(namespaces) ? false : selectsAll(namespaces);
  const everyPod = isUnset(pods) ? true : selectsAll(pods);
  if (everywhere === false || everyPod === false) return false;
  return everywhere === undefined || everyPod === undefined ? undefined : true;
}

/** Whether a selector asks for nothing; undefined where that is not known. */
function selectsAll(place: Node): boolean | undefined {
  const selector = selectorField(place);
  if (selector.state !== "value") return undefined;
  if (selector.value.length > 0) return false;
  return selector.partial === true ? undefined : true;
}

function listed(list: Node): Field<number> {
  const { items, unknown: open } = members(list);
  return open ? unknown(list.path) : known(items.length, list.path);
}

function each(list: Node, read: (item: Node) => Field<string>, absent: string): Field<readonly string[]> {
  const { items, unknown: open } = members(list);
  const fields = items.map((item) => (item.value === UNKNOWN ? unknown<string>(item.path) : read(item)));
  const values = fields.flatMap((field) => (field.state === "unknown" ? [] : [knownValue(field) ?? absent]));
  const partial = open || fields.some((field) => field.state === "unknown");
  if (values.length === 0 && partial) return unknown(list.path);
  return { ...known(values, list.path), ...(partial ? { partial } : {}) };
}
