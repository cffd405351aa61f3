import type { Field } from "../field";
import { isObject, known, UNKNOWN, unknown, unsupported } from "../field";
import type { Node } from "../node";
import { at, isUnset, members } from "../node";

/** Labels by key; undefined is a value that is not known. A field of them that is partial may hold others. */
export type Labels = ReadonlyMap<string, string | undefined>;

export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

/** A label selector: all requirements hold. None selects everything. */
export type Selector = readonly Requirement[];

/** Why an answer about several documents is not known. */
export const otherSetting = "depends on another setting that cannot be known yet";

/** The reason why labels are not known where that is why, and nothing else. */
export function through<T>(labels: Field<Labels>, answer: Field<T>): Field<T> {
  if (labels.state === "unsupported") return unsupported(labels.path, labels.reason);
  return answer.state === "unknown" && labels.state === "unknown" ? unknown(labels.path, labels.reason) : answer;
}

/** The labels of `metadata`; none where they are left out. */
export function labelsField(place: Node): Field<Labels> {
  if (place.value === UNKNOWN) return unknown(place.path, place.reason);
  if (isUnset(place)) return place.partial === undefined ? known(new Map(), place.path) : { state: "unsupported", path: place.path, to: () => undefined, reason: place.partial };
  if (!isObject(place.value)) return unknown(place.path, "is not an object");
  const entries = Object.entries(place.value).map(([key, value]) => [key, typeof value === "string" ? value : undefined] as const);
  return known(new Map(entries), place.path);
}

/** A selector that is left out selects everything; with `partial`, there are requirements that are not known. */
export function selectorField(place: Node): Field<Selector> {
  if (place.value === UNKNOWN) return unknown(place.path, place.reason);
  if (isUnset(place)) return place.partial === undefined ? known([], place.path) : { state: "unsupported", path: place.path, to: () => undefined, reason: place.partial };
  if (!isObject(place.value)) return unknown(place.path, "is not a label selector");
  const exact = at(place, "matchLabels");
  const expressions = members(at(place, "matchExpressions"));
  const requirements: Requirement[] = [];
  let partial = expressions.unknown || (!isUnset(exact) && !isObject(exact.value));
  for (const [key, value] of isObject(exact.value) ? Object.entries(exact.value) : []) {
    if (typeof value === "string") requirements.push({ key, operator: "In", values: [value] });
    else partial = true;
  }
  for (const item of expressions.items) {
    const requirement = requirementOf(item);
    if (requirement === undefined) partial = true;
    else requirements.push(requirement);
  }
  return { ...known(requirements, place.path), ...(partial ? { partial } : {}) };
}

/** Undefined where it is not known, or one that the API server refuses. */
function requirementOf(item: Node): Requirement | undefined {
  const key = at(item, "key").value;
  const operator = at(item, "operator").value;
  const list = members(at(item, "values"));
  if (typeof key !== "string" || list.unknown) return undefined;
  const values = list.items.flatMap(({ value }) => (typeof value === "string" ? [value] : []));
  if (values.length < list.items.length) return undefined;
  if (operator === "In" || operator === "NotIn") return values.length === 0 ? undefined : { key, operator, values };
  return (operator === "Exists" || operator === "DoesNotExist") && values.length === 0 ? { key, operator, values } : undefined;
}

/** Whether a selector selects labels, as Kubernetes decides it; undefined where that is not known. */
export function selects(selector: Field<Selector>, labels: Field<Labels>): boolean | undefined {
  if (selector.state !== "value") return undefined;
  let open = selector.partial === true;
  for (const requirement of selector.value) {
    const holds = labels.state === "value" ? satisfies(requirement, labels.value, labels.partial === true) : undefined;
    if (holds === false) return false;
    if (holds === undefined) open = true;
  }
  return open ? undefined : true;
}

/** A key that is not there satisfies NotIn (k8s.io/apimachinery, labels.Requirement.Matches). */
function satisfies({ key, operator, values }: Requirement, labels: Labels, partial: boolean): boolean | undefined {
  const present = labels.has(key);
  if (!present && partial) return undefined;
  if (operator === "Exists") return present;
  if (operator === "DoesNotExist") return !present;
  if (!present) return operator === "NotIn";
  const value = labels.get(key);
  if (value === undefined) return undefined;
  return values.includes(value) === (operator === "In");
}

/** The values that a key must have one of, or undefined where the selector says nothing of the kind. */
export function valuesOf(selector: Field<Selector>, key: string): readonly string[] | undefined {
  if (selector.state !== "value") return undefined;
  return selector.value.find((requirement) => requirement.key === key && requirement.operator === "In")?.values;
}
