import type { Surroundings } from "../context";
import type { Field } from "../field";
import { known, unsupported } from "../field";
import type { Inventory } from "../inventory/inventory";
import type { Drift, Drifting } from "./source";

/**
 * Where a subject differs from the accepted flows. Without a lockfile that can be read there is nothing to differ from,
 * which is said once, of the lockfile.
 */
export function driftOf(subject: Drifting, inventory: Inventory, { network, asksFlows }: Surroundings): Field<readonly Drift[]> {
  if (network === undefined) return unsupported(subject.path, "nothing here evaluates who may talk to whom");
  asksFlows?.();
  return network.flows.kind === "loaded" ? inventory.drift(subject) : known([], subject.path);
}
