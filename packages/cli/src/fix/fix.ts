import { resolve } from "node:path";
import type { AnyRule, Evaluator, Finding } from "@bulkhead/core";
import { createEvaluator, formatPath, presets } from "@bulkhead/core";
import type { OptionTypes } from "../arguments";
import { choiceOf, flagOf, Misuse, parseArguments, stringOf, stringsOf } from "../arguments";
import { selectRules } from "../config";
import { findRule } from "../explain";
import type { Io } from "../io";
import { describeError, writeAll } from "../io";
import { formatInputError } from "../read/problem";
import type { SourceDocument, SourceFile } from "../read/read";
import { readAll, sourceOf } from "../read/read";
import { unifiedDiff } from "./diff";
import type { Change } from "./edit";
import type { Plan } from "./plan";
import { plan } from "./plan";
import { original, rewrite } from "./rewrite";
import type { Splice } from "./splice";
import { applySplices, same } from "./splice";

export const fixHelp = `bulkhead fix [options] PATH...

Puts right what has one right value, in Kubernetes manifests (YAML or JSON; files, folders, or - for standard input).
Prints the changes as a unified diff, then the findings that have no fix. Comments, order, quotes and line breaks of
everything else stay as they are.

  --write                 write the files, each one whole or not at all, instead of printing the diff
  --preset NAME           baseline, restricted or strict; each includes the one before (default: strict, every rule)
  --rule ID               only this rule; may be repeated, and excludes --preset
  --config FILE           as for check

Exit 0: nothing to fix and no findings, or with --write none left. 1: something to fix, or findings that have no fix.
2: misuse, an input that cannot be read or edited, a file that cannot be written, or a rule that failed.
`;

const options: OptionTypes = { write: { type: "boolean" }, preset: { type: "string" }, rule: { type: "string", multiple: true }, config: { type: "string" } };

interface Context {
  readonly evaluator: Evaluator;
  readonly write: boolean;
  readonly io: Io;
}

/** What came of one file. */
interface Fixed {
  readonly left: readonly string[];
  readonly fixed: number;
  readonly failed: boolean;
}

/** @throws Misuse */
export async function fix(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, options);
  const [paths, only, preset, config, write] = [parsed.positionals, stringsOf(parsed, "rule"), choiceOf(parsed, "preset", presets), stringOf(parsed, "config"), flagOf(parsed, "write")];
  for (const id of only) findRule(id, catalogue);
  if (only.length > 0 && preset !== undefined) throw new Misuse("--rule runs only the rules that it names: leave --preset out");
  if (paths.length === 0) throw new Misuse("fix needs a file, a folder, or - for standard input");
  if (write && paths.includes("-")) throw new Misuse("--write writes files: standard input has none");
  const result = selectRules(catalogue, { only, ...(preset === undefined ? {} : { preset }), ...(config === undefined ? {} : { file: config }) });
  if ("errors" in result) {
    for (const error of result.errors) io.err(`${formatInputError(error)}\n`);
    return 2;
  }
  const context: Context = { evaluator: createEvaluator(result.selection.settings), write, io };
  const all: Fixed[] = [];
  for (const source of readAll(paths)) {
    if (config === undefined || source.file === "-" || resolve(source.file) !== resolve(config)) all.push(await fixFile(source, context));
  }
  const left = all.flatMap((file) => file.left);
  const fixed = all.reduce((sum, file) => sum + file.fixed, 0);
  const failed = all.some((file) => file.failed);
  await writeAll(io, summary({ left, fixed, failed, files: all.filter((file) => file.fixed > 0).length, write }));
  if (failed) return 2;
  return left.length > 0 || (fixed > 0 && !write) ? 1 : 0;
}

interface Summary {
  readonly left: readonly string[];
  readonly fixed: number;
  readonly files: number;
  readonly failed: boolean;
  readonly write: boolean;
}

