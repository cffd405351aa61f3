import { resolve } from "node:path";
import type { AnyRule, Evaluator, EvidenceSource, JsonError, JsonReport, KubernetesVersion, LazyNetwork, Path, Preset, ReportBuilder, RuleSettings } from "@bulkhead/core";
import { createEvaluator, createReport, kubernetesVersions, lazyNetwork, presets, readDocument, renderText } from "@bulkhead/core";
import { openEvidence, writeWhole } from "@bulkhead/image-evidence";
import { ruleUrl } from "@bulkhead/rules";
import { readAnnounced } from "./announce";
import type { Arguments, OptionTypes } from "./arguments";
import { choiceOf, countOf, flagOf, Misuse, parseArguments, percentOf, stringOf, stringsOf, timeOf } from "./arguments";
import type { Baseline, Scope } from "./baseline";
import { applyBaseline, baselineOf, fileOf, readBaseline, withoutGone, writeBaseline } from "./baseline";
import { selectRules } from "./config";
import { findRule } from "./find-rule";
import type { Io } from "./io";
import { chunked, describeError, writeAll } from "./io";
import { renderJson } from "./output";
import { builtImages } from "./read/built-images";
import { reasonOf } from "./read/file";
import type { InputError } from "./read/problem";
import { formatInputError } from "./read/problem";
import type { SourceDocument, SourceFile } from "./read/read";
import type { Stack } from "./stack";
import { createStack } from "./stack";

export const checkHelp = `bulkhead check [options] PATH...

Judges Kubernetes manifests and compose files (YAML or JSON; files, folders, or - for standard input), Dockerfiles, and
exported Pulumi state. Dockerfiles are known by their names (Dockerfile, Dockerfile.*, *.Dockerfile, Containerfile), or by
their text where one is named. Of a compose file everything that belongs to it is read: override files, extends, include, .env and environment
files. A variable that is not set is unknown; the environment of the process is not read.

  -f, --file FILE         a compose file; given several times, the files are one project, each merged over the ones before
                          it, as with docker compose -f: no override file is looked for
  --preset NAME           baseline, restricted or strict; each includes the one before (default: strict, every rule)
  --rule ID               only this rule; may be repeated, and excludes --preset
  --config FILE           JSON or YAML: { preset, unknown, closedWorld, kubernetesVersion, rules: { ID: "off" | "on" | { OPTION: ..., unknown } },
                          exemptions: [{ rule, reason, owner, expires, type, name, urn, namespace, container }],
                          maxExemptionDays, noCodeExemptions: [ID], evidence: { lockfile, signers, vexAuthors, trustedRoot, live },
                          flows: { lockfile } };
                          evidence.live: true asks the registries of the images now, for at most 30 seconds or live.timeoutSeconds
  --now DATE              judge exemptions as of that day (or time, as 2027-03-31T12:00:00Z) instead of now
  --closed-world          what is given is all there is: what stands in no file is missing, also in namespaces made elsewhere
  --kubernetes-version V  the version of the cluster, 1.25 to 1.37 (default: latest)
  --write-baseline FILE   write the findings there as known ones, and exit 0
  --baseline FILE         findings that it knows are only counted; exit 1 for new ones, and for known ones that no longer occur
  --prune                 with --baseline: take out of it what no longer occurs
  --format FORMAT         text (default) or json
  -o, --output FILE       write the report there, whole or not at all, instead of to standard output
  --max-undecided N       exit 1 where more than N verdicts are undecided
  --min-coverage PERCENT  exit 1 where less of what holds containers was examined
  --color WHEN            auto (default; NO_COLOR is honoured), always or never

Exit 0: clean. 1: findings, or a limit exceeded. 2: misuse, an input that cannot be read, or a rule that failed.
`;

