import { parseArgs } from "node:util";
import { didYouMean } from "@bulkhead/core";

/** The command line was used wrongly: said on standard error, exit 2. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}

/** By name: what is loaded later has a class of its own. */
export function isMisuse(error: unknown): error is Misuse {
  return error instanceof Error && error.name === "Misuse";
}

export type OptionTypes = { readonly [name: string]: { readonly type: "string" | "boolean"; readonly multiple?: boolean; readonly short?: string } };

export interface Arguments {
  readonly values: { readonly [name: string]: string | boolean | readonly (string | boolean)[] | undefined };
  readonly positionals: readonly string[];
}

/** @throws Misuse for an option that is unknown, lacks its value, or is given twice with only one place. */
export function parseArguments(args: readonly string[], options: OptionTypes): Arguments {
  const { tokens, values, positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const given = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const option = Object.hasOwn(options, name) ? options[name] : undefined;
    if (option === undefined) throw new Misuse(`unknown option ${rawName}${suggest(name, Object.keys(options), "--")}`);
    const swallowed = value !== undefined && token.inlineValue === false && value.startsWith("-") && value !== "-";
    if (option.type === "string" && (value === undefined || value === "" || swallowed)) throw new Misuse(`option ${rawName} needs a value`);
    if (option.type === "boolean" && value !== undefined) throw new Misuse(`option ${rawName} takes no value`);
    if (option.multiple !== true && option.type === "string" && given.has(name)) throw new Misuse(`option ${rawName} may be given once`);
    given.add(name);
  }
  return { values, positionals };
}

/** `; did you mean ...?`, or nothing where no candidate is near. */
export function suggest(word: string, candidates: readonly string[], prefix = ""): string {
  const near = didYouMean(word, candidates);
  return near === undefined ? "" : `; did you mean ${prefix}${near}?`;
}

export function stringOf({ values }: Arguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

export function stringsOf({ values }: Arguments, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((member): member is string => typeof member === "string") : [];
}

export function flagOf({ values }: Arguments, name: string): boolean {
  return values[name] === true;
}

/** @throws Misuse for a value that is none of the choices. */
export function choiceOf<T extends string>(parsed: Arguments, name: string, choices: readonly T[]): T | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new Misuse(`--${name}: expected ${choices.join(", ")}, found ${JSON.stringify(value)}${suggest(value, choices)}`);
}

/** @throws Misuse for what is no whole number. */
export function countOf(parsed: Arguments, name: string): number | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new Misuse(`--${name}: expected a whole number from 0, found ${JSON.stringify(value)}`);
}

/** @throws Misuse for what is no date of the calendar, with or without a time in UTC. */
export function timeOf(parsed: Arguments, name: string): number | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/.test(value) ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value.slice(0, 10))) return time;
  throw new Misuse(`--${name}: expected a date such as 2027-03-31 or 2027-03-31T12:00:00Z, found ${JSON.stringify(value)}`);
}

/** @throws Misuse for what is no number from 0 to 100, with or without a percent sign. */
export function percentOf(parsed: Arguments, name: string): number | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const number = /^\d+(\.\d+)?%?$/.test(value) ? Number.parseFloat(value) : Number.NaN;
  if (number <= 100) return number;
  throw new Misuse(`--${name}: expected a number from 0 to 100, found ${JSON.stringify(value)}`);
}

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
/** Longer than this is a mistake, and more than a timer takes. */
const longest = 24 * milliseconds.h;

/**
 * Milliseconds of `90s`, `5m`, `1h30m` or `500ms`; from 1 to those of a day.
 *
 * @throws Misuse for anything else.
 */
export function durationOf(parsed: Arguments, name: string): number | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const parts = [...value.matchAll(/(\d{1,9})(ms|s|m|h)/g)];
  const sum = parts.reduce((total, [, count, unit]) => total + Number(count) * milliseconds[unit as keyof typeof milliseconds], 0);
  if (parts.map(([part]) => part).join("") === value && sum > 0 && sum <= longest) return sum;
  throw new Misuse(`--${name}: expected a time such as 500ms, 90s, 5m or 1h30m, of at most 24h, found ${JSON.stringify(value)}`);
}
