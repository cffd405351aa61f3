import type { Field, Path } from "../field";
import { isObject, known, unknown, unsupported } from "../field";
import type { Node } from "../node";
import { field, isUnset } from "../node";

/** What was found at a place; `open` is a part of it that is not known. What a Patch leaves out is not examined. */
export function collected<T>(found: readonly T[], place: Node, open?: { readonly path: Path }): Field<readonly T[]> {
  if (found.length === 0 && open !== undefined) return unknown(open.path);
  if (found.length === 0 && isUnset(place) && place.partial !== undefined) return unsupported(place.path, place.partial);
  return { ...known(found, place.path), ...(open === undefined ? {} : { partial: true }) };
}

/** Whether an object stands there. */
export function presence(place: Node): Field<boolean> {
  return field(place, "an object", (value) => (isObject(value) ? true : undefined));
}

/** The names of a map. */
export function keys(place: Node): Field<readonly string[]> {
  return field(place, "an object", (value) => (isObject(value) ? Object.keys(value) : undefined), () => undefined);
}

/** The own value where there is one, or may be, else the other's; written at the own place. What the other's document cannot say is left open. */
export function inherit<T>(own: Field<T>, other: Field<T>): Field<T> {
  if (own.state === "value" || own.state === "unknown") return own;
  const isOpen = own.state === "unset" && other.state === "unsupported";
  return isOpen || other.state === "value" || other.state === "unknown" ? { ...other, to: own.to } : own;
}