const options: OptionTypes = {
  file: { type: "string", short: "f", multiple: true },
  preset: { type: "string" }, rule: { type: "string", multiple: true }, config: { type: "string" }, now: { type: "string" }, baseline: { type: "string" }, "write-baseline": { type: "string" }, prune: { type: "boolean" }, format: { type: "string" },
  "closed-world": { type: "boolean" }, "kubernetes-version": { type: "string" }, output: { type: "string", short: "o" }, "max-undecided": { type: "string" }, "min-coverage": { type: "string" }, color: { type: "string" },
};

interface Command {
  readonly paths: readonly string[];
  /** Compose files that are one project. */
  readonly merged: readonly string[];
  readonly only: readonly string[];
  readonly preset: Preset | undefined;
  readonly kubernetesVersion: KubernetesVersion | undefined;
  readonly config: string | undefined;
  readonly format: "text" | "json";
  readonly color: "auto" | "always" | "never";
  /** Absent for standard output. */
  readonly output: string | undefined;
  readonly closedWorld: boolean;
  readonly now: number | undefined;
  readonly baseline: string | undefined;
  readonly writeBaseline: string | undefined;
  readonly prune: boolean;
  readonly maxUndecided: number | undefined;
  readonly minCoverage: number | undefined;
}

/** @throws Misuse */
export async function check(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const command = readCommand(parseArguments(args, options), catalogue);
  const { only, preset, kubernetesVersion, config } = command;
  const known = command.baseline === undefined ? { baseline: undefined } : readBaseline(command.baseline);
  if ("errors" in known) return refuse(known.errors, io);
  const result = selectRules(catalogue, { only, ...(preset === undefined ? {} : { preset }), ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }), ...(config === undefined ? {} : { file: config }) });
  if ("errors" in result) return refuse(result.errors, io);
  const { settings, notConfigured, locate } = result.selection;
  const now = command.now ?? Date.now();
  const opened = openEvidence({ settings: result.selection.evidence, folder: process.cwd(), now });
  if (opened.problems.length > 0) return refuse(opened.problems.map((problem) => ({ file: config ?? "", ...problem, path: `evidence.${problem.path}` })), io);
  const network = lazyNetwork(async () => (await import("./reachability.js")).openNetwork({ settings: result.selection.flows, folder: process.cwd() }));
  const context = { ...result.selection.context, now, evidence: opened.source, network: network.source, builtImages: builtImages(command.paths, command.merged) };
  const closedWorld = command.closedWorld || result.selection.closedWorld;
  if (settings.length === 0) io.err("bulkhead: no rule was run\n");
  const report = createReport();
  for (const entry of notConfigured) report.notConfigured(entry);
  const evaluator = createEvaluator(settings, { ...context, closedWorld });
  const files = await judgeAll(command, evaluator, createStack(closedWorld), network, report, opened.source);
  report.judged(config === undefined ? {} : { file: config, locate }, evaluator.evaluateConfiguration());
  const finished = report.finish({ files: files.length });
  const scope = scopeOf(finished, files, settings, catalogue, command);
  return publish(compare(finished, command, known.baseline, scope, io), command, catalogue, io);
}

function refuse(errors: readonly InputError[], io: Io): 2 {
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  return 2;
}

/** A file that could not be read whole may hold what was not found. */
function scopeOf({ errors }: JsonReport, files: readonly string[], settings: readonly RuleSettings[], catalogue: readonly AnyRule[], { config }: Command): Scope {
  const failed = new Set(errors.map(({ file }) => file));
  return {
    files: new Set([...files, ...(config === undefined ? [] : [config])].filter((file) => !failed.has(file)).map(fileOf)),
    rules: new Set(settings.map(({ rule }) => rule.id)), catalogue: new Set(catalogue.map(({ id }) => id)),
  };
}

