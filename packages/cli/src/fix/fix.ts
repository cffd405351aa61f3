import { resolve } from "node:path";
import type { AnyRule } from "@bulkhead/core";
import { createEvaluator, kubernetesVersions, presets } from "@bulkhead/core";
import type { OptionTypes } from "../arguments";
import { choiceOf, flagOf, Misuse, parseArguments, stringOf, stringsOf } from "../arguments";
import { selectRules } from "../config";
import { findRule } from "../find-rule";
import type { Io } from "../io";
import { writeAll } from "../io";
import { formatInputError } from "../read/problem";
import { readAll } from "../read/read";
import type { Context, Fixed } from "./file";
import { fixFile } from "./file";

export const fixHelp = `bulkhead fix [options] PATH...

Puts right what has one right value, in Kubernetes manifests (YAML or JSON), compose files and Dockerfiles (files, folders, or -).
Prints the changes as a unified diff, then the findings that have no fix. Comments, order, quotes and line breaks of
everything else stay as they are. Rules about the whole stack have no fix and are not judged here; the last line says how
many there are, and \`bulkhead check\` judges them.

  -f, --file FILE         as for check: compose files that are one project
  --write                 write the files, each one whole or not at all, instead of printing the diff
  --preset NAME           baseline, restricted or strict; each includes the one before (default: strict, every rule)
  --rule ID               only this rule; may be repeated, and excludes --preset
  --kubernetes-version V  as for check
  --config FILE           as for check

Exit 0: nothing to fix and no findings of the rules that are judged, or with --write none left. 1: something to fix, or
findings that have no fix. 2: misuse, an input that cannot be read or edited, a file that cannot be written, or a rule
that failed.
`;

const options: OptionTypes = { file: { type: "string", short: "f", multiple: true }, write: { type: "boolean" }, preset: { type: "string" }, rule: { type: "string", multiple: true }, "kubernetes-version": { type: "string" }, config: { type: "string" } };

/** @throws Misuse */
export async function fix(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, options);
  const [paths, merged, only, preset, config, write] = [parsed.positionals, stringsOf(parsed, "file"), stringsOf(parsed, "rule"), choiceOf(parsed, "preset", presets), stringOf(parsed, "config"), flagOf(parsed, "write")];
  const kubernetesVersion = choiceOf(parsed, "kubernetes-version", kubernetesVersions);
  for (const id of only) findRule(id, catalogue);
  if (only.length > 0 && preset !== undefined) throw new Misuse("--rule runs only the rules that it names: leave --preset out");
  const given = [...paths, ...merged];
  if (given.length === 0) throw new Misuse("fix needs a file, a folder, or - for standard input");
  if (merged.length > 0 && given.filter((path) => path === "-").length > 1) throw new Misuse("standard input can be read once");
  if (write && given.includes("-")) throw new Misuse("--write writes files: standard input has none");
  const result = selectRules(catalogue, { only, ...(preset === undefined ? {} : { preset }), ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }), ...(config === undefined ? {} : { file: config }) });
  if ("errors" in result) {
    for (const error of result.errors) io.err(`${formatInputError(error)}\n`);
    return 2;
  }
  const context: Context = { evaluator: createEvaluator(result.selection.settings, { ...result.selection.context, closedWorld: result.selection.closedWorld, now: Date.now() }), write, io };
  const all: Fixed[] = [];
  for (const source of readAll(paths, merged)) {
    if (config === undefined || source.file === "-" || resolve(source.file) !== resolve(config)) all.push(await fixFile(source, context));
  }
  const left = all.flatMap((file) => file.left);
  const fixed = all.reduce((sum, file) => sum + file.fixed, 0);
  const failed = all.some((file) => file.failed);
  await writeAll(io, summary({ left, fixed, failed, files: all.filter((file) => file.fixed > 0).length, write, whole: result.selection.settings.filter(({ rule }) => rule.inventory === true).length }));
  if (failed) return 2;
  return left.length > 0 || (fixed > 0 && !write) ? 1 : 0;
}

interface Summary {
  readonly left: readonly string[];
  readonly fixed: number;
  readonly files: number;
  readonly failed: boolean;
  readonly write: boolean;
  /** How many rules about the whole stack are on. */
  readonly whole: number;
}

function* summary({ left, fixed, files, failed, write, whole }: Summary): Generator<string> {
  if (fixed > 0) yield `${count(fixed, "finding")} ${write ? "fixed" : "can be fixed"} in ${count(files, "file")}${write ? "" : "; --write does"}\n`;
  const one = left.length === 1;
  if (left.length > 0) yield `${count(left.length, "finding")} ${failed ? (one ? "is left" : "are left") : one ? "has no fix" : "have no fix"}:\n`;
  for (const line of left) yield `  ${line}\n`;
  if (fixed === 0 && left.length === 0 && !failed) yield "nothing to fix\n";
  if (whole > 0) yield `not judged: ${count(whole, "rule")} about the whole stack, of which none has a fix; bulkhead check does\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
