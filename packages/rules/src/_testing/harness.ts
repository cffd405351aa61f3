import assert from "node:assert/strict";
import type { AnyRule, ContainerRole, EvidenceStatus, ExamplePair, Fragment, Model, NetworkSource, Outcome, Path, Platform, Read, ReadMode } from "@bulkhead/core";
import { applyPatches, createEvaluator, exact, judgesStack, readDocument, resolveRule, surroundingsOf, UNKNOWN } from "@bulkhead/core";
import { goodContainer, goodDocker, goodPod, merge, placeOf } from "../example-documents";
import { exampleEvidence } from "../example-evidence";
import { contextFor, exampleContext } from "../examples";
import requireScanEvidence from "../evidence/require-scan-evidence";
import { rules } from "../index";
import { composeType, dockerfileType, platforms } from "@bulkhead/core";
import { composeFile, dockerfileOf, goodCompose } from "../example-documents";
import { kinds, roles } from "./kinds";
import { flowCases, stackCasesOf } from "./stack-harness";

/** A test: give `name` and `run` to the runner. */
export interface Case {
  readonly name: string;
  /** Throws where the rule does not do what its examples say. */
  readonly run: () => void;
}
export type ReadModels = typeof readDocument;
interface Variant {
  readonly name: string;
  readonly type?: string;
  readonly kind?: string;
  readonly role?: ContainerRole;
  readonly build: (fragment: Fragment) => unknown;
}

/**
 * Every example of a rule in every kind and role: bad, fixed, good, and good with each read made unknown. A bad
 * example breaks no other rule of the catalogue but those in `overlaps`, and a good one none. A rule that asks who may talk
 * to whom needs `network`, with the flows of `exampleFlows`.
 */
export function casesOf(rule: AnyRule, catalogue: readonly AnyRule[] = rules, read: ReadModels = readDocument, network?: NetworkSource): readonly Case[] {
  const settings = [...catalogue.filter(({ id }) => id !== rule.id), rule].flatMap((other) => resolveRule(other, other.exampleOptions, other.id).settings ?? []);
  const evaluator = createEvaluator(settings, contextFor(rule, network));
  const cases: Case[] = judgesStack(rule) ? [...stackCasesOf(rule, catalogue, read, network)] : [];
  const judge = (variant: Variant, document: unknown): Outcome => {
    const outcomes = read(document, variant.type === undefined ? {} : { type: variant.type, name: "web" }).map(evaluator.raw);
    return { findings: outcomes.flatMap((o) => o.findings), exempted: outcomes.flatMap((o) => o.exempted), undecided: outcomes.flatMap((o) => o.undecided), notExamined: outcomes.flatMap((o) => o.notExamined), errors: outcomes.flatMap((o) => o.errors) };
  };
  for (const platform of platforms) {
    if (judgesStack(rule, platform)) continue;
    const fixable = rule.fix !== undefined && (rule.fixOn ?? [platform]).includes(platform);
    for (const pair of [rule.examples[platform] ?? []].flat() as readonly ExamplePair[]) {
      for (const variant of variants(rule, platform, pair)) {
        const concerned = pair.exceptKinds?.includes(variant.kind ?? "") !== true && (variant.role === undefined || rule.roles === undefined || rule.roles.includes(variant.role) || rule.about[0] !== "container");
        const tolerated = toleratedIn(pair, variant);
        [pair.bad].flat().forEach((bad, index) => {
          cases.push({ name: `${rule.id} > ${variant.name} > bad ${index}`, run: () => expectBad(rule, tolerated, judge(variant, variant.build(bad)), concerned) });
          if (fixable && concerned) cases.push({ name: `${rule.id} > ${variant.name} > fix ${index}`, run: () => expectFixed(rule, variant, tolerated, variant.build(bad), judge) });
        });
        [pair.good].flat().forEach((good, index) => {
          cases.push({ name: `${rule.id} > ${variant.name} > good ${index}`, run: () => assert.deepEqual(without(tolerated, summary(judge(variant, variant.build(good)))), []) });
          if (!concerned) return;
          const reads = read(variant.build(good), variant.type === undefined ? {} : { type: variant.type }).flatMap((model) => readsOf(rule, model));
          if (reads.length === 0) cases.push({ name: `${rule.id} > ${variant.name} > good ${index} has a subject`, run: () => assert.fail("the good example holds nothing that the rule is about") });
          for (const { mode, field } of reads) {
            if (field.path.length === 0 || field.state === "unsupported") continue;
            cases.push({ name: `${rule.id} > ${variant.name} > good ${index} > unknown ${field.path.join(".")}`, run: () => expectUndecided(rule, mode, tolerated, () => variant.build(good), field.path, (document) => judge(variant, document)) });
          }
        });
      }
    }
  }
  if (rule.about.includes("evidenceStore")) cases.push(...storeCases(rule));
  if (rule.about.includes("flowStore")) cases.push(...flowCases(rule, network));
  if (cases.length === 0) cases.push({ name: `${rule.id} > has examples`, run: () => assert.fail("the rule has no example") });
  return cases;
}