/** The report without what the baseline knows, which is written where that is asked for. */
function compare(report: JsonReport, { baseline: file, writeBaseline: target, prune }: Command, baseline: Baseline | undefined, scope: Scope, io: Io): JsonReport {
  const whole = target === undefined ? baseline : baselineOf(report);
  if (whole === undefined) return report;
  const compared = applyBaseline(report, whole, scope);
  const to = target ?? (prune ? file : undefined);
  if (to === undefined) return compared;
  if (report.errors.length > 0) {
    io.err(`bulkhead: ${to} was not written, for not everything could be judged\n`);
    return compared;
  }
  try {
    writeBaseline(to, withoutGone(whole, compared));
    return { ...compared, baseline: { known: compared.baseline?.known ?? 0, gone: [] } };
  } catch (error) {
    return { ...compared, errors: [{ file: to, expected: "a file that can be written", found: reasonOf(error) }] };
  }
}

function readCommand(parsed: Arguments, catalogue: readonly AnyRule[]): Command {
  const output = stringOf(parsed, "output");
  const command: Command = {
    paths: parsed.positionals,
    merged: stringsOf(parsed, "file"),
    only: stringsOf(parsed, "rule"),
    preset: choiceOf(parsed, "preset", presets),
    kubernetesVersion: choiceOf(parsed, "kubernetes-version", kubernetesVersions),
    config: stringOf(parsed, "config"),
    format: choiceOf(parsed, "format", ["text", "json"] as const) ?? "text",
    color: choiceOf(parsed, "color", ["auto", "always", "never"] as const) ?? "auto",
    output: output === "-" ? undefined : output,
    closedWorld: flagOf(parsed, "closed-world"),
    now: timeOf(parsed, "now"),
    baseline: stringOf(parsed, "baseline"),
    writeBaseline: stringOf(parsed, "write-baseline"),
    prune: flagOf(parsed, "prune"),
    maxUndecided: countOf(parsed, "max-undecided"),
    minCoverage: percentOf(parsed, "min-coverage"),
  };
  for (const id of command.only) findRule(id, catalogue);
  if (command.only.length > 0 && command.preset !== undefined) throw new Misuse("--rule runs only the rules that it names: leave --preset out");
  const given = [...command.paths, ...command.merged];
  if (given.length === 0) throw new Misuse("check needs a file, a folder, or - for standard input");
  if (command.merged.length > 0 && given.filter((path) => path === "-").length > 1) throw new Misuse("standard input can be read once");
  const { baseline, writeBaseline } = command;
  if (baseline !== undefined && writeBaseline !== undefined) throw new Misuse("--write-baseline writes every finding: leave --baseline out, or take out what is gone with --baseline and --prune");
  if (command.prune && baseline === undefined) throw new Misuse("--prune needs --baseline");
  const isOneOf = (target: string | undefined, files: readonly (string | undefined)[]): boolean => target !== undefined && files.some((file) => file !== undefined && file !== "-" && resolve(file) === resolve(target));
  const inputs = [...given, command.config];
  if (isOneOf(output === "-" ? undefined : output, [...inputs, baseline, writeBaseline])) throw new Misuse("--output names one of the inputs, or the baseline");
  if (isOneOf(writeBaseline, inputs) || isOneOf(baseline, inputs)) throw new Misuse("the baseline is one of the inputs");
  return command;
}

/**
 * Judges file by file, so that one can be forgotten before the next is read, and the stack of all of them at the end.
 * Gives the files that were read.
 */
async function judgeAll({ paths, merged, output, config, baseline, writeBaseline }: Command, evaluator: Evaluator, stack: Stack, network: LazyNetwork, report: ReportBuilder, evidence: EvidenceSource): Promise<readonly string[]> {
  const own = new Set([output, config, baseline, writeBaseline].filter((file) => file !== undefined).map((file) => resolve(file)));
  const files: string[] = [];
  for (const source of readAnnounced(paths, merged, evidence)) {
    // An earlier report and the configuration may stand in a folder that is judged; neither is an input.
    if (own.size > 0 && source.file !== "-" && own.has(resolve(source.file))) continue;
    if (source.read) files.push(source.file);
    judgeFile(source, evaluator, report, stack);
  }
  if (stack.asksNetwork(evaluator)) await network.load();
  stack.judge(evaluator, report);
  return files;
}

