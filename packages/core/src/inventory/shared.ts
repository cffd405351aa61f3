import type { Field } from "../field";
import { elsewhere, known, unknown } from "../field";
import { compare } from "../order";
import { defaultNamespace } from "./buckets";
import type { Attachment, SharedUse, Workload } from "./members";
import { otherSetting } from "./selector";

export type Sharer = Workload | Attachment;

/** Something that several have, and who the others are. */
export interface Shared {
  readonly name: string;
  readonly others: readonly string[];
}

/** Who has one thing: for certain, and perhaps. Two documents of one name are one workload. */
interface Group {
  readonly certain: Map<unknown, string>;
  readonly perhaps: Map<unknown, string>;
  /** In order; made at the first question, when all are known. */
  sorted: readonly (readonly [unknown, string])[] | undefined;
}

export interface SharedIndex {
  readonly groups: ReadonlyMap<string, Group>;
  /** Scopes in which somebody has what is not known. */
  readonly unsure: ReadonlySet<string>;
}

/** Undefined where the namespace is not known, which may be any. */
export type ScopeOf = (sharer: Sharer) => string | undefined;

const identity = (sharer: Sharer): unknown => (sharer.resource.name === "(unnamed)" ? sharer : sharer.label);
const keyOf = (scope: string, { key }: SharedUse): string => `${scope}\u0000${key}`;

/** A claim belongs to a namespace; volumes and paths of Docker to the daemon. */
export function storageScope({ resource, ...sharer }: Sharer): string | undefined {
  if (sharer.about === "attachment") return resource.platform;
  const { namespace } = sharer;
  return namespace.state === "unknown" ? undefined : `kubernetes ${namespace.state === "value" && namespace.value !== "" ? namespace.value : defaultNamespace}`;
}

/** User ids are those of the machine, whatever the namespace. */
export const userScope = ({ resource }: Sharer): string => resource.platform;

const anywhere = "anywhere";

export function indexShared(sharers: readonly Sharer[], usesOf: (sharer: Sharer) => Field<readonly SharedUse[]>, scopeOf: ScopeOf): SharedIndex {
  const groups = new Map<string, Group>();
  const unsure = new Set<string>();
  for (const sharer of sharers) {
    const uses = usesOf(sharer);
    const scope = scopeOf(sharer);
    if (uses.state === "unknown" || (uses.state === "value" && uses.partial === true)) unsure.add(scope ?? anywhere);
    for (const use of uses.state === "value" ? uses.value : []) {
      if (scope === undefined) unsure.add(anywhere);
      else addTo(groups, keyOf(scope, use), identity(sharer), sharer.label, use.certain);
    }
  }
  return { groups, unsure };
}

function addTo(groups: Map<string, Group>, key: string, who: unknown, label: string, certain: boolean): void {
  const group = groups.get(key) ?? { certain: new Map(), perhaps: new Map(), sorted: undefined };
  groups.set(key, group);
  if (!certain && !group.certain.has(who)) group.perhaps.set(who, label);
  if (certain) {
    group.certain.set(who, label);
    group.perhaps.delete(who);
  }
}

/**
 * What a workload shares with others. Of all that share a thing the first by name is told, so that it is said once.
 * `missing` is why others may have it that are not in view.
 */
export function sharedBy(sharer: Sharer, uses: Field<readonly SharedUse[]>, index: SharedIndex, scopeOf: ScopeOf, missing: (use: SharedUse) => string | undefined): Field<readonly Shared[]> {
  if (uses.state !== "value") return uses as Field<never>;
  const scope = scopeOf(sharer);
  const found: Shared[] = [];
  let path = uses.path;
  let isOpen = uses.partial === true;
  let outside: string | undefined;
  for (const use of uses.value) {
    const group = scope === undefined ? undefined : index.groups.get(keyOf(scope, use));
    const sorted = group === undefined ? [] : sortedOf(group);
    const others = countOthers(group?.certain, sharer);
    if (use.certain && others > 0) {
      if (sorted[0]?.[0] !== identity(sharer)) continue;
      if (found.length === 0) path = use.path;
      found.push({ name: use.name, others: sorted.slice(1).map(([, label]) => label) });
    } else if (others + countOthers(group?.perhaps, sharer) > 0 || scope === undefined || index.unsure.has(scope) || index.unsure.has(anywhere)) isOpen = true;
    else outside ??= missing(use);
  }
  if (found.length > 0) return { ...known(found, path), ...(isOpen || outside !== undefined ? { partial: true } : {}) };
  if (isOpen) return unknown(path, otherSetting);
  return outside === undefined ? known([], path) : elsewhere(path, outside);
}

function countOthers(who: ReadonlyMap<unknown, string> | undefined, sharer: Sharer): number {
  return who === undefined ? 0 : who.size - (who.has(identity(sharer)) ? 1 : 0);
}

function sortedOf(group: Group): readonly (readonly [unknown, string])[] {
  return (group.sorted ??= [...group.certain].sort(([, a], [, b]) => compare(a, b)));
}
