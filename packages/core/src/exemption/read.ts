import { isObject, UNKNOWN } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Hole, Resource } from "../model/subject";
import type { Node } from "../node";
import { at, isUnset } from "../node";
import { readTerms } from "./terms";

/** What exemptions are named by, as an annotation or a label: `exempt.bulkhead.dev/no-host-path`. */
export const exemptionPrefix = "exempt.bulkhead.dev/";

export interface ReadExemptions {
  readonly exemptions: readonly CodeExemption[];
  /** Where an exemption may stand that is not known. */
  readonly holes: readonly Hole[];
}

/** Exemptions among annotations or labels: a map, a list of `{ label, value }`, or a list of `name=value`. */
export function readExemptions(place: Node, resource: Resource, label: string, scope: Pick<CodeExemption, "within" | "except"> = {}): ReadExemptions {
  const exemptions: CodeExemption[] = [];
  const holes: Hole[] = [];
  const add = (name: unknown, value: Node): void => {
    if (name === UNKNOWN) holes.push(hole(value, resource, label));
    else if (typeof name === "string" && name.startsWith(exemptionPrefix)) exemptions.push({ rule: name.slice(exemptionPrefix.length), resource, label, path: value.path, ...said(value), ...scope });
  };
  const { value } = place;
  if (value === UNKNOWN) return { exemptions, holes: [hole(place, resource, label)] };
  if (Array.isArray(value)) {
    for (const index of value.keys()) {
      const item = at(place, index);
      if (typeof item.value === "string") add(...assignment(item));
      else if (item.value === UNKNOWN) add(UNKNOWN, item);
      else add(at(item, "label").value, at(item, "value"));
    }
  } else if (isObject(value)) for (const name in value) add(name, at(place, name));
  else if (!isUnset(place)) holes.push(hole(place, resource, label));
  return { exemptions, holes };
}

export function joinExemptions(parts: readonly ReadExemptions[]): ReadExemptions {
  return { exemptions: parts.flatMap(({ exemptions }) => exemptions), holes: parts.flatMap(({ holes }) => holes) };
}

/** `name=value`, as compose and the Docker command line write a label. */
function assignment(item: Node): [string, Node] {
  const text = String(item.value);
  const end = text.indexOf("=");
  return end < 0 ? [text, { ...item, value: undefined }] : [text.slice(0, end), { ...item, value: text.slice(end + 1) }];
}

function said(place: Node): Pick<CodeExemption, "terms" | "problem"> {
  if (place.value === UNKNOWN) return {};
  if (typeof place.value === "string") return readTerms(place.value);
  return { problem: isUnset(place) ? "give a reason, name an owner and say when it expires" : "be text" };
}

function hole({ path }: Node, resource: Resource, label: string): Hole {
  return { about: ["exemption"], resource, label, path };
}
