import { parseArgs } from "node:util";
import { didYouMean } from "@bulkhead/core";

/** The command line was used wrongly: said on standard error, exit 2. */
export class Misuse extends Error {}

export type OptionTypes = { readonly [name: string]: { readonly type: "string" | "boolean"; readonly multiple?: boolean; readonly short?: string } };

export interface Arguments {
  readonly values: { readonly [name: string]: string | boolean | readonly (string | boolean)[] | undefined };
  readonly positionals: readonly string[];
}

/** @throws Misuse for an option that is unknown or lacks its value. */
export function parseArguments(args: readonly string[], options: OptionTypes): Arguments {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const option = options[token.name];
    if (option === undefined) {
      const near = didYouMean(token.name, Object.keys(options));
      throw new Misuse(`unknown option ${token.rawName}${near === undefined ? "" : `; did you mean --${near}?`}`);
    }
    if (option.type === "string" && (token.value === undefined || token.value === "")) throw new Misuse(`option ${token.rawName} needs a value`);
    if (option.type === "boolean" && token.value !== undefined) throw new Misuse(`option ${token.rawName} takes no value`);
  }
  const { values, positionals } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true });
  return { values, positionals };
}

export function stringOf({ values }: Arguments, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

export function stringsOf({ values }: Arguments, name: string): readonly string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((member): member is string => typeof member === "string") : [];
}

/** @throws Misuse for a value that is none of the choices. */
export function choiceOf<T extends string>(parsed: Arguments, name: string, choices: readonly T[]): T | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  const near = didYouMean(value, choices);
  throw new Misuse(`--${name}: expected ${choices.join(", ")}, found ${JSON.stringify(value)}${near === undefined ? "" : `; did you mean ${near}?`}`);
}

/** @throws Misuse for what is no number in the range. */
export function numberOf(parsed: Arguments, name: string, maximum = Infinity): number | undefined {
  const value = stringOf(parsed, name);
  if (value === undefined) return undefined;
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 0 && number <= maximum) return number;
  throw new Misuse(`--${name}: expected a number from 0${maximum === Infinity ? "" : ` to ${maximum}`}, found ${JSON.stringify(value)}`);
}
