import type { Path } from "../field";
import { formatPath } from "../field";
import type { Hole, Model, Resource } from "../model/subject";
import { compare } from "../order";
import type { Exempted, Finding, NotExaminedEntry, Outcome, RuleError, Undecided } from "../outcome";
import type { AnyRule } from "../rule";
import type { NotConfigured } from "../settings";
import type { JsonError, JsonExempted, JsonFinding, JsonLocation, JsonNotConfigured, JsonNotExamined, JsonReport, JsonSubject, JsonUndecided } from "./shape";

export type { JsonBaseline, JsonBaselineEntry, JsonCoverage, JsonError, JsonExempted, JsonFinding, JsonLocation, JsonNotConfigured, JsonNotExamined, JsonReport, JsonSubject, JsonSummary, JsonUndecided } from "./shape";

/** Where a model was read from. */
export interface Source {
  readonly file?: string;
  /** 0-based, in its file. */
  readonly document?: number;
  /** Where the model's document stands in the file's document. */
  readonly basePath?: Path;
  /** Line and column of a path that starts with `basePath`, and the file where it is another one; asked only for what is reported. */
  readonly locate?: (path: Path) => { readonly line: number; readonly column: number; readonly file?: string } | undefined;
}

/** An input that could not be read. */
export interface ReportError {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly path?: string;
  readonly expected: string;
  readonly found: string;
}

/** Something that was passed over without being read, such as a folder of chart templates. */
export interface SkippedInput {
  readonly kind?: string;
  readonly name?: string;
  readonly location: JsonLocation;
  readonly reason: string;
  /** Whether it holds containers, so that it lowers the coverage; default false. */
  readonly holdsContainers?: boolean;
}

/** Collects outcomes; holds no document. */
export interface ReportBuilder {
  readonly add: (source: Source, model: Model, outcome: Outcome) => void;
  /** An outcome of the whole stack about a model that was added before. */
  readonly judged: (source: Source, outcome: Outcome) => void;
  readonly error: (error: ReportError) => void;
  readonly notConfigured: (entry: NotConfigured) => void;
  readonly skip: (input: SkippedInput) => void;
  /** The report of everything added so far. `files` is the number of files that were read. */
  readonly finish: (counts: { readonly files: number; readonly notConfigured?: readonly NotConfigured[] }) => JsonReport;
}

export function createReport(): ReportBuilder {
  const findings: JsonFinding[] = [];
  const exempted: JsonExempted[] = [];
  const undecided: JsonUndecided[] = [];
  const notExamined: JsonNotExamined[] = [];
  const blockedRules = new Map<string, JsonNotExamined>();
  const errors: JsonError[] = [];
  const unset = new Map<string, JsonNotConfigured>();
  let subjects = 0;
  let examined = 0;
  let holders = 0;

  const add = (source: Source, model: Model, outcome: Outcome): void => {
    if (model.holdsContainers || model.subjects.length > 0) subjects += 1;
    if (model.holdsContainers) {
      holders += 1;
      if (isExamined(model, outcome)) examined += 1;
    }
    judged(source, outcome);
  };

  const judged: ReportBuilder["judged"] = (source, outcome) => {
    for (const finding of outcome.findings) findings.push(findingEntry(source, finding));
    for (const entry of outcome.exempted) exempted.push(exemptedEntry(source, entry));
    for (const entry of outcome.undecided) undecided.push(undecidedEntry(source, entry));
    for (const entry of outcome.errors) errors.push(errorEntry(source, entry));
    for (const entry of outcome.notExamined) {
      if (entry.rule === undefined) notExamined.push(notExaminedEntry(source, entry));
      else countBlocked(blockedRules, source, entry, entry.rule.id);
    }
  };

  const addNotConfigured = ({ rule, option }: NotConfigured): void => void unset.set(`${rule.id} ${option}`, { rule: rule.id, option });

  const finish: ReportBuilder["finish"] = ({ files, notConfigured = [] }) => {
    notConfigured.forEach(addNotConfigured);
    const skipped = sorted([...notExamined, ...blockedRules.values()], ({ location }) => location);
    return {
      version: 1,
      summary: { files, subjects, findings: findings.length, undecided: undecided.length, exempted: exempted.length, notExamined: skipped.length, coverage: { examined, of: holders } },
      findings: sorted(findings, ({ location }) => location),
      undecided: sorted(undecided, ({ location }) => location),
      exempted: sorted(exempted, ({ location }) => location),
      notExamined: skipped,
      errors: sorted(errors, (error) => error),
      notConfigured: [...unset.values()].sort((a, b) => compare(a.rule, b.rule) || compare(a.option, b.option)),
    };
  };

  return {
    add, judged,
    error: ({ file, line, column, path, expected, found }) => void errors.push(present<JsonError>({ file, path, line, column, expected, found })),
    notConfigured: addNotConfigured,
    skip: ({ kind, name, location, reason, holdsContainers = false }) => {
      if (holdsContainers) holders += 1;
      notExamined.push(present<JsonNotExamined>({ kind, name, location: present<JsonLocation>(location), reason }));
    },
    finish,
  };
}