/** The lockfile stands in no document: the rule is tried without one, with one that cannot be read, and with one that nothing needs. */
function storeCases(rule: AnyRule): readonly Case[] {
  const settings = [rule, requireScanEvidence].flatMap((each) => resolveRule(each, each.exampleOptions, each.id).settings ?? []);
  const judged = (status: EvidenceStatus, documents: readonly unknown[]): readonly string[] => {
    const evaluator = createEvaluator(settings, { ...exampleContext, evidence: { ...exampleEvidence, status } });
    for (const model of documents.flatMap((document) => readDocument(document))) evaluator.raw(model);
    return summary(evaluator.evaluateConfiguration());
  };
  const file = "bulkhead.evidence.json";
  const pods = [1, 2].map(() => kinds["Pod"]?.({ ...goodPod, containers: [goodContainer] }));
  return [
    { name: `${rule.id} > missing, once for all images`, run: () => assert.deepEqual(judged({ kind: "missing", file }, pods), [rule.id]) },
    { name: `${rule.id} > unreadable`, run: () => assert.deepEqual(judged({ kind: "unreadable", file, problem: "it is empty" }, []), [rule.id]) },
    { name: `${rule.id} > missing where no image is judged`, run: () => assert.deepEqual(judged({ kind: "missing", file }, []), []) },
    { name: `${rule.id} > loaded`, run: () => assert.deepEqual(judged({ kind: "loaded", file }, pods), []) },
  ];
}

/** An exemption is a subject only once it is judged: it is read where it stands. */
function readsOf(rule: AnyRule, { subjects, exemptions = [] }: Model): readonly (Read<unknown> | Read<never>)[] {
  if (rule.about.includes("exemption")) return exemptions.map(({ path }) => exact({ state: "unset", path, to: () => undefined }));
  return subjects.filter((s) => rule.about.includes(s.about) && (rule.appliesTo?.(s) ?? true)).flatMap((s) => Object.values(rule.reads(s, undefined, surroundingsOf(exampleContext))));
}

function variants(rule: AnyRule, platform: Platform, pair: ExamplePair): readonly Variant[] {
  const place = placeOf(rule, pair);
  if (place === "document") return [{ name: `${platform} > document`, build: (fragment) => structuredClone(fragment), ...(pair.kind === undefined ? {} : { type: pair.kind }) }];
  if (platform === "docker") return [{ name: "docker > Container", type: "docker:index/container:Container", build: (fragment) => merge(goodDocker, fragment) }];
  if (platform === "compose") return [{ name: "compose > Service", type: composeType, build: (fragment) => composeFile(merge(goodCompose, fragment)) }];
  if (platform === "dockerfile") return [{ name: "dockerfile > Dockerfile", type: dockerfileType, build: dockerfileOf }];
  return Object.entries(kinds).flatMap(([kind, wrap]): readonly Variant[] => {
    const pod = merge(goodPod, pair.pod ?? {}) as Fragment;
    if (place === "pod") return [{ name: `kubernetes > ${kind}`, kind, build: (fragment) => structuredClone(wrap({ ...(merge(pod, fragment) as Fragment), containers: [goodContainer] })) }];
    return (Object.keys(roles) as ContainerRole[]).map((role) => ({
      name: `kubernetes > ${kind} > ${role}`, kind, role,
      build: (fragment: Fragment) => structuredClone(wrap({ ...pod, ...roles[role](merge(goodContainer, fragment) as Fragment, goodContainer) })),
    }));
  });
}

/** Rules of which the example is a part; an ephemeral container is one wherever it stands. */
function toleratedIn(pair: ExamplePair, { role }: Variant): readonly string[] {
  return [...(pair.within ?? []), ...(role === "ephemeral" ? ["no-ephemeral-containers"] : [])];
}

const without = (tolerated: readonly string[], ids: readonly string[]): readonly string[] => ids.filter((id) => !tolerated.includes(id));

export const summary = ({ findings, undecided, errors }: Outcome): readonly string[] => [...findings.map((f) => f.rule.id), ...undecided.map((u) => `undecided ${u.rule.id}`), ...errors.map((e) => `error ${e.rule.id}`)].sort();

export function expectBad(rule: AnyRule, tolerated: readonly string[], outcome: Outcome, concerned: boolean): void {
  const tripped = summary(outcome);
  assert.deepEqual(tripped.filter((id) => id === rule.id), concerned ? [rule.id] : [], "exactly one finding of the rule itself");
  const others = tripped.filter((id) => id !== rule.id);
  assert.deepEqual(others.filter((id, index) => ![...(rule.overlaps ?? []), ...tolerated].includes(id) || others.indexOf(id) !== index), [], "no other rule but those in overlaps, each once");
}

function expectFixed(rule: AnyRule, variant: Variant, tolerated: readonly string[], document: unknown, judge: (variant: Variant, document: unknown) => Outcome): void {
  const finding = judge(variant, document).findings.find((found) => found.rule.id === rule.id);
  const patches = finding?.fix();
  assert.ok(patches !== undefined && patches.length > 0, "a fix");
  const target = document as { items?: unknown[] };
  applyPatches(Array.isArray(target.items) && patches[0]?.path[0] !== "items" ? target.items[0] : document, patches);
  assert.deepEqual(without(tolerated, summary(judge(variant, document))), [], "no finding after the fix");
}

/** What is required, and not needed by the example, may stay a pass; it is never a finding. */
function expectUndecided(rule: AnyRule, mode: ReadMode, tolerated: readonly string[], build: () => unknown, path: Path, judge: (document: unknown) => Outcome): void {
  const [open, removed] = [build(), build()];
  applyPatches(open, [{ op: "set", path, value: UNKNOWN }]);
  applyPatches(removed, [{ op: "remove", path }]);
  const outcome = judge(open);
  // Without its exemption, what was exempted is found.
  const own = outcome.findings.map((found) => found.rule.id).filter((id) => id === rule.id || !rule.about.includes("exemption"));
  assert.deepEqual(without(tolerated, own), [], "no finding from what is unknown");
  const needed = mode !== "requires" || judge(removed).findings.some((found) => found.rule.id === rule.id);
  if (needed) assert.ok(outcome.undecided.some((entry) => entry.rule.id === rule.id), "undecided, never a pass");
}
