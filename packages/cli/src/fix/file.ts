import type { Evaluator, Finding } from "@bulkhead/core";
import { composeType, dockerfileType, formatPath } from "@bulkhead/core";
import type { Io } from "../io";
import { describeError, writeAll } from "../io";
import { formatInputError } from "../read/problem";
import type { SourceDocument, SourceFile } from "../read/read";
import { sourceOf } from "../read/read";
import { unifiedDiff } from "./diff";
import { editDockerfile } from "./dockerfile";
import type { Change } from "./edit";
import type { Plan } from "./plan";
import { plan } from "./plan";
import { original, rewrite } from "./rewrite";
import type { Splice } from "./splice";
import { applySplices, same, Uneditable } from "./splice";

export interface Context {
  readonly evaluator: Evaluator;
  readonly write: boolean;
  readonly io: Io;
}

/** What came of one file. */
export interface Fixed {
  /** The findings that are left, as lines. */
  readonly left: readonly string[];
  readonly fixed: number;
  readonly failed: boolean;
}

interface Planned extends SourceDocument {
  readonly plan: Plan;
}

interface Edited {
  readonly splices: readonly Splice[];
  readonly text: string;
  readonly source: SourceFile;
}

type Edit = (text: string, changes: readonly Change[], overrides: boolean) => readonly Splice[];

/** Judges a file, and prints or writes what it should be. */
export async function fixFile(source: SourceFile, context: Context): Promise<Fixed> {
  const { io, evaluator, write } = context;
  const { file, text = "" } = source;
  for (const error of source.errors) io.err(`${formatInputError(error)}\n`);
  for (const { reason } of source.skipped) if (!source.read) io.err(`${file}: not examined: ${reason}\n`);
  let failed = source.errors.length > 0;
  const fail = (expected: string, found: string): void => {
    io.err(`${formatInputError({ file, expected, found })}\n`);
    failed = true;
  };
  const planned: Planned[] = [];
  for (const entry of source.documents) {
    try {
      const made = plan(entry.value, entry.address, evaluator);
      for (const { rule, error } of made.errors) fail("a rule that judges", `${rule.id}, which failed: ${error}`);
      planned.push({ ...entry, plan: made });
    } catch (error) {
      fail("a document that can be judged", `a failure: ${describeError(error)}`);
    }
  }
  const unchanged = (): Fixed => ({ left: linesOf(source, planned, "found"), fixed: 0, failed });
  if (!planned.some(isChanged)) return unchanged();
  if (planned.some((entry) => isChanged(entry) && isState(entry))) {
    fail("manifests", "an exported state, which says what a program made: change the program");
    return unchanged();
  }
  const edit = planned.every(({ address }) => address.type === dockerfileType) ? editDockerfile : (await import("./edit.js")).edit;
  const { entries, edited } = editCarefully(source, planned, edit, evaluator);
  if (typeof edited === "string") {
    fail("a text that can be edited", edited);
    return unchanged();
  }
  const fixed = entries.reduce((sum, { plan: { found, left } }) => sum + Math.max(0, found.length - left.length), 0);
  if (edited.splices.length === 0) return { left: linesOf(source, entries, "left"), fixed: 0, failed };
  if (!write) {
    await writeAll(io, unifiedDiff(file, text, edited.splices));
    return { left: linesOf(source, entries, "left"), fixed, failed };
  }
  const before = original(file, text);
  const refused = before === undefined ? "one that was changed meanwhile, or is no plain text" : rewrite(before, edited.text);
  if (refused === undefined) return { left: linesOf(edited.source, entries, "left"), fixed, failed };
  fail("a file that can be written", refused);
  return unchanged();
}

function isChanged({ value, plan: { after } }: Planned): boolean {
  return !same(value, after);
}

/** A resource of a program, as opposed to a file that somebody wrote. */
function isState({ address: { urn } }: SourceDocument): boolean {
  return urn !== undefined;
}

/**
 * What is planned as a whole where that can be written; else fix by fix, without those that cannot, for example because
 * the value comes from another file.
 */
function editCarefully(source: SourceFile, planned: readonly Planned[], edit: Edit, evaluator: Evaluator): { readonly entries: readonly Planned[]; readonly edited: Edited | string } {
  const whole = editText(source, planned, edit);
  if (typeof whole !== "string") return { entries: planned, edited: whole };
  const entries = planned.map((entry): Planned => {
    if (!isChanged(entry)) return entry;
    const accepts = (after: unknown): boolean => typeof editText(source, planned.map((other) => ({ ...other, plan: { ...other.plan, after: other === entry ? after : other.value } })), edit) !== "string";
    return { ...entry, plan: plan(entry.value, entry.address, evaluator, accepts) };
  });
  if (entries.some(isChanged)) return { entries, edited: editText(source, entries, edit) };
  // A compose file may have everything that is wrong from another one.
  const { text = "" } = source;
  return { entries, edited: planned.every(({ address }) => address.type === composeType) ? { splices: [], text, source } : whole };
}

function editText(source: SourceFile, planned: readonly Planned[], edit: Edit): Edited | string {
  const left = editOnce(source, planned, edit, false);
  return typeof left === "string" ? editOnce(source, planned, edit, true) : left;
}

/** The changed text, read again and found to say what it should; or why there is none. */
function editOnce({ file, text = "", over, documents }: SourceFile, planned: readonly Planned[], edit: Edit, overrides: boolean): Edited | string {
  const changes = planned.filter(isChanged).map(({ document = 0, basePath, value, plan: { after } }): Change => ({ document, path: basePath, before: value, after }));
  try {
    const splices = edit(text, changes, overrides);
    const result = applySplices(text, splices);
    const source = sourceOf(file, true, result, over);
    const expected = documents.map((entry) => planned.find(({ document, basePath }) => document === entry.document && basePath === entry.basePath)?.plan.after ?? entry.value);
    const isAsPlanned = source.errors.length === 0 && source.documents.length === expected.length && source.documents.every(({ value }, index) => same(value, expected[index]));
    return isAsPlanned ? { splices, text: result, source } : "one whose form this editor cannot keep; nothing was changed";
  } catch (error) {
    return error instanceof Uneditable || (error instanceof Error && error.name === "Uneditable") ? `${error.message}; nothing was changed` : `a failure: ${describeError(error)}`;
  }
}

function linesOf({ file, locate }: SourceFile, entries: readonly Planned[], which: "found" | "left"): readonly string[] {
  const line = ({ document = 0, basePath }: Planned, finding: Finding): string => {
    const path = [...basePath, ...(finding.paths[0] ?? [])];
    const place = locate(document, path);
    const why = finding.unfixable?.();
    return `${[place?.file ?? file, place?.line, place?.column].filter((part) => part !== undefined).join(":")}: ${finding.message} (${finding.rule.id}, ${formatPath(path)})${why === undefined ? "" : `; not fixed: ${why}`}`;
  };
  return entries.flatMap((entry) => entry.plan[which].map((finding) => line(entry, finding)));
}