function* summary({ left, fixed, files, failed, write }: Summary): Generator<string> {
  if (fixed > 0) yield `${count(fixed, "finding")} ${write ? "fixed" : "can be fixed"} in ${count(files, "file")}${write ? "" : "; --write does"}\n`;
  const one = left.length === 1;
  if (left.length > 0) yield `${count(left.length, "finding")} ${failed ? (one ? "is left" : "are left") : one ? "has no fix" : "have no fix"}:\n`;
  for (const line of left) yield `  ${line}\n`;
  if (fixed === 0 && left.length === 0 && !failed) yield "nothing to fix\n";
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

interface Planned extends SourceDocument {
  readonly plan: Plan;
}

async function fixFile(source: SourceFile, context: Context): Promise<Fixed> {
  const { io } = context;
  const { file } = source;
  for (const error of source.errors) io.err(`${formatInputError(error)}\n`);
  for (const { reason, document } of source.skipped) if (!source.read) io.err(`${file}${document === undefined ? "" : ` (document ${document})`}: not examined: ${reason}\n`);
  let failed = source.errors.length > 0;
  const fail = (expected: string, found: string): void => {
    io.err(`${formatInputError({ file, expected, found })}\n`);
    failed = true;
  };
  const planned: Planned[] = [];
  for (const entry of source.documents) {
    try {
      const made = plan(entry.value, entry.address, context.evaluator);
      for (const { rule, error } of made.errors) fail(`a rule that judges`, `${rule.id}, which failed: ${error}`);
      planned.push({ ...entry, plan: made });
    } catch (error) {
      fail("a document that can be judged", `a failure: ${describeError(error)}`);
    }
  }
  const lines = (from: SourceFile, which: "found" | "left"): readonly string[] => planned.flatMap((entry) => entry.plan[which].map((finding) => line(from, entry, finding)));
  const unchanged = (): Fixed => ({ left: lines(source, "found"), fixed: 0, failed });
  const changed = planned.filter((entry) => !same(entry.value, entry.plan.after));
  const fixed = planned.reduce((sum, { plan: { found, left } }) => sum + Math.max(0, found.length - left.length), 0);
  if (changed.length === 0) return unchanged();
  const { text = "" } = source;
  if (changed.some(({ address }) => address.type !== undefined)) {
    fail("manifests", "an exported state, which says what a program made: change the program");
    return unchanged();
  }
  const edited = await editText(source, changed);
  if (typeof edited === "string") {
    fail("a text that can be edited", edited);
    return unchanged();
  }
  if (!context.write) {
    await writeAll(io, unifiedDiff(file, text, edited.splices));
    return { left: lines(source, "left"), fixed, failed };
  }
  const before = original(file, text);
  const refused = before === undefined ? "one that was changed meanwhile, or is no plain text" : rewrite(before, edited.text);
  if (refused === undefined) return { left: lines(edited.source, "left"), fixed, failed };
  fail("a file that can be written", refused);
  return unchanged();
}

interface Edited {
  readonly splices: readonly Splice[];
  readonly text: string;
  readonly source: SourceFile;
}

/** The changed text, read again and found to say what it should; or why there is none. */
async function editText({ file, text = "", documents }: SourceFile, changed: readonly Planned[]): Promise<Edited | string> {
  const { edit } = await import("./edit.js");
  const changes = changed.map(({ document = 0, basePath, value, plan: { after } }): Change => ({ document, path: basePath, before: value, after }));
  try {
    const splices = edit(text, changes);
    const result = applySplices(text, splices);
    const source = sourceOf(file, true, result);
    const expected = documents.map((entry) => changed.find((other) => other.document === entry.document && other.basePath === entry.basePath)?.plan.after ?? entry.value);
    const isAsPlanned = source.errors.length === 0 && source.documents.length === expected.length && source.documents.every(({ value }, index) => same(value, expected[index]));
    return isAsPlanned ? { splices, text: result, source } : "one whose form this editor cannot keep; nothing was changed";
  } catch (error) {
    return error instanceof Error && error.name === "Uneditable" ? `${error.message}; nothing was changed` : `a failure: ${describeError(error)}`;
  }
}

function line({ file, locate }: SourceFile, { document = 0, basePath }: SourceDocument, finding: Finding): string {
  const path = [...basePath, ...(finding.paths[0] ?? [])];
  const place = locate(document, path);
  return `${[file, place?.line, place?.column].filter((part) => part !== undefined).join(":")}: ${finding.message} (${finding.rule.id}, ${formatPath(path)})`;
}
