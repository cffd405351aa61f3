import { isObject } from "./field";
import type { AnyRule, OptionSchema, Preset } from "./rule";

/** What happens with what cannot be known: an advisory, a finding (fail closed), or nothing. */
export type UnknownMode = "report" | "deny" | "ignore";
export const unknownModes: readonly UnknownMode[] = ["report", "deny", "ignore"];
export const presets: readonly Preset[] = ["baseline", "restricted", "strict"];

export interface RuleSettings {
  readonly rule: AnyRule;
  readonly options: { readonly [name: string]: unknown };
  readonly unknown: UnknownMode;
}

/** A setting that was refused: where it stands in the configuration, what was expected and what was found. */
export interface ConfigProblem {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

export interface NotConfigured {
  readonly rule: AnyRule;
  readonly option: string;
}

export interface ResolvedRule {
  /** Absent where an option without a default is not given, or the settings are refused. */
  readonly settings?: RuleSettings;
  readonly notConfigured: readonly NotConfigured[];
  readonly problems: readonly ConfigProblem[];
}

/** The rules of a preset; each preset includes those before it. */
export function rulesOfPreset(rules: readonly AnyRule[], preset: Preset): readonly AnyRule[] {
  const reach = presets.indexOf(preset);
  return rules.filter((rule) => presets.indexOf(rule.preset) <= reach);
}

/** A rule's options and unknown mode from an object such as `{ registries: [...], unknown: "deny" }`. `path` is where the object stands. */
export function resolveRule(rule: AnyRule, given: unknown, path: string, defaultUnknown: UnknownMode = "report"): ResolvedRule {
  const schemas = rule.options ?? {};
  if (given !== undefined && !isObject(given)) return refused([{ path, expected: "an object with options", found: describe(given) }]);
  const values = given ?? {};
  const problems: ConfigProblem[] = [];
  const notConfigured: NotConfigured[] = [];
  const options: Record<string, unknown> = {};
  for (const key of Object.keys(values)) {
    if (key !== "unknown" && !Object.hasOwn(schemas, key)) problems.push(unknownKey(`${path}.${key}`, key, [...Object.keys(schemas), "unknown"]));
  }
  for (const [name, schema] of Object.entries(schemas)) {
    const value = values[name] ?? schema.default;
    if (value === undefined) notConfigured.push({ rule, option: name });
    else problems.push(...checkOption(schema, value, `${path}.${name}`));
    options[name] = value;
  }
  const unknown = values["unknown"] ?? defaultUnknown;
  if (!isUnknownMode(unknown)) problems.push({ path: `${path}.unknown`, expected: oneOf(unknownModes), found: describe(unknown) });
  if (problems.length > 0 || !isUnknownMode(unknown)) return { notConfigured, problems };
  return notConfigured.length > 0 ? { notConfigured, problems } : { settings: { rule, options, unknown }, notConfigured, problems };
}

function refused(problems: readonly ConfigProblem[]): ResolvedRule {
  return { notConfigured: [], problems };
}

function isUnknownMode(value: unknown): value is UnknownMode {
  return unknownModes.some((mode) => mode === value);
}

function checkOption(schema: OptionSchema, value: unknown, path: string): readonly ConfigProblem[] {
  if (schema.type === "number") {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (typeof value !== "number" || Number.isNaN(value)) return [{ path, expected: "a number", found: describe(value) }];
    const range = maximum === Infinity ? `of at least ${minimum}` : minimum === -Infinity ? `of at most ${maximum}` : `from ${minimum} to ${maximum}`;
    return value < minimum || value > maximum ? [{ path, expected: `a number ${range}`, found: String(value) }] : [];
  }
  if (schema.type === "string") {
    if (typeof value !== "string") return [{ path, expected: "a string", found: describe(value) }];
    return schema.choices === undefined || schema.choices.includes(value) ? [] : [{ path, expected: oneOf(schema.choices), found: JSON.stringify(value) }];
  }
  if (!Array.isArray(value)) return [{ path, expected: "a list of strings", found: describe(value) }];
  return value.flatMap((member: unknown, index) => {
    if (typeof member !== "string") return [{ path: `${path}[${index}]`, expected: "a string", found: describe(member) }];
    const wrong = schema.check?.(member);
    return wrong === undefined ? [] : [{ path: `${path}[${index}]`, expected: wrong, found: JSON.stringify(member) }];
  });
}

/** A value's type, for messages: configuration may hold what a message must not repeat. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return typeof value === "string" ? "a string" : `a ${typeof value}`;
}

export function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `one of ${values.map((value) => `"${value}"`).join(", ")}`;
}

/** An unknown key, with the key that was probably meant. */
export function unknownKey(path: string, key: string, allowed: readonly string[]): ConfigProblem {
  const near = didYouMean(key, allowed);
  const expected = near === undefined ? (allowed.length <= 12 ? oneOf(allowed) : "a known key") : `"${near}" (did you mean that?)`;
  return { path, expected, found: `the unknown key ${JSON.stringify(key)}` };
}

export function didYouMean(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitute));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
