import type { Address, Evaluator, Finding, Patch, RuleError } from "@bulkhead/core";
import { applyFixes, applyPatches, readDocument } from "@bulkhead/core";
import { unshared } from "./splice";

/** What a document shall be once everything that has one right value is put right. */
export interface Plan {
  readonly after: unknown;
  /** Findings before any change, and what is left of them. */
  readonly found: readonly Finding[];
  readonly left: readonly Finding[];
  readonly errors: readonly RuleError[];
}

/**
 * Fixes the findings of every rule, also those under a more specific one. The document itself is not changed.
 * `accepts`, where it is given, is asked about what the document would be after each fix.
 */
export function plan(document: unknown, address: Address, evaluator: Evaluator, accepts?: (after: unknown) => boolean): Plan {
  const found = readDocument(document, address).flatMap((model) => evaluator.evaluate(model).findings);
  let after = unshared(document);
  const find = (judged: unknown): readonly Finding[] => readDocument(judged, address).flatMap((model) => evaluator.raw(model).findings);
  if (accepts === undefined) applyFixes(after, () => find(after));
  else {
    // What two places have from one, such as an extended service, is put right in both or in none.
    for (const rule of new Set(find(after).map((finding) => finding.rule))) {
      const trial = unshared(after);
      if (applyFixes(trial, () => find(trial).filter((finding) => finding.rule === rule)) && accepts(trial)) after = trial;
    }
    applyFixes(after, () => find(after), (_, patches) => tryPatches(after, patches, accepts));
  }
  const outcomes = readDocument(after, address).map((model) => evaluator.evaluate(model));
  return { after, found, left: outcomes.flatMap(({ findings }) => findings), errors: outcomes.flatMap(({ errors }) => errors) };
}

function tryPatches(document: unknown, patches: readonly Patch[], accepts: (after: unknown) => boolean): boolean {
  const trial = unshared(document);
  try {
    applyPatches(trial, patches);
    if (!accepts(trial)) return false;
    applyPatches(document, patches);
    return true;
  } catch {
    return false;
  }
}
