import type { Hardening, HardeningId, Inputs } from "./hardenings";
import { hardenings } from "./hardenings";

/** The hardenings but those that are given up. */
export function without(...ids: readonly HardeningId[]): readonly Hardening[] {
  return hardenings.filter(({ id }) => !ids.includes(id));
}

/** The inputs that some hardenings set in one place. */
export function inputsFor(place: "docker" | "pod" | "container", chosen: readonly Hardening[] = hardenings): Inputs {
  return chosen.reduce<Inputs>((inputs, hardening) => merge(inputs, hardening[place] ?? {}), {});
}

/** Objects are merged key by key; anything else of `over` stands in place of what was there. Neither is changed. */
export function merge(under: Inputs, over: Inputs): Inputs {
  const merged: { [key: string]: unknown } = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    if (value !== undefined) merged[key] = isPlain(before) && isPlain(value) ? merge(before, value) : value;
  }
  return merged;
}

/** An object that is data; not an output, which is an object too. */
function isPlain(value: unknown): value is Inputs {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}