/** Whether everything in the model that holds containers was read. */
function isExamined(model: Model, outcome: Outcome): boolean {
  return !outcome.notExamined.some((entry) => entry.rule === undefined) && !model.holes.some(isWhole);
}

/** A hole in place of a whole pod, not of one of its lists. */
function isWhole(hole: Hole): boolean {
  return hole.about.includes("pod") && hole.about.includes("container");
}

function findingEntry(source: Source, { rule, message, resource, container, paths, also }: Finding): JsonFinding {
  return {
    rule: rule.id, severity: rule.severity, message,
    subject: subjectOf(resource, container), location: locationOf(source, paths[0] ?? []),
    frameworks: frameworksOf(rule), also: also.map(({ id }) => id).sort(compare),
  };
}

const frameworksByRule = new WeakMap<AnyRule, JsonFinding["frameworks"]>();

/** Each control as a list; made once for a rule, which may have thousands of findings. */
function frameworksOf(rule: AnyRule): JsonFinding["frameworks"] {
  const known = frameworksByRule.get(rule);
  if (known !== undefined) return known;
  const frameworks = Object.fromEntries(Object.entries(rule.frameworks).map(([name, ids]) => [name, typeof ids === "string" ? [ids] : ids]));
  frameworksByRule.set(rule, frameworks);
  return frameworks;
}

function exemptedEntry(source: Source, { rule, message, resource, container, paths, exemption }: Exempted): JsonExempted {
  const { reason, owner, expires, source: standing } = exemption;
  return { rule: rule.id, message, subject: subjectOf(resource, container), location: locationOf(source, paths[0] ?? []), reason, owner, expires, source: standing };
}

function undecidedEntry(source: Source, { rule, message, resource, container, paths, elsewhere }: Undecided): JsonUndecided {
  return present<JsonUndecided>({ rule: rule.id, message, subject: subjectOf(resource, container), location: locationOf(source, paths[0] ?? []), elsewhere });
}

function notExaminedEntry(source: Source, { resource, path, reason, rule }: NotExaminedEntry): JsonNotExamined {
  return present<JsonNotExamined>({ kind: resource.kind, name: resource.name, location: locationOf(source, path), reason, rule: rule?.id });
}

/** The reason is the rule's, not the resource's: it is said once, at the first place in the report's order. */
function countBlocked(blocked: Map<string, JsonNotExamined>, source: Source, entry: NotExaminedEntry, rule: string): void {
  const key = `${rule} ${entry.reason}`;
  const before = blocked.get(key);
  const resources = (before?.resources ?? 0) + 1;
  const location = { file: source.file, document: source.document, path: pathText(source, entry.path) };
  const first = before === undefined || compareLocations(location, before.location) < 0 ? notExaminedEntry(source, entry) : before;
  blocked.set(key, { ...first, resources });
}

function errorEntry(source: Source, { rule, resource, container, error }: RuleError): JsonError {
  const name = resource.namespace === undefined ? resource.name : `${resource.namespace}/${resource.name}`;
  const of = container === undefined ? "" : `container ${JSON.stringify(container)} of `;
  return { ...locationOf(source, []), rule: rule.id, expected: `a verdict of ${rule.id} on ${of}${resource.kind} ${JSON.stringify(name)}`, found: `a failure of the rule: ${error}` };
}

function subjectOf({ kind, name, namespace, urn }: Resource, container: string | undefined): JsonSubject {
  return present<JsonSubject>({ kind, name, namespace, container, urn });
}

function locationOf(source: Source, path: Path): JsonLocation {
  const whole = wholePath(source, path);
  const position = source.locate?.(whole);
  const text = formatPath(whole);
  return present<JsonLocation>({ file: position?.file ?? source.file, document: source.document, path: text === "" ? undefined : text, line: position?.line, column: position?.column });
}

function pathText(source: Source, path: Path): string | undefined {
  const text = formatPath(wholePath(source, path));
  return text === "" ? undefined : text;
}

function wholePath({ basePath = [] }: Source, path: Path): Path {
  return basePath.length === 0 ? path : [...basePath, ...path];
}

/** The same object without its absent values. */
function present<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  const result: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== undefined) result[key] = value[key];
  return result as T;
}

type Place = { readonly [K in "file" | "path"]?: string | undefined } & { readonly document?: number | undefined };
interface Sortable {
  readonly rule?: string;
}

/** Entries at the same place and of the same rule keep no order of their own: their text decides. */
function sorted<T extends Sortable>(entries: readonly T[], location: (entry: T) => Place): readonly T[] {
  return [...entries].sort((a, b) => compareLocations(location(a), location(b)) || compare(a.rule ?? "", b.rule ?? "") || compare(JSON.stringify(a), JSON.stringify(b)));
}

function compareLocations(a: Place, b: Place): number {
  return compare(a.file ?? "", b.file ?? "") || compare(a.document ?? -1, b.document ?? -1) || compare(a.path ?? "", b.path ?? "");
}
