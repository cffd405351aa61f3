import { capabilities } from "../arguments/values";
import { rulesAgainstCapabilities } from "../posture/capabilities";
import type { Place } from "./draft";
import { isUnset } from "./known";
import { allowedCapability, capabilityName, dangerousCapabilities, wanted } from "./wanted";

/** Drops ALL, and takes back what is added beyond what the restricted level allows. The keys are the platform's own. */
export function hardenCapabilities(place: Place | undefined, drop: string, add: string): void {
  if (place === undefined) return;
  const all = wanted("container", "securityContext", "capabilities", "drop");
  if (isUnset(place.get(drop))) place.fill(drop, all, ["drop-all-capabilities", "drop-net-raw"]);
  else place.strengthen(drop, (names) => !namesOf(names).includes("ALL"), all, ["drop-all-capabilities", "drop-net-raw"]);
  if (!place.isWeak(add, (names) => namesOf(names).some((name) => name !== allowedCapability), ["only-allowed-capabilities"])) return;
  const names = place.get(add) as readonly unknown[];
  // The strictest of the rules that find a capability decides whether it is exempted.
  const byRule = groups(namesOf(names).filter((name) => name !== allowedCapability));
  const exempted = [...byRule].flatMap(([rule, found]) => (place.isExempted(add, [rule]) ? found : []));
  const gone = namesOf(names).filter((name) => name !== allowedCapability && !exempted.includes(name));
  if (gone.length === 0) return;
  const kept = names.filter((name) => !gone.includes(capabilityName(String(name))));
  // Another text might be anything.
  const isNamed = gone.every((name) => name === "ALL" || capabilities.includes(name));
  place.replace(add, kept.length === 0 ? undefined : kept, [...new Set(gone.map(strictest))], `${isNamed ? gone.join(", ") : "what is beyond NET_BIND_SERVICE"} taken out`);
}

function groups(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map([...new Set(names.map(strictest))].map((rule) => [rule, names.filter((name) => strictest(name) === rule)]));
}

function strictest(name: string): string {
  if (dangerousCapabilities.includes(name)) return "no-dangerous-capabilities";
  return rulesAgainstCapabilities([name]).at(-1) ?? "only-allowed-capabilities";
}

export function namesOf(names: unknown): readonly string[] {
  return Array.isArray(names) ? names.map((name) => capabilityName(String(name))) : [];
}
