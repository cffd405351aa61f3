import type { AnyRule, Model, Outcome, Path, Platform } from "@bulkhead/core";
import { createEvaluator, formatPath, inventoryPart, isObject, judgesStack, platforms, readDocument, resolveRule, UNKNOWN } from "@bulkhead/core";
import { networkOf } from "@bulkhead/network-policy";
import { exampleFlows, rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readState } from "../../packages/cli/src/read/state";
import { decodedInputs } from "../../packages/policy-pack/src/inputs";
import { type ExampleDocument, exampleDocuments } from "../../packages/rules/src/example-documents";
import { contextFor } from "../../packages/rules/src/examples";
import { besides } from "../../packages/rules/src/page-examples";
import { places } from "./shrink.ts";

type Judge = (documents: readonly ExampleDocument[]) => Outcome;

const network = networkOf(exampleFlows);

/** What a rule says of documents, beside the rules that it speaks of. */
function judgeOf(rule: AnyRule): Judge {
  const { settings } = resolveRule(rule, rule.exampleOptions, rule.id);
  if (settings === undefined) throw new Error(`${rule.id} has no settings for its examples`);
  const { raw, evaluateInventory } = createEvaluator([settings, ...besides(rule)], contextFor(rule, network));
  return (documents) => {
    const models: readonly Model[] = documents.flatMap(({ value, address }) => readDocument(value, address));
    const outcomes = models.some(({ resource }) => judgesStack(rule, resource.platform)) ? evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).map(({ outcome }) => outcome) : models.map(raw);
    const own = <T extends { readonly rule?: AnyRule }>(entries: (outcome: Outcome) => readonly T[]): readonly T[] => outcomes.flatMap(entries).filter((entry) => entry.rule === undefined || entry.rule === rule);
    return { findings: own((o) => o.findings), exempted: own((o) => o.exempted), undecided: own((o) => o.undecided), notExamined: own((o) => o.notExamined), errors: own((o) => o.errors) };
  };
}

const silent = ({ findings, exempted, undecided, notExamined }: Outcome): boolean => findings.length + exempted.length + undecided.length + notExamined.length === 0;
const said = ({ findings, undecided }: Outcome): readonly string[] => [...findings.map(({ message }) => message), ...undecided.map(({ message }) => `undecided ${message}`)].sort();

interface Leaf {
  readonly document: number;
  readonly path: Path;
  readonly value: unknown;
}

/** Every place of every document, and what stands there. */
function leavesOf(documents: readonly ExampleDocument[]): readonly Leaf[] {
  return documents.flatMap(({ value }, document) => places(value).map((path) => ({ document, path, value: path.reduce<unknown>((at, key) => (at as Bag)[key], value) })));
}

type Bag = { [key: string | number]: unknown };
const absent = Symbol("absent");

/** Uses the documents with another value at a leaf, or with none, and puts back what was there. */
function withChange<T>(documents: readonly ExampleDocument[], { document, path, value }: Leaf, replacement: unknown, use: () => T): T {
  const key = path.at(-1) as string | number;
  const parent = path.slice(0, -1).reduce<unknown>((at, part) => (at as Bag)[part], documents[document]?.value) as Bag;
  const members: readonly unknown[] | undefined = Array.isArray(parent) ? [...(parent as unknown[])] : undefined;
  if (replacement !== absent) parent[key] = replacement;
  else if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
  try {
    return use();
  } finally {
    if (Array.isArray(parent)) parent.splice(0, parent.length, ...(members ?? []));
    else parent[key] = value;
  }
}

const wrong: readonly unknown[] = [-1, "", true, [null], { a: 1 }, [UNKNOWN], Number.NaN, "__proto__"];

/** Of another type than what stands there, and of none that some reader takes for it. */
function mistyped(value: unknown): readonly unknown[] {
  if (typeof value === "boolean") return [7, [7], { a: 1 }];
  if (typeof value === "number") return [true, [7], { a: 1 }];
  return typeof value === "string" ? [{ a: 1 }, [[7]]] : [];
}

/** Of another sort than an object: what stands in it cannot be read. */
function contained(value: unknown): readonly unknown[] {
  return isObject(value) ? [[], [value], "text", 7] : [];
}

/** Objects of a compose file that may be a list, or a text, as well, and lists whose members may be texts. */
const otherForms = new Set(["environment", "args", "labels", "annotations", "sysctls", "extra_hosts", "networks", "build", "external", "nofile", "nproc", "memlock", "ports", "volumes"]);

/** Values of a chart are what the chart takes them for, and labels are read in every form that some platform has. */
function hasOneForm(rule: AnyRule, platform: Platform, { path }: Leaf): boolean {
  const key = path.findLast((part) => typeof part === "string") ?? "";
  return !rule.about.includes("chartValues") && !(platform === "compose" && otherForms.has(key)) && !(platform === "docker" && ["labels", "build"].includes(key));
}

