import type { Field, Path, Patch } from "./field";
import { isObject, UNKNOWN, unknown, unset, unsupported } from "./field";

/**
 * A place in a plain document, whether or not anything stands there. Reading below an unknown value gives unknown, and
 * so does reading below one that cannot hold it: whoever reads the document may refuse it, or not. Reading below nothing
 * gives nothing. `null` is unset, as in Kubernetes and Pulumi.
 */
export interface Node {
  readonly path: Path;
  readonly value: unknown;
  /** The document's reason why what it leaves out is not examined (a Patch), or undefined. */
  readonly partial: string | undefined;
  /** Why nothing is known of what stands here, where it is said. */
  readonly reason?: string;
}

export function node(value: unknown, path: Path = [], partial?: string): Node {
  return { path, value, partial };
}

export function at(parent: Node, ...keys: readonly (string | number)[]): Node {
  let value = parent.value;
  let { reason } = parent;
  for (const key of keys) {
    const inner = step(value, key);
    if (inner === MISTYPED) reason ??= typeof key === "number" ? "stands in what is not a list" : "stands in what is not an object";
    value = inner === MISTYPED ? UNKNOWN : inner;
  }
  const path = [...parent.path, ...keys];
  return reason !== undefined && value === UNKNOWN ? { path, value, partial: parent.partial, reason } : { path, value, partial: parent.partial };
}

const MISTYPED: unique symbol = Symbol("mistyped");

function step(value: unknown, key: string | number): unknown {
  if (value === UNKNOWN) return UNKNOWN;
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return typeof key === "number" ? value[key] : MISTYPED;
  if (!isObject(value) || typeof key === "number") return MISTYPED;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Where only an object can stand: whether what stands there is not known, or is something else. */
export function isUnreadable(place: Node): boolean {
  return !isUnset(place) && !isObject(place.value);
}

/** The same as a field that is not known; undefined where the place can be read. */
export function unreadable<T>(place: Node): Field<T> | undefined {
  return isUnreadable(place) ? unknown(place.path, place.value === UNKNOWN ? place.reason : "is not an object") : undefined;
}

export function isUnset(place: Node): boolean {
  return place.value === undefined || place.value === null;
}

/** The members of a list; `unknown` is true where the list itself is not known. A value that is no list has no members. */
export function members(list: Node): { readonly items: readonly Node[]; readonly unknown: boolean } {
  if (list.value === UNKNOWN) return { items: [], unknown: true };
  if (!Array.isArray(list.value)) return { items: [], unknown: !isUnset(list) };
  return { items: list.value.map((_, index) => at(list, index)), unknown: false };
}

/** A field that sums up many places: writing what is wanted removes the places of everything else, as far as they are known. */
export function removing<T>(field: Field<readonly T[]>, unwanted: (wanted: readonly T[]) => readonly Node[]): Field<readonly T[]> {
  // From the end: what is removed from a list moves what stands behind it.
  return { ...field, to: (wanted = []) => [...unwanted(wanted)].reverse().map(({ path }) => ({ op: "remove", path })) };
}

/** Writes or removes the value at a path. */
export function put(path: Path): (value: unknown) => readonly Patch[] {
  return (value) => [value === undefined ? { op: "remove", path } : { op: "set", path, value }];
}

type Decoder<T> = (value: unknown) => T | undefined;

/** A field of `place`; a value that `decode` refuses is unknown: whoever reads the document may refuse it, or not. */
export function field<T>(place: Node, expected: string, decode: Decoder<T>, encode: (value: T) => unknown = (v) => v): Field<T> {
  const { path } = place;
  const to = (value: T | undefined) => put(path)(value === undefined ? undefined : encode(value));
  if (place.value === UNKNOWN) return unknown(path, place.reason);
  if (isUnset(place)) return place.partial === undefined ? unset(path, to) : unsupported(path, place.partial);
  const value = decode(place.value);
  if (value === undefined) return { state: "unknown", path, to, reason: `is not ${expected}` };
  return { state: "value", value, path, to };
}

/**
 * Strings that read as a boolean in some YAML version count as one: a reader that kept `yes` as text must not turn a
 * privileged container into an unprivileged one.
 */
export function booleanField(place: Node): Field<boolean> {
  return field(place, "a boolean", (value) => {
    if (typeof value === "boolean") return value;
    if (typeof value !== "string") return undefined;
    if (/^(true|yes|on|y)$/i.test(value)) return true;
    if (/^(false|no|off|n)$/i.test(value)) return false;
    return undefined;
  });
}

export function stringField(place: Node): Field<string> {
  return field(place, "a string", (value) => (typeof value === "string" ? value : undefined));
}

export function numberField(place: Node): Field<number> {
  return field(place, "a number", (value) => {
    if (typeof value === "number") return value;
    return typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : undefined;
  });
}

/** A list of members; unknown members are left out, the field is marked `partial`, and cannot be written without losing them. */
export function listField<T>(place: Node, decode: Decoder<T>): Field<readonly T[]> {
  const list = field(place, "a list", (value) => (Array.isArray(value) ? (value as readonly unknown[]) : undefined));
  if (list.state !== "value") return list as Field<readonly T[]>;
  const values: T[] = [];
  let partial = false;
  for (const member of list.value) {
    const value = member === UNKNOWN ? undefined : decode(member);
    if (value === undefined) partial = true;
    else values.push(value);
  }
  return { state: "value", value: values, path: place.path, to: partial ? () => undefined : put(place.path), ...(partial ? { partial } : {}) };
}

export function stringsField(place: Node): Field<readonly string[]> {
  return listField(place, (value) => (typeof value === "string" ? value : undefined));
}