function judgeFile(source: SourceFile, evaluator: Evaluator, report: ReportBuilder, stack: Stack): void {
  const { file } = source;
  if (source.errors.length > 0) stack.unread(file, "failed");
  else if (source.skipped.length > 0 && !source.read) stack.unread(file, "skipped");
  for (const error of source.errors) report.error(error);
  for (const { reason, document, holdsContainers = !source.read, ...named } of source.skipped) {
    report.skip({ ...named, location: { file, ...(document === undefined ? {} : { document }) }, reason, holdsContainers });
  }
  for (const entry of source.documents) judgeDocument(source, entry, evaluator, report, stack);
}

function judgeDocument({ file, locate }: SourceFile, { value, address, document, basePath }: SourceDocument, evaluator: Evaluator, report: ReportBuilder, stack: Stack): void {
  const place = { file, basePath, ...(document === undefined ? {} : { document }) };
  try {
    for (const model of readDocument(value, address)) {
      const source = { ...place, locate: (path: Path) => locate(document ?? 0, path) };
      report.add(source, model, evaluator.evaluate(model));
      if (evaluator.judgesInventory) stack.add(source, model);
    }
  } catch (error) {
    report.error({ file, ...locate(document ?? 0, basePath), expected: "a document that can be judged", found: `a failure: ${describeError(error)}` });
  }
}

/** Writes the report and gives the exit code. A report that cannot be written to its file goes to standard output. */
async function publish(report: JsonReport, command: Command, catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const { output } = command;
  for (const error of report.errors) io.err(`${errorLine(error)}\n`);
  const code = exitCode(report, command, io);
  if (output === undefined) {
    await writeAll(io, render(report, command, catalogue, io));
    return code;
  }
  try {
    writeWhole(output, chunked(render(report, command, catalogue, io)));
    return code;
  } catch (error) {
    io.err(`${formatInputError({ file: output, expected: "a file that can be written", found: reasonOf(error) })}\n`);
    await writeAll(io, render(report, { ...command, output: undefined }, catalogue, io));
    return 2;
  }
}

function render(report: JsonReport, { format, color, output }: Command, catalogue: readonly AnyRule[], io: Io): Iterable<string> {
  if (format === "json") return renderJson(report);
  const colored = color === "always" || (color === "auto" && io.color && output === undefined);
  const width = output === undefined && io.width !== undefined ? { width: io.width } : {};
  // On standard output the errors would be said twice.
  return renderText(report, { color: colored, ...width, rules: catalogue, url: ruleUrl, errors: output !== undefined });
}

function errorLine({ file = "", line, column, path, expected, found }: JsonError): string {
  return formatInputError({ file, ...(line === undefined ? {} : { line }), ...(column === undefined ? {} : { column }), ...(path === undefined ? {} : { path }), expected, found });
}

/** 2 beats 1; what was not examined never fails unless a limit is set. */
function exitCode({ summary, errors, baseline }: JsonReport, { maxUndecided, minCoverage }: Command, io: Io): number {
  const { examined, of } = summary.coverage;
  const percent = of === 0 ? 100 : (100 * examined) / of;
  let code = summary.findings > 0 ? 1 : 0;
  if (baseline !== undefined && baseline.gone.length > 0) {
    io.err(`bulkhead: ${baseline.gone.length} known ${baseline.gone.length === 1 ? "finding no longer occurs" : "findings no longer occur"}; --prune takes them out of the baseline\n`);
    code = 1;
  }
  if (maxUndecided !== undefined && summary.undecided > maxUndecided) {
    io.err(`bulkhead: ${summary.undecided} verdicts are undecided; --max-undecided accepts ${maxUndecided}\n`);
    code = 1;
  }
  if (minCoverage !== undefined && percent < minCoverage) {
    io.err(`bulkhead: ${examined} of ${of} that hold containers were examined (${Math.floor(percent * 10) / 10} %); --min-coverage asks for ${minCoverage} %\n`);
    code = 1;
  }
  return errors.length > 0 ? 2 : code;
}
