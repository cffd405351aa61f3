import assert from "node:assert/strict";
import type { Address, AnyRule, EvaluationContext, ExamplePair, Fragment, NetworkSource, Outcome, Path, Platform } from "@bulkhead/core";
import { applyPatches, createEvaluator, formatPath, inventoryPart, isObject, judgesStack, readDocument, resolveRule, UNKNOWN } from "@bulkhead/core";
import { stackDocuments } from "../example-documents";
import { contextFor } from "../examples";
import type { Case, ReadModels } from "./harness";
import { expectBad, summary } from "./harness";

export interface Document {
  readonly name: string;
  readonly value: unknown;
  readonly address: Address;
}
export type JudgeStack = (documents: readonly Document[]) => Outcome;

/** Judges the documents of a stack together by the inventory rules of a catalogue. */
export function stackJudge(catalogue: readonly AnyRule[], read: ReadModels, context: EvaluationContext = {}): JudgeStack {
  const evaluator = createEvaluator(catalogue.flatMap((other) => resolveRule(other, other.exampleOptions, other.id).settings ?? []), context);
  return (documents) => {
    const parts = documents.flatMap(({ value, address }) => read(value, address)).flatMap((model) => inventoryPart(model) ?? []);
    const outcomes = evaluator.evaluateInventory(parts).map(({ outcome }) => outcome);
    return { findings: outcomes.flatMap((o) => o.findings), exempted: outcomes.flatMap((o) => o.exempted), undecided: outcomes.flatMap((o) => o.undecided), notExamined: outcomes.flatMap((o) => o.notExamined), errors: outcomes.flatMap((o) => o.errors) };
  };
}

/** Every example of an inventory rule: bad, good, and each with every one of its places made unknown. */
export function stackCasesOf(rule: AnyRule, catalogue: readonly AnyRule[], read: ReadModels, network?: NetworkSource): readonly Case[] {
  const judge = stackJudge([...catalogue.filter(({ id }) => id !== rule.id), rule], read, contextFor(rule, network));
  const cases: Case[] = [];
  for (const platform of ["kubernetes", "docker", "compose"] as const) {
    if (!judgesStack(rule, platform)) continue;
    for (const pair of [rule.examples[platform] ?? []].flat() as readonly ExamplePair[]) {
      [pair.bad].flat().forEach((bad, index) => {
        const name = `${rule.id} > ${platform} > bad ${index}`;
        cases.push({ name, run: () => expectBad(rule, pair.within ?? [], judge(stackDocuments(platform, bad)), true) });
        cases.push({ name: `${name} > whatever is unknown, refused or undecided`, run: () => eachUnknown(platform, bad, judge, (outcome, place) => assert.ok(speaks(outcome, rule), `silent with ${place} unknown`)) });
      });
      [pair.good].flat().forEach((good, index) => {
        const name = `${rule.id} > ${platform} > good ${index}`;
        cases.push({ name, run: () => assert.deepEqual(summary(judge(stackDocuments(platform, good))), []) });
        cases.push({ name: `${name} > whatever is unknown, no finding`, run: () => eachUnknown(platform, good, judge, (outcome, place) => assert.deepEqual(outcome.findings.map((finding) => finding.message), [], place)) });
        cases.push({ name: `${name} > what it reads unknown, undecided`, run: () => expectReadsUndecided(rule, platform, good, judge, read) });
      });
    }
  }
  return cases;
}

