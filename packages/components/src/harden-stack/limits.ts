import type { Place } from "./draft";
import { isKnown, isUnset } from "./known";

const factors: { readonly [suffix: string]: number } = { "": 1, n: 1e-9, u: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };

/** An amount of Kubernetes as a number; NaN for what is none. */
export function quantityOf(value: unknown): number {
  if (typeof value === "number") return value;
  const [, number = "", suffix = ""] = (typeof value === "string" && /^(\d+(?:\.\d*)?|\.\d+)([a-zA-Z]{0,2})$/.exec(value.trim())) || [];
  return number === "" ? Number.NaN : Number(number) * (factors[suffix] ?? Number.NaN);
}

/** Sets a limit that is not set, unless what the container requests could be above it: the API server would refuse that. */
export function limit(limits: Place, requests: Place | undefined, key: string, amount: string | undefined, rule: string): void {
  const before = limits.get(key);
  if (!isUnset(before)) return void (isKnown(before) || limits.draft.note("unknown", limits.at(key), [rule], "not known"));
  const request = requests?.get(key);
  if (amount === undefined) limits.leave(key, [rule], "no limit, and none was given to hardenStack");
  else if (requests !== undefined && (isUnset(request) || quantityOf(request) <= quantityOf(amount))) limits.fill(key, amount, [rule]);
  else limits.leave(key, [rule], `no limit, and ${isKnown(request) ? "the request is above" : "the request is not known, and may be above"} the one that was given`);
}
