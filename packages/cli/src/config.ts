import { readFileSync } from "node:fs";
import type { AnyRule, ConfigProblem, NotConfigured, Preset, RuleSettings, UnknownMode } from "@bulkhead/core";
import { describe, isObject, oneOf, presets, resolveRule, rulesOfPreset, unknownKey, unknownModes } from "@bulkhead/core";
import { reasonOf } from "./read/file";
import type { InputError } from "./read/problem";
import { readJson } from "./read/json";
import { readYaml } from "./read/yaml";

export interface Selection {
  readonly settings: readonly RuleSettings[];
  readonly notConfigured: readonly NotConfigured[];
}

export interface Request {
  readonly preset?: Preset;
  /** Only these rules, by id; they are in the catalogue. */
  readonly only: readonly string[];
  readonly file?: string;
}

type Result = { readonly selection: Selection } | { readonly errors: readonly InputError[] };
type Config = { readonly [key: string]: unknown };

/** The rules to run and their settings. The command line wins over the file; without either, every rule runs. */
export function selectRules(catalogue: readonly AnyRule[], request: Request): Result {
  const loaded = request.file === undefined ? { config: {} } : loadConfig(request.file);
  if ("error" in loaded) return { errors: [loaded.error] };
  const { config } = loaded;
  const problems = checkConfig(config, catalogue);
  const ruleConfig = isObject(config["rules"]) ? config["rules"] : {};
  const preset = request.preset ?? (config["preset"] as Preset | undefined) ?? "strict";
  const unknown = (config["unknown"] as UnknownMode | undefined) ?? "report";
  const chosen = new Set(problems.length > 0 ? [] : rulesOfPreset(catalogue, preset));
  const settings: RuleSettings[] = [];
  const notConfigured: NotConfigured[] = [];
  for (const rule of catalogue) {
    const given = ruleConfig[rule.id];
    const on = request.only.length > 0 ? request.only.includes(rule.id) : given !== "off" && (chosen.has(rule) || given !== undefined);
    const resolved = resolveRule(rule, typeof given === "string" ? undefined : given, `rules.${rule.id}`, unknown);
    problems.push(...resolved.problems);
    if (!on) continue;
    notConfigured.push(...resolved.notConfigured);
    if (resolved.settings !== undefined) settings.push(resolved.settings);
  }
  if (problems.length === 0) return { selection: { settings, notConfigured } };
  return { errors: problems.map(({ path, expected, found }) => ({ file: request.file ?? "", path, expected, found })) };
}

function loadConfig(file: string): { readonly config: Config } | { readonly error: InputError } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    return { error: { file, expected: "a readable configuration file", found: reasonOf(error) } };
  }
  const result = /\.json$/i.test(file) ? readJson(text, file) : readYaml(text, file);
  if ("error" in result) return result;
  const config = result.documents[0] ?? {};
  if (result.documents.length > 1) return { error: { file, expected: "one document", found: String(result.documents.length) } };
  return isObject(config) ? { config } : { error: { file, expected: "an object", found: describe(config) } };
}

const keys = ["preset", "unknown", "rules"];

function checkConfig(config: Config, catalogue: readonly AnyRule[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const key of Object.keys(config)) if (!keys.includes(key)) problems.push(unknownKey(key, key, keys));
  const choice = (key: string, values: readonly string[]): void => {
    const value = config[key];
    if (value !== undefined && !values.some((allowed) => allowed === value)) problems.push({ path: key, expected: oneOf(values), found: typeof value === "string" ? JSON.stringify(value) : describe(value) });
  };
  choice("preset", presets);
  choice("unknown", unknownModes);
  const rules = config["rules"];
  if (rules === undefined) return problems;
  if (!isObject(rules)) return [...problems, { path: "rules", expected: "an object from rule ids to settings", found: describe(rules) }];
  const ids = catalogue.map((rule) => rule.id);
  for (const [id, value] of Object.entries(rules)) {
    if (!ids.includes(id)) problems.push(unknownKey(`rules.${id}`, id, ids));
    else if (typeof value === "string" && value !== "on" && value !== "off") problems.push({ path: `rules.${id}`, expected: '"on", "off" or an object with options', found: JSON.stringify(value) });
  }
  return problems;
}
