import { isObject } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Model } from "../model/subject";
import { quoted } from "../dialects/common";
import { readTerms } from "./terms";

/** The components of `@bulkhead/components` that can be weakened, and whose inputs name what that exempts their children from. */
const componentType = /^bulkhead:index:(HardenedContainer|HardenedService|HardenedDeployment|HardenedStatefulSet|HardenedDaemonSet|HardenedJob|HardenedCronJob)$/;

/** The rules that a component can leave unsatisfied; from any other its inputs exempt nothing. */
export const weakenable: readonly string[] = [
  "bind-published-ports", "bounded-restarts", "internal-backend-network", "no-executable-scratch", "no-host-port", "no-low-group-id", "no-low-user-id", "no-privileged-host-port", "no-root-group",
  "no-root-user", "no-service-account-token", "only-allowed-capabilities", "only-default-capabilities", "read-only-root-filesystem", "run-as-non-root",
];

/** Whether a type is a component whose inputs name what its children are exempted from. */
export function isExemptingType(type: string): boolean {
  return componentType.test(type);
}

/** Whether a resource is what a component itself makes: it is called as the component is. Another that a program puts under it is a stranger. */
export function isOwnChild(parentUrn: string, name: string): boolean {
  return parentUrn.split("::").slice(3).join("::") === name;
}

/** Adds to a model what the component that it is a child of exempts it from. `list` is the component's input `exemptions`, as it is. */
export function inheritExemptions(model: Model, list: unknown): Model {
  if (!model.holdsContainers || !Array.isArray(list) || list.length === 0) return model;
  const own = model.exemptions ?? [];
  const { resource } = model;
  const inherited = list.filter(isObject).flatMap((entry): readonly CodeExemption[] => {
    const { rule, owner, expires, reason } = entry;
    // What stands on the child itself is the same weakening, written where `bulkhead check` sees it too.
    if (typeof rule !== "string" || !weakenable.includes(rule) || own.some((exemption) => exemption.rule === rule)) return [];
    const said = `owner=${text(owner)}; expires=${text(expires)}; reason=${text(reason)}`;
    return [{ rule, resource, label: quoted(resource), path: [], isInherited: true, ...readTerms(said) }];
  });
  return inherited.length === 0 ? model : { ...model, exemptions: [...own, ...inherited] };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
