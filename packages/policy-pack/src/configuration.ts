import type { AnyRule, ConfigProblem, EvaluationContext, EvidenceSettings, FlowSettings, NotConfigured, RuleSettings, UnknownMode } from "@bulkhead/core";
import { describe, exemptionKeys, isObject, judgesStack, kubernetesVersions, oneOf, presets, readEvidenceSettings, readExemptionSettings, readFlowSettings, resolveRule, rulesOfPreset, unknownKey, unknownModes } from "@bulkhead/core";

export type Level = "advisory" | "mandatory" | "remediate" | "disabled";
export const levels: readonly Level[] = ["advisory", "mandatory", "remediate", "disabled"];

/** What the engine configured, by policy name: its level, and its properties. */
export type Configured = ReadonlyMap<string, { readonly level: Level; readonly properties: { readonly [key: string]: unknown } }>;

/** The name of the policy that evaluates every rule, and holds what concerns all of them. */
export const dispatcherName = "bulkhead";
export const coverageName = "bulkhead-coverage";

export interface PackConfiguration {
  readonly rules: readonly RuleSettings[];
  /** Never "disabled": a disabled rule is not among `rules`. */
  readonly level: (rule: AnyRule) => "advisory" | "mandatory";
  /** The level that each policy has in the end, by name. */
  readonly levels: ReadonlyMap<string, Level>;
  readonly notConfigured: readonly NotConfigured[];
  readonly problems: readonly ConfigProblem[];
  /** What holds for every rule. */
  readonly context: EvaluationContext;
  readonly evidence: EvidenceSettings;
  readonly flows: FlowSettings;
  /** Where the JSON report goes. */
  readonly report: string | undefined;
  /** Whether the program is the whole world. */
  readonly closedWorld: boolean;
  /** Whether what was not examined is said at the end of the stack. */
  readonly saysCoverage: boolean;
}

/** Without any configuration, the baseline refuses and everything else advises. */
export function defaultLevel(rule: AnyRule): Level {
  return rule.preset === "baseline" ? "mandatory" : "advisory";
}

const dispatcherKeys = ["preset", "unknown", "closedWorld", "kubernetesVersion", "report", "levels", "evidence", "flows", ...exemptionKeys];

/**
 * The rules that run, with their options and levels. Each part that is refused is a problem; what is right still
 * counts.
 *
 * The engine sends a level for every policy, configured or not, and `all` as an entry of its own. So a level is taken
 * for a rule's own where it differs from `all`, or without `all` from the rule's default; `levels` is there to insist on
 * one that does not differ. With a preset, `all` is the level of the preset's rules instead of mandatory.
 */
export function configure(catalogue: readonly AnyRule[], configured: Configured): PackConfiguration {
  const own = configured.get(dispatcherName)?.properties ?? {};
  const exempt = readExemptionSettings(own, catalogue, `${dispatcherName}.`);
  const evidence = readEvidenceSettings(own["evidence"], `${dispatcherName}.evidence`);
  const flows = readFlowSettings(own["flows"], `${dispatcherName}.flows`);
  const problems = [...checkOwn(own, catalogue), ...exempt.problems, ...evidence.problems, ...flows.problems, ...unknownPolicies(configured, catalogue)];
  const preset = presets.find((name) => name === own["preset"]);
  const unknown: UnknownMode = unknownModes.find((mode) => mode === own["unknown"]) ?? "report";
  const insisted = isObject(own["levels"]) ? own["levels"] : {};
  const rules: RuleSettings[] = [];
  const notConfigured: NotConfigured[] = [];
  const all = configured.get("all")?.level;
  const ofPreset = preset === undefined ? undefined : new Set(rulesOfPreset(catalogue, preset));
  const chosen = new Map<string, Level>([[dispatcherName, dispatcherLevel(configured)]]);
  for (const rule of catalogue) {
    const entry = configured.get(rule.id);
    const level = levels.find((name) => name === insisted[rule.id]) ?? levelOf(rule, entry?.level, all, ofPreset);
    chosen.set(rule.id, level);
    const resolved = resolveRule(rule, entry?.properties, rule.id, unknown);
    problems.push(...resolved.problems);
    if (level === "disabled") continue;
    notConfigured.push(...resolved.notConfigured);
    if (resolved.settings !== undefined) rules.push(resolved.settings);
  }
  // It judges the stack as a whole, and the lockfile of evidence once, also where it says nothing of its own.
  if (exempt.settings.configured.length > 0 || rules.some(({ rule }) => judgesStack(rule) || rule.about.includes("evidenceStore"))) chosen.set(coverageName, "advisory");
  const level = (rule: AnyRule) => (chosen.get(rule.id) === "advisory" ? "advisory" : "mandatory");
  const report = typeof own["report"] === "string" && own["report"] !== "" ? own["report"] : undefined;
  return { rules, level, levels: chosen, notConfigured, problems, context: { ...contextOf(own), exemptions: exempt.settings }, evidence: evidence.settings, flows: flows.settings, report, closedWorld: own["closedWorld"] === true, saysCoverage: configured.get(coverageName)?.level !== "disabled" };
}

