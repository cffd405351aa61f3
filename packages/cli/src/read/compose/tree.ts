import type { Path } from "@bulkhead/core";
import { isObject, UNKNOWN } from "@bulkhead/core";
import type { Position } from "../problem";
import { Tagged } from "./yaml";

/** A file of a project, as far as its values need to know where they come from. */
export interface Part {
  /** As the user wrote it, or as seen from there. */
  readonly file: string;
  /** What relative paths of the file start from. */
  readonly directory: string;
  readonly locate: (document: number, path: Path) => Position | undefined;
}

export interface Origin {
  readonly part: Part;
  readonly document: number;
  readonly path: Path;
}

interface Base {
  readonly origin: Origin;
  /** `!reset` removes, and `!override` replaces, what is merged below it. */
  readonly tag?: "reset" | "override";
}
export interface Scalar extends Base {
  readonly kind: "scalar";
  readonly value: unknown;
}
export interface List extends Base {
  readonly kind: "list";
  readonly items: readonly Tree[];
}
export interface Mapping extends Base {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, Tree>;
}
/** A document whose values know where they come from. Trees share parts and never change. */
export type Tree = Scalar | List | Mapping;

export function toTree(value: unknown, part: Part, document: number): Tree {
  const seen = new Map<object, Tree>();
  const build = (current: unknown, path: Path): Tree => {
    const origin: Origin = { part, document, path };
    if (current instanceof Tagged) return { ...build(current.value, path), tag: current.tag };
    if (!Array.isArray(current) && !isObject(current)) return { kind: "scalar", value: current, origin };
    const known = seen.get(current);
    if (known !== undefined) return known;
    const tree: Tree = Array.isArray(current)
      ? { kind: "list", items: (current as readonly unknown[]).map((item, index) => build(item, [...path, index])).filter(({ tag }) => tag !== "reset"), origin }
      : { kind: "map", entries: new Map(Object.entries(current).map(([key, child]) => [key, build(child, [...path, key])])), origin };
    seen.set(current, tree);
    return tree;
  };
  return build(value, []);
}

/** Values that a project may have once everything is merged. */
const maxValues = 1_000_000;

/** The plain document; undefined where it is too large to walk. */
export function toPlain(tree: Tree): unknown {
  const seen = new Map<Tree, { readonly value: unknown; readonly size: number }>();
  let total = 0;
  const build = (current: Tree): unknown => {
    const known = seen.get(current);
    const before = total;
    if (known !== undefined) {
      total += known.size;
      return known.value;
    }
    total += 1;
    const value = current.kind === "scalar" ? current.value : current.kind === "list" ? current.items.map(build) : plainMap(current, build);
    seen.set(current, { value, size: total - before });
    return value;
  };
  const plain = build(tree);
  return total > maxValues ? undefined : plain;
}

function plainMap({ entries }: Mapping, build: (tree: Tree) => unknown): unknown {
  const kept = [...entries].filter(([, child]) => child.tag !== "reset").map(([key, child]) => [key, build(child)] as const);
  return Object.fromEntries(kept);
}

/** Where the value at a path comes from; `rest` is what of the path leads on from there. */
export function originAt(tree: Tree, path: Path): { readonly origin: Origin; readonly rest: Path } {
  let current = tree;
  for (const [index, key] of path.entries()) {
    const next = childAt(current, key);
    if (next === undefined) return { origin: current.origin, rest: path.slice(index) };
    current = next;
  }
  return { origin: current.origin, rest: [] };
}

export function childAt(tree: Tree | undefined, ...keys: Path): Tree | undefined {
  let current = tree;
  for (const key of keys) {
    if (current?.kind === "list" && typeof key === "number") current = current.items[key];
    else if (current?.kind === "map" && typeof key === "string") current = current.entries.get(key);
    else return undefined;
    if (current?.tag === "reset") return undefined;
  }
  return current;
}

/** The text of a scalar; undefined for everything else, also for what is not known. */
export function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === "scalar" && typeof tree.value === "string" ? tree.value : undefined;
}

export function isUnknown(tree: Tree | undefined): boolean {
  return tree?.kind === "scalar" && tree.value === UNKNOWN;
}

export function isNull(tree: Tree | undefined): boolean {
  return tree === undefined || (tree.kind === "scalar" && (tree.value === null || tree.value === undefined));
}

export function entriesOf(tree: Tree | undefined): readonly (readonly [string, Tree])[] {
  return tree?.kind === "map" ? [...tree.entries].filter(([, child]) => child.tag !== "reset") : [];
}

export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === "list" ? tree.items : [];
}
