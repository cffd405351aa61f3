import { normaliseDockerType } from "../dialects/docker-type";
import type { Path } from "../field";
import type { CodeExemption } from "../model/exemption";
import type { Resource } from "../model/subject";
import type { ConfiguredExemption, ExemptionScope } from "./configured";
import { matchesGlob } from "./glob";

/** Whether an exemption of the configuration concerns a resource, whichever of its containers. */
export function concerns({ scope }: ConfiguredExemption, resource: Resource): boolean {
  const { type, name, urn, namespace } = scope;
  const [, token, logicalName] = /^urn:pulumi:[^:]*::[^:]*::(?:.*\$)?([^$]*?)::(.*)$/s.exec(resource.urn ?? "") ?? [];
  if (type !== undefined && !type.some((pattern) => matches(pattern, resource.kind) || matches(normaliseDockerType(pattern), token))) return false;
  if (name !== undefined && !name.some((pattern) => matches(pattern, resource.name) || matches(pattern, logicalName))) return false;
  if (urn !== undefined && !urn.some((pattern) => matches(pattern, resource.urn))) return false;
  return namespace === undefined || namespace.some((pattern) => matches(pattern, resource.kind === "Namespace" ? resource.name : resource.namespace));
}

export function includesContainer(names: readonly string[] | undefined, container: string | undefined): boolean {
  return names === undefined || (container !== undefined && names.some((name) => matchesGlob(name, container)));
}

export function isWithin({ within, except = [] }: CodeExemption, paths: readonly Path[]): boolean {
  return within === undefined || paths.some((path) => isBelow(path, within) && !except.some((inner) => isBelow(path, inner)));
}

/** Whether a place is another one, or inside of it. */
export function isBelow(path: Path, outer: Path): boolean {
  return outer.every((key, index) => path[index] === key);
}

/** What is missing for an exemption of the configuration to be narrow, or nothing. */
export function breadthOf(rules: readonly string[], scope: ExemptionScope | undefined): string | undefined {
  if (rules.includes("*")) return "name the rules that it exempts from, not all of them";
  if (scope === undefined) return undefined;
  const isNarrow = Object.values(scope).some((patterns: readonly string[]) => !patterns.some((pattern) => /^[*?]*$/.test(pattern) || /^urn:(pulumi:)?[*?:]*$/.test(pattern)));
  return isNarrow ? undefined : "name a type, a name, a URN, a namespace or a container that it is for; to exempt everything, turn the rule off";
}

function matches(pattern: string, text: string | undefined): boolean {
  return text !== undefined && matchesGlob(pattern, text);
}
