import type { Field } from "../field";
import type { Node } from "../node";
import { field } from "../node";

const suffixes: { readonly [suffix: string]: number } = {
  "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18,
  Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60,
};

/** A Kubernetes quantity (`128Mi`, `0.5`, `1e3`, 512) as a number, or undefined where it is none (apimachinery resource.Quantity). */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i))?$/.exec(value.trim());
  if (match === null) return undefined;
  const factor = match[2] === undefined ? (suffixes[match[3] ?? ""] ?? 1) : Number(`1${match[2]}`);
  return Number(match[1]) * factor;
}

export function quantityField(place: Node): Field<number> {
  return field(place, "a quantity", parseQuantity);
}

/** The id of a user or of a group, as digits without leading zeros. `expected` is what it is called in a reason. */
export function idField(place: Node, expected: "a user id" | "a group id"): Field<string> {
  return field(place, expected, (value) => (typeof value === "number" || (typeof value === "string" && /^\d+$/.test(value)) ? String(Number(value)) : undefined), Number);
}
