import type { PlainObject } from "../field";
import { isObject } from "../field";
import type { AnyRule } from "../rule";
import type { ConfigProblem } from "../settings";
import { describe, didYouMean, unknownKey } from "../settings";
import type { ExemptionTerms } from "./terms";
import { endOf, exampleDate, never, oneLine } from "./terms";

/** What an exemption of the configuration is narrowed to: patterns, of which one must match for each key that is given. */
export interface ExemptionScope {
  /** A kind such as `Deployment`, or a Pulumi type token. */
  readonly type?: readonly string[];
  readonly name?: readonly string[];
  readonly urn?: readonly string[];
  readonly namespace?: readonly string[];
  readonly container?: readonly string[];
}

type Texts = string | readonly string[];

/** An exemption as it is written in a configuration. Each of the scope's patterns may hold `*` and `?`. */
export interface ExemptionEntry extends Omit<ExemptionTerms, "containers"> {
  readonly rule: Texts;
  readonly type?: Texts;
  readonly name?: Texts;
  readonly urn?: Texts;
  readonly namespace?: Texts;
  readonly container?: Texts;
}

export interface ConfiguredExemption extends Omit<ExemptionTerms, "containers"> {
  /** Ids, or `*` for all. */
  readonly rules: readonly string[];
  readonly scope: ExemptionScope;
  /** Its number in the configuration, from 0. */
  readonly index: number;
}

/** What the configuration says of exemptions. */
export interface ExemptionSettings {
  readonly configured: readonly ConfiguredExemption[];
  /** How many days from now an exemption may last. */
  readonly maxDays?: number;
  /** Rules that must not be exempted in code; `*` is every rule. */
  readonly notInCode: readonly string[];
  /** Every rule there is, also those that do not run. */
  readonly catalogue: readonly AnyRule[];
}

/** The keys of a configuration that are read here. */
export const exemptionKeys = ["exemptions", "maxExemptionDays", "noCodeExemptions"];
const scopeKeys = ["type", "name", "urn", "namespace", "container"] as const;
const keys = ["rule", "reason", "owner", "expires", ...scopeKeys];

/** Reads what a configuration says of exemptions; `prefix` is where the configuration itself stands, such as `bulkhead.`. */
export function readExemptionSettings(config: PlainObject, catalogue: readonly AnyRule[], prefix = ""): { readonly settings: ExemptionSettings; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const ids = exemptable(catalogue);
  const configured: ConfiguredExemption[] = [];
  const list = config["exemptions"];
  if (list !== undefined && !Array.isArray(list)) problems.push({ path: `${prefix}exemptions`, expected: "a list of exemptions", found: describe(list) });
  else (list as readonly unknown[] | undefined)?.forEach((entry, index) => {
    const read = readEntry(entry, `${prefix}exemptions[${index}]`, ids, index);
    if ("problems" in read) problems.push(...read.problems);
    else configured.push(read);
  });
  const maxDays = config["maxExemptionDays"];
  const isDays = typeof maxDays === "number" && maxDays >= 1;
  if (maxDays !== undefined && !isDays) problems.push({ path: `${prefix}maxExemptionDays`, expected: "a number of at least 1", found: typeof maxDays === "number" ? String(maxDays) : describe(maxDays) });
  const notInCode = readIds(config["noCodeExemptions"], `${prefix}noCodeExemptions`, ids, problems);
  return { settings: { configured, notInCode, catalogue, ...(isDays ? { maxDays } : {}) }, problems };
}

/** The rules that can be exempted: those about exemptions cannot. */
export function exemptable(catalogue: readonly AnyRule[]): readonly string[] {
  return catalogue.filter((rule) => !isAboutExemptions(rule) && !rule.about.includes("evidenceStore")).map((rule) => rule.id);
}

export function isAboutExemptions(rule: AnyRule): boolean {
  return rule.about.includes("exemption");
}

function readEntry(entry: unknown, path: string, ids: readonly string[], index: number): ConfiguredExemption | { readonly problems: readonly ConfigProblem[] } {
  if (!isObject(entry)) return { problems: [{ path, expected: "an exemption", found: describe(entry) }] };
  const problems: ConfigProblem[] = [];
  for (const key of Object.keys(entry)) if (!keys.includes(key)) problems.push(unknownKey(`${path}.${key}`, key, keys));
  const text = (key: string): string => {
    const value = entry[key];
    if (typeof value === "string" && oneLine(value) !== "") return oneLine(value);
    problems.push({ path: `${path}.${key}`, expected: key === "expires" ? `a date such as ${exampleDate}` : "some text", found: value === "" ? "an empty one" : describe(value) });
    return "";
  };
  const rules = readIds(entry["rule"] ?? null, `${path}.rule`, ids, problems);
  const [reason, owner, expires] = [text("reason"), text("owner"), text("expires")];
  if (expires !== "" && (expires === never || endOf(expires) === undefined)) problems.push({ path: `${path}.expires`, expected: `a date such as ${exampleDate}`, found: JSON.stringify(expires) });
  const scope: Record<string, readonly string[]> = {};
  for (const key of scopeKeys) if (entry[key] !== undefined) scope[key] = readTexts(entry[key], `${path}.${key}`, problems);
  return problems.length > 0 ? { problems } : { rules, reason, owner, expires, scope, index };
}

function readIds(value: unknown, path: string, ids: readonly string[], problems: ConfigProblem[]): readonly string[] {
  if (value === undefined) return [];
  const given = readTexts(value, path, problems, "a rule's id, or a list of them");
  for (const id of given) {
    if (id === "*" || ids.includes(id)) continue;
    const near = didYouMean(id, ids);
    problems.push({ path, expected: near === undefined ? "a rule that can be exempted" : `"${near}" (did you mean that?)`, found: JSON.stringify(id) });
  }
  return given;
}

function readTexts(value: unknown, path: string, problems: ConfigProblem[], expected = "a text, or a list of texts"): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((member): member is string => typeof member === "string" && member !== "")) return list;
  const wrong = list.findIndex((member) => typeof member !== "string" || member === "");
  problems.push({ path: Array.isArray(value) && wrong >= 0 ? `${path}[${wrong}]` : path, expected, found: list.length === 0 ? "an empty list" : list[wrong] === "" ? "an empty one" : describe(list[wrong]) });
  return [];
}
