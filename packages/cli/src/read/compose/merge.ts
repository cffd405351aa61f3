import { UNKNOWN } from "@bulkhead/core";
import type { List, Mapping, Origin, Tree } from "./tree";
import { childAt, isNull, isUnknown, textOf } from "./tree";
import { uniqueItems } from "./unique";

/** What cannot be merged: a mapping and a list, say. */
export class MergeError extends Error {
  readonly origin: Origin;
  readonly path: readonly string[];
  readonly expected: string;
  readonly found: string;

  constructor(base: Tree, over: Tree, path: readonly string[]) {
    super("cannot be merged");
    this.origin = over.origin;
    this.path = path;
    this.expected = `${kinds[base.kind]}, as in what it is merged with`;
    this.found = kinds[over.kind];
  }
}

const kinds = { scalar: "a single value", list: "a list", map: "a mapping" } as const;

type Merger = (base: Tree, over: Tree, path: readonly string[]) => Tree;

/** How settings of a service are merged that are not simply maps key by key and lists behind each other (compose-go, override/merge.go). */
const ofService: { readonly [key: string]: Merger } = {
  annotations: keyValues, build, "build.args": keyValues, "build.additional_contexts": keyValues, "build.extra_hosts": sequence, "build.labels": keyValues,
  command: replace, "deploy.labels": keyValues, depends_on: asMapping, dns: sequence, dns_opt: sequence, dns_search: sequence, entrypoint: replace,
  env_file: sequence, environment: keyValues, extra_hosts: sequence, "healthcheck.test": replace, label_file: sequence, labels: keyValues, logging,
  models: asMapping, networks: asMapping, sysctls: keyValues, tmpfs: sequence, "ulimits.*": ulimit,
};

function mergerOf(path: readonly string[]): Merger | undefined {
  const [section, , ...keys] = path;
  if (section !== "services" && section !== "jobs") return keys.length === 1 && keys[0] === "labels" ? keyValues : undefined;
  if (keys.length === 2 && keys[0] === "ulimits") return ofService["ulimits.*"];
  const name = keys.join(".");
  return keys.length > 0 && Object.hasOwn(ofService, name) ? ofService[name] : undefined;
}

/** What an override file, or a service that extends another, makes of what it stands on. @throws MergeError */
export function merge(base: Tree, over: Tree, path: readonly string[] = []): Tree {
  const special = mergerOf(path);
  if (isNull(over) && special !== replace) return base;
  if (special !== undefined) return special(base, over, path);
  if (isUnknown(over) || isUnknown(base) || base.kind === "scalar") return over;
  if (base.kind === "map") {
    if (over.kind !== "map") throw new MergeError(base, over, path);
    return mergeMaps(base, over, path);
  }
  if (over.kind !== "list") throw new MergeError(base, over, path);
  return uniqueItems(append(base, over), path);
}

/** `origin` of the result is the base's: what nobody says yet would be written there. */
export function mergeMaps(base: Mapping, over: Mapping, path: readonly string[]): Mapping {
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined || below.tag === "reset" || value.tag !== undefined ? value : merge(below, value, [...path, key]));
  }
  return { ...base, entries };
}

function append(base: List, over: List): List {
  const known = new Set(base.items.map(fingerprint));
  return { ...base, items: [...base.items, ...over.items.filter((item) => !known.has(fingerprint(item)))] };
}

/** Equal for values that are equal; what is not known equals nothing. */
export function fingerprint(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value === UNKNOWN ? Symbol("unknown") : JSON.stringify(tree.value);
  const children = tree.kind === "list" ? tree.items.map(fingerprint) : [...tree.entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, child]) => [key, fingerprint(child)]);
  return children.flat().some((child) => typeof child === "symbol") ? Symbol("unknown") : JSON.stringify(children);
}

function replace(_: Tree, over: Tree): Tree {
  return over;
}

/** A mapping as a list of `key=value`. */
function toList(tree: Tree): List {
  if (tree.kind === "list") return tree;
  if (tree.kind === "scalar") return { kind: "list", items: isNull(tree) ? [] : [tree], origin: tree.origin };
  const items = [...tree.entries].flatMap(([key, child]) => (child.kind === "list" ? child.items : [child]).map((value): Tree => ({ kind: "scalar", value: pairOf(key, value), origin: value.origin })));
  return { kind: "list", items, origin: tree.origin };
}

function pairOf(key: string, value: Tree): unknown {
  if (isUnknown(value)) return UNKNOWN;
  return isNull(value) || value.kind !== "scalar" ? key : `${key}=${String(value.value)}`;
}

function keyValues(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (base.kind === "map" && over.kind === "map") return { ...base, entries: new Map([...base.entries, ...over.entries]) };
  if (isUnknown(base) || isUnknown(over)) return over;
  const [first, second] = [toList(base), toList(over)];
  return uniqueItems({ ...first, items: [...first.items, ...second.items] }, path);
}

function sequence(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (isUnknown(base) || isUnknown(over)) return over;
  return uniqueItems(append(toList(base), toList(over)), path);
}

function asMapping(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (isUnknown(base) || isUnknown(over)) return over;
  return mergeMaps(toMapping(base), toMapping(over), path);
}

function toMapping(tree: Tree): Mapping {
  if (tree.kind === "map") return tree;
  const items = toList(tree).items;
  const entries = items.map((item) => [textOf(item) ?? "", { kind: "scalar", value: null, origin: item.origin }] as const);
  return { kind: "map", entries: new Map(entries), origin: tree.origin };
}

function build(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (isUnknown(base) || isUnknown(over)) return over;
  return mergeMaps(toBuild(base, path), toBuild(over, path), path);
}

function toBuild(tree: Tree, path: readonly string[]): Mapping {
  if (tree.kind === "map") return tree;
  if (tree.kind === "list") throw new MergeError({ kind: "map", entries: new Map(), origin: tree.origin }, tree, path);
  return { kind: "map", entries: isNull(tree) ? new Map() : new Map([["context", tree]]), origin: tree.origin };
}

/** Options of one driver are none of another's. */
function logging(base: Tree, over: Tree, path: readonly string[]): Tree {
  if (base.kind !== "map" || over.kind !== "map") return over;
  const [below, above] = [childAt(base, "driver"), childAt(over, "driver")];
  const same = below === undefined || above === undefined || fingerprint(below) === fingerprint(above);
  return same ? mergeMaps(base, over, path) : over;
}

function ulimit(base: Tree, over: Tree, path: readonly string[]): Tree {
  return base.kind === "map" && over.kind === "map" ? mergeMaps(base, over, path) : over;
}
