import type { Policies } from "@pulumi/policy";
import { rules } from "@bulkhead/rules";
import type { Configured } from "./configuration";
import { dispatcherName } from "./configuration";
import { createPack } from "./policies";

export interface Settings {
  /** The rules of this preset refuse; the others are off. Without it the baseline refuses and the rest advises. */
  readonly preset?: "baseline" | "restricted" | "strict";
  /** What happens with what cannot be known yet; default `report`. */
  readonly unknown?: "report" | "deny" | "ignore";
  /** Where the JSON report is written. */
  readonly report?: string;
  /** Levels by rule id, over the preset's. */
  readonly levels?: Readonly<Record<string, "advisory" | "mandatory" | "disabled">>;
  /** Options by rule id. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * The policies, for a pack of your own. Importing this file starts nothing. Settings are given here, in code: what the
 * engine configures reaches only the pack that this package ships.
 */
export function policies(settings: Settings = {}): Policies {
  const pack = createPack(rules);
  const { options = {}, ...own } = settings;
  const configured: [string, { readonly level: "advisory" | "mandatory"; readonly properties: Readonly<Record<string, unknown>> }][] = rules.map((rule) => [rule.id, { level: rule.preset === "baseline" ? "mandatory" : "advisory", properties: options[rule.id] ?? {} }]);
  const all: Configured = new Map([...configured, [dispatcherName, { level: "mandatory", properties: own }]]);
  pack.configured(all);
  return [...pack.policies];
}
