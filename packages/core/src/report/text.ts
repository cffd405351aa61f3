import type { AnyRule, Severity } from "../rule";
import type { JsonBaselineEntry, JsonError, JsonExempted, JsonFinding, JsonLocation, JsonNotExamined, JsonReport, JsonSubject, JsonUndecided } from "./shape";

export interface TextOptions {
  readonly color: boolean;
  /** Columns to wrap advice at; without it, lines are not wrapped. */
  readonly width?: number;
  /** The rules of the report: their remediation is printed under each finding. */
  readonly rules?: readonly AnyRule[];
  /** The address of a rule's page. */
  readonly url?: (rule: string) => string;
  /** Whether errors are listed, and not only counted; default true. */
  readonly errors?: boolean;
}

const severities: readonly Severity[] = ["critical", "high", "medium", "low"];
const styles = { critical: "1;31", high: "31", medium: "33", low: "36", bold: "1", dim: "2", good: "32" } as const;
type Style = keyof typeof styles;
type Paint = (style: Style, text: string) => string;

/** Places that are listed under one reason. */
const shownPlaces = 20;
const indent = "    ";
const margin = `${indent}          `;

/** The report for people, in pieces: findings by file and resource, then what is open, and the summary at the end. */
export function* renderText(report: JsonReport, options: TextOptions): Generator<string> {
  const paint: Paint = options.color ? (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m` : (_, text) => text;
  yield* findingLines(report, options, paint);
  yield* section("No longer found: must leave the baseline", (report.baseline?.gone ?? []).map((entry) => goneLines(entry, paint)), paint);
  yield* section("Exempted", report.exempted.map((entry) => exemptedLines(entry, paint)), paint);
  yield* section("Undecided: a value that the rule reads cannot be known", report.undecided.filter(({ elsewhere }) => elsewhere === undefined).map((entry) => undecidedLines(entry, paint)), paint);
  yield* section("Undecided: what decides stands outside what was read", elsewhereGroups(report.undecided, paint), paint);
  yield* section("Not examined", notExaminedGroups(report.notExamined, paint), paint);
  yield* section("Not configured: the rule does not run without the option", report.notConfigured.map(({ rule, option }) => [`${rule}: set ${option}`]), paint);
  if (options.errors !== false) yield* section("Errors", report.errors.map(errorLines), paint);
  yield `${summary(report, paint)}\n`;
}

function* findingLines(report: JsonReport, options: TextOptions, paint: Paint): Generator<string> {
  const remediations = new Map(options.rules?.map((rule) => [rule.id, rule.remediation]));
  let before: JsonFinding | undefined;
  for (const finding of report.findings) {
    const { rule, severity, message, subject, location, also } = finding;
    if (location.file !== undefined && location.file !== before?.location.file) yield `${paint("bold", printable(location.file))}\n`;
    if (before === undefined || !isSameResource(before, finding)) yield `  ${printable(resourceTitle(subject))}${subject.urn === undefined ? "" : paint("dim", `  ${printable(subject.urn)}`)}\n`;
    before = finding;
    yield `${indent}${paint(severity, severity.padEnd(8))}  ${wrap(printable(message), options.width)}\n`;
    yield `${margin}${placeOf(location)}\n`;
    const ids = also.length === 0 ? rule : `${rule} (also ${also.join(", ")})`;
    yield `${margin}${paint("dim", options.url === undefined ? ids : `${ids}  ${options.url(rule)}`)}\n`;
    const remediation = remediations.get(rule);
    if (remediation !== undefined) yield `${margin}${wrap(`Fix: ${remediation}`, options.width)}\n`;
  }
  if (report.findings.length > 0) yield "\n";
}

function* section(title: string, entries: readonly (readonly string[])[], paint: Paint): Generator<string> {
  if (entries.length === 0) return;
  yield `${paint("bold", title)}\n`;
  for (const [first, ...rest] of entries) yield `  ${[first, ...rest.map((line) => `${indent}${line}`)].join("\n")}\n`;
  yield "\n";
}

function goneLines({ rule, file, path, count = 1, ...subject }: JsonBaselineEntry, paint: Paint): readonly string[] {
  const of = subject.container === undefined ? "" : `container ${JSON.stringify(subject.container)} of `;
  return [`${printable(`${of}${resourceTitle(subject)}`)}${count === 1 ? "" : `, ${count} times`}`, `${[file, path].filter((part) => part !== undefined && part !== "").map((part) => printable(part ?? "")).join("  ")}  ${paint("dim", rule)}`];
}

function exemptedLines({ rule, message, location, reason, owner, expires, source }: JsonExempted, paint: Paint): readonly string[] {
  return [printable(message), `${placeOf(location)}  ${paint("dim", rule)}`, `by ${printable(owner)} ${expires === "never" ? "without an end" : `until ${expires}`}, in ${source === "code" ? "code" : "the configuration"}: ${printable(reason)}`];
}

function undecidedLines({ rule, message, location }: JsonUndecided, paint: Paint): readonly string[] {
  return [printable(message), `${placeOf(location)}  ${paint("dim", rule)}`];
}

/** One entry for each reason: a namespace that is made elsewhere may have hundreds of workloads. */
function elsewhereGroups(entries: readonly JsonUndecided[], paint: Paint): readonly (readonly string[])[] {
  const groups = new Map<string, { readonly rules: Set<string>; readonly places: Map<string, string> }>();
  for (const { elsewhere, rule, subject, location } of entries) {
    if (elsewhere === undefined) continue;
    const group = groups.get(elsewhere) ?? { rules: new Set(), places: new Map() };
    groups.set(elsewhere, group);
    group.rules.add(rule);
    const title = resourceTitle(subject);
    const place = `${title} ${subject.urn ?? ""} ${location.file ?? ""} ${location.document ?? ""}`;
    if (!group.places.has(place)) group.places.set(place, [printable(title), position(location)].filter((part) => part !== "").join("  "));
  }
  return [...groups].map(([reason, { rules, places }]) => {
    const shown = [...places.values()].slice(0, shownPlaces);
    const more = places.size > shownPlaces ? [`and ${places.size - shownPlaces} more; the JSON report lists them all`] : [];
    return [`${printable(reason)}: ${paint("dim", [...rules].sort().join(", "))}`, ...shown, ...more];
  });
}

/** One entry for each reason: a repository may hold hundreds of files that are no manifests. */
function notExaminedGroups(entries: readonly JsonNotExamined[], paint: Paint): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const entry of entries) {
    const title = printable(entry.rule === undefined ? entry.reason : `by ${entry.rule}: ${entry.reason}`);
    const places = groups.get(title) ?? [];
    if (places.length === 0) groups.set(title, places);
    places.push(notExaminedPlace(entry, paint));
  }
  return [...groups].map(([title, places]) => {
    const hidden = places.length - shownPlaces;
    return [title, ...places.slice(0, shownPlaces), ...(hidden > 0 ? [`and ${hidden} more; the JSON report lists them all`] : [])];
  });
}

function notExaminedPlace({ kind, name, location, rule, resources = 1 }: JsonNotExamined, paint: Paint): string {
  const place = placeOf(location);
  if (rule !== undefined) return `${plural(resources, "resource")}, ${resources === 1 ? "at" : "the first at"} ${paint("dim", place)}`;
  const what = [kind, name === undefined ? undefined : JSON.stringify(name)].filter((part) => part !== undefined).join(" ");
  return [place, printable(what)].filter((part) => part !== "").join(": ");
}

function errorLines({ path, expected, found, ...location }: JsonError): readonly string[] {
  return [[position(location), path, `expected ${expected}, found ${found}`].filter((part) => part !== undefined && part !== "").map((part) => printable(part ?? "")).join(": ")];
}

function summary({ summary: counts, findings, errors, notConfigured, baseline }: JsonReport, paint: Paint): string {
  const bySeverity = severities
    .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => paint(severity, `${count} ${severity}`));
  const detail = bySeverity.length === 0 ? "" : ` (${bySeverity.join(", ")})`;
  const none = counts.findings === 0 && errors.length === 0;
  const found = none ? paint("good", "no findings") : `${paint("bold", plural(counts.findings, "finding"))}${detail}`;
  const rest = [`${counts.undecided} undecided`, `${counts.exempted} exempted`, `${counts.notExamined} not examined`, `${notConfigured.length} not configured`];
  if (baseline !== undefined) rest.push(`${baseline.known} known`, ...(baseline.gone.length > 0 ? [`${baseline.gone.length} to leave the baseline`] : []));
  if (errors.length > 0) rest.push(paint("critical", plural(errors.length, "error")));
  const looked = `${plural(counts.files, "file")}, ${plural(counts.subjects, "subject")} (${counts.coverage.examined} of ${counts.coverage.of} with containers examined)`;
  return `${looked}: ${[found, ...rest].join(", ")}`;
}

function isSameResource({ location: at, subject: a }: JsonFinding, { location, subject: b }: JsonFinding): boolean {
  return at.file === location.file && at.document === location.document && a.kind === b.kind && a.name === b.name && a.namespace === b.namespace && a.urn === b.urn;
}

function resourceTitle({ kind, name, namespace }: JsonSubject): string {
  return `${kind} ${JSON.stringify(namespace === undefined ? name : `${namespace}/${name}`)}`;
}

function position({ file, line, column }: JsonLocation): string {
  return [file, line, column].filter((part) => part !== undefined).join(":");
}

function placeOf(location: JsonLocation): string {
  return [position(location), location.path].filter((part) => part !== undefined && part !== "").map((part) => printable(part ?? "")).join("  ");
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Names come from documents: what would move the cursor or turn the text around is shown as an escape. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function wrap(text: string, width: number | undefined): string {
  const room = Math.max(40, (width ?? Infinity) - margin.length);
  if (text.length <= room) return text;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${margin}`);
}
