import type { Address, Evaluator, Finding, RuleError } from "@bulkhead/core";
import { applyFixes, readDocument } from "@bulkhead/core";
import { unshared } from "./splice";

/** What a document shall be once everything that has one right value is put right. */
export interface Plan {
  readonly after: unknown;
  /** Findings before any change, and what is left of them. */
  readonly found: readonly Finding[];
  readonly left: readonly Finding[];
  readonly errors: readonly RuleError[];
}

/** Fixes the findings of every rule, also those under a more specific one. The document itself is not changed. */
export function plan(document: unknown, address: Address, evaluator: Evaluator): Plan {
  const found = readDocument(document, address).flatMap((model) => evaluator.evaluate(model).findings);
  const after = unshared(document);
  applyFixes(after, () => readDocument(after, address).flatMap((model) => evaluator.raw(model).findings));
  const outcomes = readDocument(after, address).map((model) => evaluator.evaluate(model));
  return { after, found, left: outcomes.flatMap(({ findings }) => findings), errors: outcomes.flatMap(({ errors }) => errors) };
}
