import type { AnyRule, ExemptionEntry, KubernetesVersion } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { type Policies, PolicyPack } from "@pulumi/policy";
import type { Configured } from "./configuration";
import { coverageName, dispatcherName } from "./configuration";
import { createPolicies } from "./policies";
import { hookSdk } from "./sdk";

/** Bulkhead's own rules. */
export const catalogue: readonly AnyRule[] = rules;

export interface PackOptions {
  /** The name of the pack: lower case, digits and hyphens. */
  readonly name: string;
  readonly description?: string;
  /** The rules of the pack: your own, made with `defineRule` of @bulkhead/core, and `...catalogue` for those of Bulkhead besides. */
  readonly rules: readonly AnyRule[];
}

/**
 * Starts a pack, as the only thing that a pack's entry point does. What the engine configures (`--policy-pack-config`,
 * policy groups) reaches the rules: levels, options, and the settings under `bulkhead`.
 *
 * @throws Error for rules that cannot be together in a pack.
 */
export function createPack({ name, description, rules: own }: PackOptions): PolicyPack {
  checkRules(own);
  const pack = createPolicies(own);
  const hooked = hookSdk({ ...pack, skipped: pack.standIns });
  if (!hooked) process.stderr.write(`${name}: this version of @pulumi/policy does not show the pack the levels and options of its rules; those under bulkhead (preset, levels, unknown, report) count\n`);
  return new PolicyPack(name, { policies: [...pack.policies], ...(description === undefined ? {} : { description }) });
}

function checkRules(own: readonly AnyRule[]): void {
  const taken = new Set<string>([dispatcherName, coverageName, "all"]);
  for (const [index, rule] of own.entries()) {
    if (typeof rule?.id !== "string" || !Array.isArray(rule.about)) throw new Error(`rules[${index}]: expected a rule made with defineRule, found ${rule === null ? "null" : typeof rule}`);
    if (taken.has(rule.id)) throw new Error(`rules[${index}]: expected an id of its own, found ${JSON.stringify(rule.id)}, which is taken`);
    taken.add(rule.id);
  }
}

export interface EvidenceOptions {
  /** Relative to the program; default `bulkhead.evidence.json`. */
  readonly lockfile?: string;
  /** By names that options of rules use: a public key (PEM), a file of one, or an identity with its issuer. */
  readonly signers?: Readonly<Record<string, { readonly key: string; readonly requireLog?: boolean } | { readonly keyFile: string; readonly requireLog?: boolean } | { readonly issuer: string; readonly identity: string } | { readonly issuer: string; readonly identityPattern: string }>>;
  /** Names of signers whose VEX documents count. */
  readonly vexAuthors?: readonly string[];
  /** A `trusted_root.json`, for identities and for `requireLog`. */
  readonly trustedRoot?: string;
}

export interface FlowOptions {
  /** Relative to the program; default `bulkhead.flows.json`. */
  readonly lockfile?: string;
}

export interface Settings {
  /** The rules of this preset refuse; the others are off. Without it the baseline refuses and the rest advises. */
  readonly preset?: "baseline" | "restricted" | "strict";
  /** What happens with what cannot be known yet; default `report`. */
  readonly unknown?: "report" | "deny" | "ignore";
  /** Whether the program is all there is: what it does not make is missing, also in namespaces made elsewhere. */
  readonly closedWorld?: boolean;
  /** The version of the cluster, which the Pod Security Standards depend on; default the latest. */
  readonly kubernetesVersion?: KubernetesVersion;
  /** Where the JSON report is written. */
  readonly report?: string;
  /** Where evidence of images is, and who may have signed it. */
  readonly evidence?: EvidenceOptions;
  /** Where the accepted flows are that policies are held against. */
  readonly flows?: FlowOptions;
  readonly exemptions?: readonly ExemptionEntry[];
  /** How many days from now an exemption may last. */
  readonly maxExemptionDays?: number;
  /** Rules that must not be exempted in code; `*` is every rule. */
  readonly noCodeExemptions?: readonly string[];
  /** Levels by rule id, over the preset's. */
  readonly levels?: Readonly<Record<string, "advisory" | "mandatory" | "disabled">>;
  /** Options by rule id. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * The catalogue's policies, for a PolicyPack that you make yourself. Settings are given here, in code: what the engine
 * configures reaches only packs that `createPack` starts.
 */
export function policies(settings: Settings = {}): Policies {
  const pack = createPolicies(rules);
  const { options = {}, ...own } = settings;
  const configured: [string, { readonly level: "advisory" | "mandatory"; readonly properties: Readonly<Record<string, unknown>> }][] = rules.map((rule) => [rule.id, { level: rule.preset === "baseline" ? "mandatory" : "advisory", properties: options[rule.id] ?? {} }]);
  const all: Configured = new Map([...configured, [dispatcherName, { level: "mandatory", properties: own }]]);
  pack.configured(all);
  return [...pack.policies];
}
