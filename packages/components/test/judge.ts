import type { AnyRule, Preset, Resource } from "@bulkhead/core";
import { createEvaluator, defaultFlowsLock, inventoryPart, readDocument, resolveRule, rulesOfPreset } from "@bulkhead/core";
import { networkOf } from "@bulkhead/network-policy";
import { rules } from "@bulkhead/rules";
import type { Registered } from "./mocks";

export interface Judgement {
  /** `rule at resource`, each once; a rule that a more specific one covers is not named. */
  readonly findings: readonly string[];
  readonly exempted: readonly string[];
  readonly undecided: readonly string[];
}

/** All rules of a preset, and the whole program as their world. Rules that need options are given `options`. */
export function judge(resources: readonly Registered[], preset: Preset, options: { readonly [rule: string]: unknown } = {}): Judgement {
  const settings = rulesOfPreset(rules, preset).flatMap((rule: AnyRule) => resolveRule(rule, options[rule.id], rule.id).settings ?? []);
  const evaluator = createEvaluator(settings, { closedWorld: true, now: Date.parse("2026-11-24T12:00:00Z"), network: { judge: networkOf({ version: 1, edges: [] }).judge, flows: { kind: "missing", file: defaultFlowsLock } } });
  const models = resources.filter(({ type }) => type.startsWith("kubernetes:")).flatMap(({ type, name, inputs }) => readDocument(structuredClone(inputs), { type, name }));
  const outcomes = models.map(evaluator.evaluate);
  outcomes.push(...evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).map(({ outcome }) => outcome));
  const errors = outcomes.flatMap((outcome) => outcome.errors);
  if (errors.length > 0) throw new Error(errors.map(({ rule, error }) => `${rule.id}: ${error}`).join("\n"));
  return {
    findings: namesOf(outcomes.flatMap((outcome) => outcome.findings.map(({ rule, resource }) => [rule.id, resource] as const))),
    exempted: [...new Set(outcomes.flatMap((outcome) => outcome.exempted.map(({ rule }) => rule.id)))].sort(),
    undecided: namesOf(outcomes.flatMap((outcome) => outcome.undecided.map(({ rule, resource }) => [rule.id, resource] as const))),
  };
}

function namesOf(entries: readonly (readonly [string, Resource])[]): readonly string[] {
  return [...new Set(entries.map(([rule, { kind, name }]) => `${rule} at ${kind} ${name}`))].sort();
}
