import type { ExamplePair, Fragment, Platform } from "@bulkhead/core";
import { applyPatches, createEvaluator, inventoryPart, readDocument, resolveRule } from "@bulkhead/core";
import { networkOf } from "@bulkhead/network-policy";
import { describe, expect, test } from "vitest";
import { exampleModels, stackDocuments } from "../src/example-documents";
import { exampleContext } from "../src/examples";
import { places } from "../src/_testing/stack-harness";
import { exampleFlows, rules } from "../src/index";

const evaluator = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id).settings ?? []), exampleContext);
const asking = createEvaluator(rules.flatMap((rule) => resolveRule(rule, rule.exampleOptions, rule.id).settings ?? []), { ...exampleContext, network: networkOf(exampleFlows) });
/** A container without the resource that limits it is found by itself: the examples of other rules have none. */
const limit = "require-pids-limit";
const platforms: readonly Platform[] = ["kubernetes", "docker", "compose"];
const findings = (models: ReturnType<typeof readDocument>): readonly string[] => evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).flatMap(({ outcome }) => [...outcome.findings.filter(({ rule }) => rule.id !== limit).map(({ message }) => message), ...outcome.errors.map(({ error }) => error)]);

describe("rules about the stack", () => {
  test("find nothing in the examples of the others, which are no whole stacks", () => {
    let judged = 0;
    for (const rule of rules.filter(({ inventory }) => inventory !== true)) {
      for (const platform of ["kubernetes", "docker"] as const) {
        for (const pair of [rule.examples[platform] ?? []].flat() as readonly ExamplePair[]) {
          for (const fragment of [pair.bad, pair.good].flat() as readonly Fragment[]) {
            const models = exampleModels(rule, platform, pair, fragment);
            // A program that makes a namespace, and nothing in it, has what these rules look for.
            if (models.some(({ members = [] }) => members.some(({ about }) => about === "tenancy"))) continue;
            judged += 1;
            expect(findings(models), rule.id).toEqual([]);
          }
        }
      }
    }
    expect(judged).toBeGreaterThan(100);
  });

  test.each(platforms)("throw nothing, whatever has a wrong type (%s)", (platform) => {
    const errors = (models: ReturnType<typeof readDocument>): readonly unknown[] => asking.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).flatMap(({ outcome }) => outcome.errors);
    stackDocuments(platform, {}).forEach((document, index) => {
      for (const path of places(document.value)) {
        for (const wrong of [null, 7, "", "text", true, [], [7], [null], {}, { a: 1 }, "__proto__"]) {
          const documents = stackDocuments(platform, {});
          applyPatches(documents[index]?.value, [{ op: "set", path, value: wrong }]);
          expect(errors(documents.flatMap(({ value, address }) => readDocument(value, address))), `${document.name}: ${path.join(".")}`).toEqual([]);
        }
      }
    });
  });
});