/** The lockfile of accepted flows stands in no document: the rule is tried without one, and with one that cannot be read. */
export function flowCases(rule: AnyRule, network: NetworkSource | undefined): readonly Case[] {
  const file = "bulkhead.flows.json";
  const said = (flows: NetworkSource["flows"], documents: readonly Document[]): readonly string[] => {
    const evaluator = createEvaluator(resolveRule(rule, rule.exampleOptions, rule.id).settings === undefined ? [] : [{ rule, options: {}, unknown: "report" }], network === undefined ? {} : { network: { ...network, flows } });
    const outcomes = evaluator.evaluateInventory(documents.flatMap(({ value, address }) => readDocument(value, address)).flatMap((model) => inventoryPart(model) ?? [])).map(({ outcome }) => outcome);
    return [...outcomes, evaluator.evaluateConfiguration()].flatMap(({ findings, undecided, notExamined }) => [...findings.map(({ message }) => message), ...undecided.map(({ message }) => message), ...notExamined.map(({ reason }) => `not examined: ${reason}`)]);
  };
  const stack = stackDocuments("kubernetes", {});
  const missing = `not examined: there is no lockfile of accepted flows (${file}): bulkhead network learn --lock writes one`;
  return [
    { name: `${rule.id} > missing, once for the stack`, run: () => assert.deepEqual(said({ kind: "missing", file }, stack), [missing]) },
    { name: `${rule.id} > missing where nothing is judged by it`, run: () => assert.deepEqual(said({ kind: "missing", file }, []), []) },
    { name: `${rule.id} > unreadable`, run: () => assert.deepEqual(said({ kind: "unreadable", file, problem: "edges: expected a list of edges, found nothing" }, stack), [`the program must have a lockfile of accepted flows that can be read: ${file}: edges: expected a list of edges, found nothing`]) },
  ];
}

function speaks({ findings, undecided, notExamined }: Outcome, { id }: AnyRule): boolean {
  return [...findings.flatMap((finding) => [finding.rule, ...finding.also]), ...undecided.map((entry) => entry.rule), ...notExamined.flatMap((entry) => entry.rule ?? [])].some((rule) => rule.id === id);
}

/** Every place in a value, from the outside in, the value itself left out. */
export function places(value: unknown, path: Path = []): readonly Path[] {
  const children: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return children.flatMap(([key, child]) => [[...path, key], ...places(child, [...path, key])]);
}

function eachUnknown(platform: Platform, fragment: Fragment, judge: JudgeStack, expect: (outcome: Outcome, place: string) => void): void {
  const names = stackDocuments(platform, fragment).map(({ name }) => name);
  names.forEach((name, index) => {
    for (const path of places(stackDocuments(platform, fragment)[index]?.value)) {
      const outcome = judge(changed(platform, fragment, index, path, UNKNOWN));
      assert.deepEqual(outcome.errors, []);
      expect(outcome, `${name}: ${formatPath(path)}`);
    }
  });
}

function changed(platform: Platform, fragment: Fragment, index: number, path: Path, value: unknown): readonly Document[] {
  const documents = stackDocuments(platform, fragment);
  applyPatches(documents[index]?.value, [value === undefined ? { op: "remove", path } : { op: "set", path, value }]);
  return documents;
}

/** What a rule requires, and the example does not need, may stay a pass. */
function expectReadsUndecided(rule: AnyRule, platform: Platform, good: Fragment, judge: JudgeStack, read: ReadModels): void {
  const documents = stackDocuments(platform, good);
  let subjects = 0;
  documents.forEach(({ value, address }, index) => {
    for (const member of read(value, address).flatMap((model) => model.members ?? [])) {
      if (!rule.about.includes(member.about) || rule.appliesTo?.(member) === false) continue;
      subjects += 1;
      for (const field of Object.values(member)) {
        if (!isObject(field) || !Array.isArray(field["path"]) || field["path"].length === 0 || !("state" in field)) continue;
        const path = field["path"] as Path;
        const without = judge(changed(platform, good, index, path, undefined));
        if (!without.findings.some((finding) => finding.rule.id === rule.id)) continue;
        assert.ok(judge(changed(platform, good, index, path, UNKNOWN)).undecided.some((entry) => entry.rule.id === rule.id), `${documents[index]?.name}: ${formatPath(path)} unknown is no pass`);
      }
    }
  });
  assert.ok(subjects > 0, "the good example holds nothing that the rule is about");
}