const signature = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** Judges documents as inputs of resources in an exported state. */
function throughState(judge: Judge): Judge {
  return (documents) => judge(documents.map((document) => {
    const resource = { type: "a:b:C", urn: "urn:pulumi:s::p::a:b:C::web", custom: true, inputs: document.value };
    const { resources, errors } = readState({ version: 3, deployment: { resources: [resource] } }, "state.json");
    if (errors.length > 0) throw new Error(errors[0]?.found);
    return { ...document, value: resources[0]?.inputs };
  }));
}

/** Judges documents as the engine sends them to the pack. */
const throughPack = (judge: Judge): Judge => (documents) => judge(documents.map((document) => ({ ...document, value: decodedInputs(document.value) })));

// What is about the run as a whole stands in no document.
for (const rule of rules.filter(({ about }) => !about.includes("evidenceStore"))) {
  describe(rule.id, () => {
    const judge = judgeOf(rule);
    const judgeLeaf = (documents: readonly ExampleDocument[], leaf: Leaf, replacement: unknown, judged: Judge = judge): Outcome => {
      const outcome = withChange(documents, leaf, replacement, () => judged(documents));
      // An assertion of the runner costs more than the judgement itself.
      if (outcome.errors.length > 0) throw new Error(`${formatPath(leaf.path)}: ${outcome.errors.map(({ error }) => error).join()}`);
      return outcome;
    };
    for (const platform of platforms as readonly Platform[]) {
      const pairs = [rule.examples[platform] ?? []].flat();
      const examples = (which: "bad" | "good"): readonly (readonly ExampleDocument[])[] => pairs.flatMap((pair) => [pair[which]].flat().map((fragment) => exampleDocuments(rule, platform, pair, fragment)));

      examples("bad").forEach((documents, index) => {
        const leaves = leavesOf(documents);
        const name = `${platform} > bad ${index}`;
        test(`${name}: whatever is unknown, it is refused or undecided`, () => {
          expect(leaves.filter((leaf) => silent(judgeLeaf(documents, leaf, UNKNOWN))).map(({ path }) => formatPath(path))).toEqual([]);
        });

        test(`${name}: a setting of the wrong type, or null, is no pass where absence is none, and nothing throws`, () => {
          const passes = leaves.flatMap((leaf) => {
            const quiet = [null, ...mistyped(leaf.value)].filter((replacement) => silent(judgeLeaf(documents, leaf, replacement)));
            return quiet.length === 0 || silent(judgeLeaf(documents, leaf, absent)) ? [] : [`${formatPath(leaf.path)}: ${JSON.stringify(quiet)}`];
          });
          expect(passes).toEqual([]);
          for (const leaf of leaves) for (const replacement of wrong) judgeLeaf(documents, leaf, replacement);
        });

        test(`${name}: a list or a single value in the place of an object is no pass, and throws nothing`, () => {
          const passes = leaves.filter((leaf) => hasOneForm(rule, platform, leaf)).flatMap((leaf) => {
            const quiet = contained(leaf.value).filter((replacement) => silent(judgeLeaf(documents, leaf, replacement)));
            return quiet.length === 0 ? [] : [`${formatPath(leaf.path)}: ${JSON.stringify(quiet)}`];
          });
          expect(passes).toEqual([]);
          for (const leaf of leaves) for (const replacement of contained(leaf.value)) judgeLeaf(documents, leaf, replacement);
        });

        test(`${name}: a secret that is shown is a value, one that is not is unknown`, () => {
          const before = said(judge(documents)).join("\n");
          const wrongly = leaves.flatMap((leaf) => {
            const plain = { ...signature, plaintext: JSON.stringify(leaf.value) };
            const shown = [judgeLeaf(documents, leaf, plain, throughState(judge)), judgeLeaf(documents, leaf, { ...signature, value: leaf.value }, throughPack(judge))];
            const hidden = judgeLeaf(documents, leaf, { ...signature, ciphertext: "v1:x" }, throughState(judge));
            judgeLeaf(documents, leaf, plain);
            return shown.some((outcome) => said(outcome).join("\n") !== before) || silent(hidden) ? [formatPath(leaf.path)] : [];
          });
          expect(wrongly).toEqual([]);
        });
      });

      examples("good").forEach((documents, index) => {
        const leaves = leavesOf(documents);
        test(`${platform} > good ${index}: what is unknown is no finding, and what has a wrong type throws nothing`, () => {
          const found = leaves.flatMap((leaf) => judgeLeaf(documents, leaf, UNKNOWN).findings.map(({ message }) => `${formatPath(leaf.path)}: ${message}`));
          expect(found).toEqual([]);
          for (const leaf of leaves) for (const replacement of [null, ...mistyped(leaf.value)]) judgeLeaf(documents, leaf, replacement);
          const passes = leaves.filter((leaf) => hasOneForm(rule, platform, leaf) && contained(leaf.value).some((replacement) => silent(judgeLeaf(documents, leaf, replacement))) && !silent(judgeLeaf(documents, leaf, UNKNOWN)));
          expect(passes.map(({ path }) => formatPath(path))).toEqual([]);
        });
      });
    }
  });
}
