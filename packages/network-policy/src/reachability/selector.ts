import type { Labels } from "../model/cluster";
import type { Selector } from "../model/policy";

/** Whether a label selector selects, as k8s.io/apimachinery decides it: a key that is not there satisfies NotIn. An empty selector selects everything. */
export function selects({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  for (const key in matchLabels) if (!Object.hasOwn(labels, key) || labels[key] !== matchLabels[key]) return false;
  for (const { key, operator, values } of matchExpressions ?? []) {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    if (operator === "Exists" || operator === "DoesNotExist") {
      if ((value !== undefined) !== (operator === "Exists")) return false;
    } else if (operator === "In") {
      if (value === undefined || values?.includes(value) !== true) return false;
    } else if (operator !== "NotIn" || (value !== undefined && values?.includes(value) === true)) return false;
  }
  return true;
}

/** The labels of which one must be there; undefined where the selector asks for none in particular. */
export function neededLabels({ matchLabels, matchExpressions }: Selector): readonly (readonly [key: string, values: readonly string[]])[] {
  const exact = Object.entries(matchLabels ?? {}).map(([key, value]) => [key, [value]] as const);
  const among = (matchExpressions ?? []).flatMap(({ key, operator, values }) => (operator === "In" ? [[key, [...new Set(values ?? [])]] as const] : []));
  return [...exact, ...among];
}

/** Equal for selectors that are written alike. */
export function selectorKey({ matchLabels, matchExpressions }: Selector): string {
  const exact = Object.entries(matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([exact, (matchExpressions ?? []).map(({ key, operator, values }) => [key, operator, values ?? []])]);
}
