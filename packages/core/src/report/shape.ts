import type { Severity } from "../rule";

/** Where something stands. `path` is absent where the whole document is meant; `document` is 0-based, line and column 1-based. */
export interface JsonLocation {
  readonly file?: string;
  readonly document?: number;
  readonly path?: string;
  readonly line?: number;
  readonly column?: number;
}

export interface JsonSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly container?: string;
  readonly urn?: string;
}

export interface JsonFinding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly subject: JsonSubject;
  readonly location: JsonLocation;
  readonly frameworks: { readonly [framework: string]: readonly string[] };
  /** Rules that speak of the same setting and are not reported on their own. */
  readonly also: readonly string[];
}

export interface JsonUndecided {
  readonly rule: string;
  readonly message: string;
  readonly subject: JsonSubject;
  readonly location: JsonLocation;
  /** Why, where what decides stands outside what was read. */
  readonly elsewhere?: string;
}

/** A finding that an exemption covers, and the exemption. */
export interface JsonExempted {
  readonly rule: string;
  readonly message: string;
  readonly subject: JsonSubject;
  readonly location: JsonLocation;
  readonly reason: string;
  readonly owner: string;
  /** The last day that it holds, in UTC. */
  readonly expires: string;
  readonly source: "code" | "configuration";
}

/**
 * What was not looked at. With `rule`, one rule could not be judged: said once for each reason, with the first place
 * and the number of `resources` that it stands for.
 */
export interface JsonNotExamined {
  readonly kind?: string;
  readonly name?: string;
  readonly location: JsonLocation;
  readonly reason: string;
  readonly rule?: string;
  readonly resources?: number;
}

/** An input that could not be read, or a rule that failed on one. Never quotes a value. */
export interface JsonError extends JsonLocation {
  readonly rule?: string;
  readonly expected: string;
  readonly found: string;
}

export interface JsonNotConfigured {
  readonly rule: string;
  readonly option: string;
}

/**
 * How much of what holds containers was looked at. `of` counts the documents and resources that hold containers (or
 * may), and each skipped folder that does; `examined` those of them that were read whole: with no part that is not
 * examined as a document, and no pod spec that is unknown.
 */
export interface JsonCoverage {
  readonly examined: number;
  readonly of: number;
}

export interface JsonSummary {
  readonly files: number;
  /** Documents and resources that hold containers (or may), or that hold another subject of a rule, such as a namespace. */
  readonly subjects: number;
  readonly findings: number;
  readonly undecided: number;
  readonly exempted: number;
  readonly notExamined: number;
  readonly coverage: JsonCoverage;
}

/** A finding that is known, whatever its line: `[]` in the path is any member of a list. */
export interface JsonBaselineEntry {
  readonly rule: string;
  readonly file: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly container?: string;
  readonly urn?: string;
  readonly path?: string;
  /** How many there are; absent for one. */
  readonly count?: number;
}

/** Where findings were compared with a baseline: how many of them it knows, and which of its own no longer occur. */
export interface JsonBaseline {
  readonly known: number;
  readonly gone: readonly JsonBaselineEntry[];
}

/** The report, on which other programs rely. Every list is sorted by file, document, path and rule. */
export interface JsonReport {
  readonly version: 1;
  readonly summary: JsonSummary;
  readonly findings: readonly JsonFinding[];
  readonly undecided: readonly JsonUndecided[];
  readonly exempted: readonly JsonExempted[];
  readonly notExamined: readonly JsonNotExamined[];
  readonly errors: readonly JsonError[];
  readonly notConfigured: readonly JsonNotConfigured[];
  readonly baseline?: JsonBaseline;
}