function contextOf({ kubernetesVersion }: { readonly [key: string]: unknown }): EvaluationContext {
  const version = kubernetesVersions.find((known) => known === kubernetesVersion);
  return version === undefined ? {} : { kubernetesVersion: version };
}

function levelOf(rule: AnyRule, configured: Level | undefined, all: Level | undefined, ofPreset: ReadonlySet<AnyRule> | undefined): Level {
  const usual = all ?? defaultLevel(rule);
  if (configured !== undefined && configured !== usual) return configured;
  if (ofPreset === undefined) return usual;
  return ofPreset.has(rule) ? (all ?? "mandatory") : "disabled";
}

/** `all: "disabled"` does not reach a rule that has a level of its own; so what evaluates the rules goes on. */
function dispatcherLevel(configured: Configured): Level {
  const isOff = configured.get(dispatcherName)?.level === "disabled" && configured.get("all")?.level !== "disabled";
  return isOff ? "disabled" : "mandatory";
}

function checkOwn(own: { readonly [key: string]: unknown }, catalogue: readonly AnyRule[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const path = (key: string): string => `${dispatcherName}.${key}`;
  for (const key of Object.keys(own)) if (!dispatcherKeys.includes(key)) problems.push(unknownKey(path(key), key, dispatcherKeys));
  const choice = (key: string, values: readonly string[], place = path(key), value = own[key]): void => {
    if (value !== undefined && !values.some((allowed) => allowed === value)) problems.push({ path: place, expected: oneOf(values), found: typeof value === "string" ? JSON.stringify(value) : describe(value) });
  };
  choice("preset", presets);
  choice("unknown", unknownModes);
  if (own["closedWorld"] !== undefined && typeof own["closedWorld"] !== "boolean") problems.push({ path: path("closedWorld"), expected: "true or false", found: describe(own["closedWorld"]) });
  choice("kubernetesVersion", kubernetesVersions);
  if (own["report"] !== undefined && (typeof own["report"] !== "string" || own["report"] === "")) problems.push({ path: path("report"), expected: "the name of a file", found: describe(own["report"]) });
  const insisted = own["levels"];
  if (insisted === undefined) return problems;
  if (!isObject(insisted)) return [...problems, { path: path("levels"), expected: "an object from rule ids to levels", found: describe(insisted) }];
  const ids = catalogue.map((rule) => rule.id);
  for (const [id, level] of Object.entries(insisted)) {
    const place = `${path("levels")}.${id}`;
    if (ids.includes(id)) choice("levels", levels, place, level);
    else problems.push(unknownKey(place, id, ids));
  }
  return problems;
}

function unknownPolicies(configured: Configured, catalogue: readonly AnyRule[]): readonly ConfigProblem[] {
  const names = [dispatcherName, coverageName, ...catalogue.map((rule) => rule.id)];
  return [...configured.keys()].filter((name) => !names.includes(name) && name !== "all").map((name) => unknownKey(name, name, names));
}
