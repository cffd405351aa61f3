import type { Labels } from "../model/cluster";
import type { Selector } from "../model/policy";
import { selects } from "../reachability/selector";
import { identityLabels, isStable, stableLabels } from "./labels";

type Requirement = NonNullable<Selector["matchExpressions"]>[number];

export interface ExactSelector {
  /** Absent where the pods have no stable label in common: whatever selected them would select every pod. */
  readonly selector?: Selector;
  /** Indexes of other pods that it selects all the same: no label tells them apart. */
  readonly admits: readonly number[];
}

/**
 * A selector of pods with the labels `own`, and of none of the `others` in their namespace: `base` (the controller's own)
 * where it does, else with as few further requirements as a greedy search finds. Without a base it begins at the labels
 * that say what the pods are.
 */
export function exactSelector(own: readonly Labels[], others: readonly Labels[], base?: Selector): ExactSelector {
  const start = base !== undefined && isAnything(base) ? undefined : base;
  const found = search(own, others, start?.matchLabels ?? startingLabels(own), start?.matchExpressions ?? []);
  if (found.admits.length === 0) return found;
  // What is not told apart has equal labels, and gets an equal selector: all of them.
  const whole = search(own, others, commonLabels(own), []);
  return whole.admits.length <= found.admits.length ? whole : found;
}

function search(own: readonly Labels[], others: readonly Labels[], labels: Labels, given: readonly Requirement[]): ExactSelector {
  const exact = new Map(Object.entries(labels));
  const expressions = [...given];
  if (exact.size === 0 && expressions.length === 0) return { admits: [] };
  const selector = (): Selector => ({ ...(exact.size > 0 ? { matchLabels: Object.fromEntries([...exact].sort(([a], [b]) => (a < b ? -1 : 1))) } : {}), ...(expressions.length > 0 ? { matchExpressions: expressions } : {}) });
  let remaining = others.map((labels, index) => ({ labels, index })).filter(({ labels }) => selects(selector(), labels));
  while (remaining.length > 0) {
    const best = bestRequirement(own, remaining.map(({ labels }) => labels));
    if (best === undefined) break;
    const [value, second] = best.values ?? [];
    if (best.operator === "In" && value !== undefined && second === undefined) exact.set(best.key, value);
    else expressions.push(best);
    remaining = remaining.filter(({ labels }) => meets(best, labels));
  }
  return { selector: selector(), admits: remaining.map(({ index }) => index) };
}

/** Whether it selects every pod of its namespace. */
export function isAnything({ matchLabels = {}, matchExpressions = [] }: Selector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

function commonLabels([first = {}, ...rest]: readonly Labels[]): Labels {
  return Object.fromEntries(Object.entries(stableLabels(first)).filter(([key, value]) => rest.every((labels) => labels[key] === value)));
}

function startingLabels(own: readonly Labels[]): Labels {
  const common = commonLabels(own);
  const telling = Object.entries(common).filter(([key]) => identityLabels.includes(key));
  return telling.length > 0 ? Object.fromEntries(telling) : common;
}

/** The requirement that all own pods meet and that most of the others do not; undefined where each of the others meets all. */
function bestRequirement(own: readonly Labels[], others: readonly Labels[]): Requirement | undefined {
  const keys = [...new Set([...own, ...others].flatMap((labels) => Object.keys(labels)))].filter(isStable).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  let best: { readonly requirement: Requirement; readonly excluded: number; readonly cost: number } | undefined;
  for (const key of keys) {
    const requirement = requirementFor(key, own, others);
    if (requirement === undefined) continue;
    const excluded = others.filter((labels) => !meets(requirement, labels)).length;
    const cost = requirement.operator === "In" ? (requirement.values?.length ?? 0) : requirement.operator === "DoesNotExist" ? 1.5 : 2.5;
    if (excluded > 0 && (best === undefined || excluded > best.excluded || (excluded === best.excluded && cost < best.cost))) best = { requirement, excluded, cost };
  }
  return best?.requirement;
}

function rank(key: string): number {
  const index = identityLabels.indexOf(key);
  return index < 0 ? identityLabels.length : index;
}

function requirementFor(key: string, own: readonly Labels[], others: readonly Labels[]): Requirement | undefined {
  const values = [...new Set(own.flatMap((labels) => labels[key] ?? []))].sort();
  const present = own.filter((labels) => labels[key] !== undefined).length;
  if (present === own.length) return { key, operator: "In", values };
  if (present === 0) return { key, operator: "DoesNotExist" };
  const foreign = [...new Set(others.flatMap((labels) => labels[key] ?? []))].filter((value) => !values.includes(value)).sort();
  return foreign.length === 0 ? undefined : { key, operator: "NotIn", values: foreign };
}

function meets(requirement: Requirement, labels: Labels): boolean {
  return selects({ matchExpressions: [requirement] }, labels);
}
