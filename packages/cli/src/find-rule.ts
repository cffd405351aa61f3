import type { AnyRule } from "@bulkhead/core";
import { Misuse, suggest } from "./arguments";

/** @throws Misuse for an id that the catalogue does not have. */
export function findRule(id: string, catalogue: readonly AnyRule[]): AnyRule {
  const rule = catalogue.find((candidate) => candidate.id === id);
  if (rule !== undefined) return rule;
  throw new Misuse(`unknown rule ${JSON.stringify(id)}${suggest(id, catalogue.map((candidate) => candidate.id)) || "; `bulkhead explain` lists the rules"}`);
}
