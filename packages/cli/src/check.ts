import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import type { AnyRule, Evaluator, JsonReport, Preset, ReportBuilder } from "@bulkhead/core";
import { createEvaluator, createReport, didYouMean, presets, readDocument, renderText } from "@bulkhead/core";
import type { Arguments, OptionTypes } from "./arguments";
import { choiceOf, Misuse, numberOf, parseArguments, stringOf, stringsOf } from "./arguments";
import { selectRules } from "./config";
import { reasonOf } from "./read/file";
import { formatInputError } from "./read/problem";
import type { SourceFile } from "./read/read";
import { readAll } from "./read/read";

export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly color: boolean;
  readonly url: (rule: string) => string;
}

export const checkHelp = `bulkhead check [options] PATH...

Judges Kubernetes manifests (YAML or JSON; files, folders, or - for standard input) and exported Pulumi state.

  --preset NAME          baseline, restricted or strict (default: strict, every rule)
  --rule ID              only this rule; may be repeated
  --config FILE          JSON or YAML: { preset, unknown, rules: { ID: "off" | "on" | { OPTION: ... } } }
  --format FORMAT        text (default) or json
  --output FILE          write the report there instead of standard output
  --max-undecided N      exit 1 where more than N verdicts are undecided
  --min-coverage PERCENT exit 1 where less of what holds containers was examined
  --color WHEN           auto (default), always or never

Exit 0: clean. 1: findings, or a limit exceeded. 2: misuse, unreadable input, or a rule that failed.
`;

const options: OptionTypes = {
  preset: { type: "string" }, rule: { type: "string", multiple: true }, config: { type: "string" }, format: { type: "string" },
  output: { type: "string", short: "o" }, "max-undecided": { type: "string" }, "min-coverage": { type: "string" }, color: { type: "string" },
};

/** @throws Misuse */
export function check(args: readonly string[], catalogue: readonly AnyRule[], io: Io): number {
  const parsed = parseArguments(args, options);
  const format = choiceOf(parsed, "format", ["text", "json"] as const) ?? "text";
  const color = choiceOf(parsed, "color", ["auto", "always", "never"] as const) ?? "auto";
  const limits = { undecided: numberOf(parsed, "max-undecided"), coverage: numberOf(parsed, "min-coverage", 100) };
  const only = stringsOf(parsed, "rule");
  for (const id of only) requireRule(id, catalogue);
  if (parsed.positionals.length === 0) throw new Misuse("check needs a file, a folder, or - for standard input");
  const result = selectRules(catalogue, { only, ...request(parsed) });
  if ("errors" in result) {
    for (const error of result.errors) io.err(`${formatInputError(error)}\n`);
    return 2;
  }
  const { settings, notConfigured } = result.selection;
  const report = judge(parsed.positionals, createEvaluator(settings)).finish(notConfigured);
  const output = stringOf(parsed, "output");
  const useColor = color === "always" || (color === "auto" && io.color && output === undefined);
  const text = format === "json" ? `${JSON.stringify(report, null, 2)}\n` : renderText(report, { color: useColor, url: io.url });
  for (const error of report.errors) io.err(`${formatInputError({ file: "", ...error })}\n`);
  if (output === undefined) io.out(text);
  else if (!writeReport(output, text, io)) return 2;
  return exitCode(report, limits, io);
}

function request(parsed: Arguments): { readonly preset?: Preset; readonly file?: string } {
  const preset = choiceOf(parsed, "preset", presets);
  const file = stringOf(parsed, "config");
  return { ...(preset === undefined ? {} : { preset }), ...(file === undefined ? {} : { file }) };
}

/** @throws Misuse for an id that the catalogue does not have. */
export function requireRule(id: string, catalogue: readonly AnyRule[]): AnyRule {
  const rule = catalogue.find((candidate) => candidate.id === id);
  if (rule !== undefined) return rule;
  const near = didYouMean(id, catalogue.map((candidate) => candidate.id));
  throw new Misuse(`unknown rule ${JSON.stringify(id)}${near === undefined ? "" : `; did you mean ${near}?`}`);
}

interface Judged {
  readonly finish: (notConfigured: Parameters<ReportBuilder["finish"]>[0]["notConfigured"]) => JsonReport;
}

function judge(paths: readonly string[], evaluator: Evaluator): Judged {
  const report = createReport();
  let files = 0;
  for (const source of readAll(paths)) {
    if (source.read) files += 1;
    addFile(source, evaluator, report);
  }
  return { finish: (notConfigured) => report.finish({ files, notConfigured }) };
}

function addFile(source: SourceFile, evaluator: Evaluator, report: ReportBuilder): void {
  const { file } = source;
  for (const error of source.errors) report.error(error);
  for (const { reason, kind, name, document } of source.skipped) {
    report.skip({ ...(kind === undefined ? {} : { kind }), ...(name === undefined ? {} : { name }), location: { file, ...(document === undefined ? {} : { document }) }, reason });
  }
  for (const { value, address, document, basePath } of source.documents) {
    const place = { file, basePath, ...(document === undefined ? {} : { document }) };
    for (const model of readDocument(value, address)) {
      report.add({ ...place, locate: (path) => source.locate(document ?? 0, path) }, model, evaluator.evaluate(model));
    }
  }
}

/** Whole or not at all: a reader never sees half a report, and an earlier one stays until the new one is complete. */
function writeReport(file: string, text: string, io: Io): boolean {
  const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, text);
    renameSync(temporary, file);
    return true;
  } catch (error) {
    rmSync(temporary, { force: true });
    io.err(`${formatInputError({ file, expected: "a file that can be written", found: reasonOf(error) })}\n`);
    return false;
  }
}

function exitCode({ summary, errors }: JsonReport, limits: { readonly undecided: number | undefined; readonly coverage: number | undefined }, io: Io): number {
  const { examined, of } = summary.coverage;
  const percent = of === 0 ? 100 : (100 * examined) / of;
  let code = summary.findings > 0 ? 1 : 0;
  if (limits.undecided !== undefined && summary.undecided > limits.undecided) {
    io.err(`${summary.undecided} verdicts are undecided, at most ${limits.undecided} are accepted (--max-undecided)\n`);
    code = 1;
  }
  if (limits.coverage !== undefined && percent < limits.coverage) {
    io.err(`${examined} of ${of} subjects that hold containers were examined (${percent.toFixed(1)} %), at least ${limits.coverage} % are asked for (--min-coverage)\n`);
    code = 1;
  }
  return errors.length > 0 ? 2 : code;
}
