import { isObject } from "@bulkhead/core";
import type { NetworkPolicy } from "../model/policy";
import { below, fields, holdsUnknown, integer, list, texts, withoutNull } from "./place";

export type PolicyResult = { readonly policy: NetworkPolicy } | { readonly problem: string };

/** A NetworkPolicy, if it has the form that the API gives it: one that is half read would let through what the whole does not. */
export function readPolicy(value: unknown, namespace: string, name: string): PolicyResult {
  const spec = withoutNull(below(value, "spec"));
  if (holdsUnknown(spec)) return { problem: "it holds values that are not known yet" };
  const wrong = problemOf(spec);
  if (wrong !== undefined) return { problem: wrong };
  const { podSelector = {}, policyTypes, ingress, egress } = fields(spec);
  const rules = (given: unknown): object => list(given).map((rule) => ({ ...fields(rule), ...("ports" in fields(rule) ? { ports: list(fields(rule)["ports"]).map(portOf) } : {}) }));
  const metadata = { name, namespace, ...optional("annotations", texts(below(value, "metadata", "annotations"))), ...optional("labels", texts(below(value, "metadata", "labels"))) };
  return { policy: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec: { podSelector, ...(policyTypes === undefined ? {} : { policyTypes }), ...(ingress === undefined ? {} : { ingress: rules(ingress) }), ...(egress === undefined ? {} : { egress: rules(egress) }) } as NetworkPolicy["spec"] } };
}

function optional(key: string, labels: { readonly [key: string]: string } | undefined): object {
  return labels === undefined || Object.keys(labels).length === 0 ? {} : { [key]: labels };
}

/** A number in quotes is a number: the name of a port has a letter. */
function portOf(port: unknown): object {
  const number = integer(below(port, "port"));
  return { ...fields(port), ...(number === undefined ? {} : { port: number }) };
}

function problemOf(spec: unknown): string | undefined {
  if (!isObject(spec)) return `spec: expected an object, found ${kindOf(spec)}`;
  const { podSelector, policyTypes, ingress, egress } = spec;
  return selectorProblem(podSelector, "spec.podSelector") ?? listProblem(policyTypes, "spec.policyTypes", (type, path) => (type === "Ingress" || type === "Egress" ? undefined : `${path}: expected Ingress or Egress, found ${kindOf(type)}`))
    ?? listProblem(ingress, "spec.ingress", (rule, path) => ruleProblem(rule, path, "from")) ?? listProblem(egress, "spec.egress", (rule, path) => ruleProblem(rule, path, "to"));
}

function ruleProblem(rule: unknown, path: string, side: "from" | "to"): string | undefined {
  if (!isObject(rule)) return `${path}: expected an object, found ${kindOf(rule)}`;
  return listProblem(rule[side], `${path}.${side}`, peerProblem) ?? listProblem(rule["ports"], `${path}.ports`, (port, place) => (isObject(port) ? undefined : `${place}: expected an object, found ${kindOf(port)}`));
}

function peerProblem(peer: unknown, path: string): string | undefined {
  if (!isObject(peer)) return `${path}: expected an object, found ${kindOf(peer)}`;
  const { ipBlock, podSelector, namespaceSelector } = peer;
  if (ipBlock !== undefined && typeof below(ipBlock, "cidr") !== "string") return `${path}.ipBlock.cidr: expected an address block, found ${kindOf(below(ipBlock, "cidr"))}`;
  return listProblem(below(ipBlock, "except"), `${path}.ipBlock.except`, (block, place) => (typeof block === "string" ? undefined : `${place}: expected an address block, found ${kindOf(block)}`))
    ?? selectorProblem(podSelector, `${path}.podSelector`) ?? selectorProblem(namespaceSelector, `${path}.namespaceSelector`);
}

const operators = ["In", "NotIn", "Exists", "DoesNotExist"];

function selectorProblem(selector: unknown, path: string): string | undefined {
  if (selector === undefined) return undefined;
  if (!isObject(selector)) return `${path}: expected a label selector, found ${kindOf(selector)}`;
  if (texts(selector["matchLabels"]) === undefined) return `${path}.matchLabels: expected texts by key, found ${kindOf(selector["matchLabels"])}`;
  return listProblem(selector["matchExpressions"], `${path}.matchExpressions`, (item, place) => (isObject(item) && typeof item["key"] === "string" && operators.includes(String(item["operator"])) ? undefined : `${place}: expected a key and one of ${operators.join(", ")}, found ${kindOf(item)}`));
}

function listProblem(value: unknown, path: string, each: (item: unknown, path: string) => string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return `${path}: expected a list, found ${kindOf(value)}`;
  for (const [index, item] of (value as readonly unknown[]).entries()) {
    const problem = each(item, `${path}[${index}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  return Array.isArray(value) ? "a list" : isObject(value) ? "an object" : `${typeof value === "object" ? "something else" : `a ${typeof value}`}`;
}
