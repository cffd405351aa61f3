import { isObject } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Model } from "../model/subject";
import { quoted } from "../dialects/common";
import { readTerms } from "./terms";

const componentType = /^bulkhead:index:\w+$/;

/** Whether a type is a component of `@bulkhead/components`, whose inputs name what its children are exempted from. */
export function isExemptingType(type: string): boolean {
  return componentType.test(type);
}

/** Adds to a model what the component that it is a child of exempts it from. `list` is the component's input `exemptions`, as it is. */
export function inheritExemptions(model: Model, list: unknown): Model {
  if (!model.holdsContainers || !Array.isArray(list) || list.length === 0) return model;
  const own = model.exemptions ?? [];
  const { resource } = model;
  const inherited = list.filter(isObject).flatMap((entry): readonly CodeExemption[] => {
    const { rule, owner, expires, reason } = entry;
    // What stands on the child itself is the same weakening, written where `bulkhead check` sees it too.
    if (typeof rule !== "string" || own.some((exemption) => exemption.rule === rule)) return [];
    const said = `owner=${text(owner)}; expires=${text(expires)}; reason=${text(reason)}`;
    return [{ rule, resource, label: quoted(resource), path: [], isInherited: true, ...readTerms(said) }];
  });
  return inherited.length === 0 ? model : { ...model, exemptions: [...own, ...inherited] };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
