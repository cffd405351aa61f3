import { isObject } from "@bulkhead/core";

/** A part of a text and what stands there instead. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text that this editor cannot change as wanted, and why; never quotes a value. */
export class Uneditable extends Error {
  override readonly name = "Uneditable";
}

/** In the order of the text; of two at one place the one that was made first. */
export function sorted(splices: readonly Splice[]): readonly Splice[] {
  const inOrder = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const [index, { start }] of inOrder.entries()) {
    if (start < (inOrder[index - 1]?.end ?? 0)) throw new Uneditable("two changes meet in one place");
  }
  return inOrder;
}

/** @throws Uneditable where two of them overlap. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const splice of sorted(splices)) {
    parts.push(text.slice(at, splice.start), splice.text);
    at = splice.end;
  }
  return parts.join("") + text.slice(at);
}

/** The same values, whatever the order of keys. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((member, index) => same(member, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/** A copy in which nothing is shared: an alias gives one object in two places, and a change is meant for one of them. */
export function unshared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unshared);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, unshared(member)])) : value;
}
