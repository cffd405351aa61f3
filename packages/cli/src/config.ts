import { CORE_SCHEMA, load } from "js-yaml";
import type { AnyRule, ConfigProblem, EvaluationContext, EvidenceSettings, FlowSettings, KubernetesVersion, NotConfigured, Path, PlainObject, Preset, RuleSettings, UnknownMode } from "@bulkhead/core";
import { describe, exemptionKeys, isObject, kubernetesVersions, oneOf, presets, readEvidenceSettings, readExemptionSettings, readFlowSettings, resolveRule, rulesOfPreset, unknownKey, unknownModes } from "@bulkhead/core";
import { maxBytes, readText } from "./read/file";
import { readJson } from "./read/json";
import { createLocator } from "./read/locate";
import type { InputError } from "./read/problem";
import { readYaml } from "./read/yaml";

export interface Selection {
  readonly settings: readonly RuleSettings[];
  readonly notConfigured: readonly NotConfigured[];
  /** Whether the file says that what is given is all there is. */
  readonly closedWorld: boolean;
  readonly context: EvaluationContext;
  readonly evidence: EvidenceSettings;
  readonly flows: FlowSettings;
  /** Where something stands in the file. */
  readonly locate: Locate;
}

export interface Request {
  readonly preset?: Preset;
  readonly kubernetesVersion?: KubernetesVersion;
  /** Only these rules, by id; they are in the catalogue. */
  readonly only: readonly string[];
  readonly file?: string;
}

type Result = { readonly selection: Selection } | { readonly errors: readonly InputError[] };
type Locate = (path: Path) => { readonly line: number; readonly column: number } | undefined;
interface Loaded {
  readonly config: PlainObject;
  readonly locate: Locate;
}

/**
 * The rules to run and their settings. Without a preset every rule runs; the command line's preset wins over the
 * file's. In the file a rule can be turned off, or on beyond the preset; rules named on the command line run alone,
 * with the file's options.
 */
export function selectRules(catalogue: readonly AnyRule[], request: Request): Result {
  const { file = "" } = request;
  const loaded = file === "" ? { config: {}, locate: () => undefined } : loadConfig(file);
  if ("error" in loaded) return { errors: [loaded.error] };
  const { config, locate } = loaded;
  const exempt = readExemptionSettings(config, catalogue);
  const evidence = readEvidenceSettings(config["evidence"], "evidence");
  const flows = readFlowSettings(config["flows"], "flows");
  const problems = [...checkConfig(config, catalogue), ...exempt.problems, ...evidence.problems, ...flows.problems];
  const given = isObject(config["rules"]) ? config["rules"] : {};
  const preset = request.preset ?? choice(config["preset"], presets) ?? "strict";
  const unknown: UnknownMode = choice(config["unknown"], unknownModes) ?? "report";
  const chosen = new Set(rulesOfPreset(catalogue, preset));
  const settings: RuleSettings[] = [];
  const notConfigured: NotConfigured[] = [];
  for (const rule of catalogue) {
    const entry = Object.hasOwn(given, rule.id) ? given[rule.id] : undefined;
    const resolved = resolveRule(rule, isObject(entry) ? entry : undefined, `rules.${rule.id}`, unknown);
    problems.push(...resolved.problems);
    const on = request.only.length > 0 ? request.only.includes(rule.id) : entry !== "off" && (entry !== undefined || chosen.has(rule));
    if (!on) continue;
    notConfigured.push(...resolved.notConfigured);
    if (resolved.settings !== undefined) settings.push(resolved.settings);
  }
  const kubernetesVersion = request.kubernetesVersion ?? choice(config["kubernetesVersion"], kubernetesVersions);
  if (problems.length === 0) return { selection: { settings, notConfigured, closedWorld: config["closedWorld"] === true, context: { exemptions: exempt.settings, ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }) }, evidence: evidence.settings, flows: flows.settings, locate } };
  return { errors: problems.map((problem) => ({ file, ...locate(pathOf(problem.path)), ...problem })) };
}

function choice<T extends string>(value: unknown, values: readonly T[]): T | undefined {
  return values.find((candidate) => candidate === value);
}

/** The path of a problem, which has names and indexes only. */
function pathOf(text: string): Path {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([part, index]) => (index === undefined ? part : Number(index)));
}

function loadConfig(file: string): Loaded | { readonly error: InputError } {
  const read = readText(file, maxBytes.yaml);
  if ("error" in read) return read;
  const isJson = /\.json$/i.test(file);
  const result = isJson ? readJson(read.text, file) : readYaml(read.text, file);
  if ("error" in result) return result;
  const { documents, text } = result;
  if (documents.length > 1) return { error: { file, expected: "one document", found: String(documents.length) } };
  // Manifests are read as Kubernetes does, where `off` is false; here `off` is a word.
  const config: unknown = isJson || documents.length === 0 ? documents[0] : load(text, { schema: CORE_SCHEMA });
  if (!isObject(config)) return { error: { file, expected: "an object", found: describe(config) } };
  const locate = createLocator(text);
  return { config, locate: (path) => locate(0, path) };
}

const keys = ["preset", "unknown", "closedWorld", "kubernetesVersion", "rules", "evidence", "flows", ...exemptionKeys];

function checkConfig(config: PlainObject, catalogue: readonly AnyRule[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const key of Object.keys(config)) if (!keys.includes(key)) problems.push(unknownKey(key, key, keys));
  const requireOne = (key: string, values: readonly string[]): void => {
    const value = config[key];
    if (value !== undefined && choice(value, values) === undefined) problems.push({ path: key, expected: oneOf(values), found: shown(value) });
  };
  requireOne("preset", presets);
  requireOne("unknown", unknownModes);
  const closed = config["closedWorld"];
  if (closed !== undefined && typeof closed !== "boolean") problems.push({ path: "closedWorld", expected: "true or false", found: shown(closed) });
  requireOne("kubernetesVersion", kubernetesVersions);
  const rules = config["rules"];
  if (rules === undefined) return problems;
  if (!isObject(rules)) return [...problems, { path: "rules", expected: "an object from rule ids to settings", found: describe(rules) }];
  const ids = catalogue.map((rule) => rule.id);
  for (const [id, value] of Object.entries(rules)) {
    const path = `rules.${id}`;
    if (!ids.includes(id)) problems.push(unknownKey(path, id, ids));
    else if (value !== "on" && value !== "off" && !isObject(value)) problems.push({ path, expected: '"on", "off" or an object with options', found: shown(value) });
  }
  return problems;
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}
