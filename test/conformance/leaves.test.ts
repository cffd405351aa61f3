import type { AnyRule, ExamplePair, Fragment, Model, Path, Platform } from "@bulkhead/core";
import { applyPatches, composeType, createEvaluator, formatPath, isObject, platforms, readDocument, resolveRule, UNKNOWN } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { composeFile, goodCompose, goodContainer, goodDocker, goodMetadata, goodPod, merge, placeOf } from "../../packages/rules/src/example-documents";
import { exampleContext } from "../../packages/rules/src/examples";
import { besides } from "../../packages/rules/src/page-examples";

/** The document of a bad example, and its type where it is a resource's inputs. */
interface Document {
  readonly value: Fragment;
  readonly type?: string;
}

function documentOf(rule: AnyRule, platform: Platform, pair: ExamplePair, fragment: Fragment): Document {
  const place = placeOf(rule, pair);
  if (place === "document") return { value: structuredClone(fragment), ...(pair.kind === undefined ? {} : { type: pair.kind }) };
  if (platform === "docker") return { value: merge(goodDocker, fragment) as Fragment, type: "docker:index/container:Container" };
  if (platform === "compose") return { value: composeFile(merge(goodCompose, fragment)), type: composeType };
  const pod = merge(goodPod, pair.pod ?? {}) as Fragment;
  const container = place === "container" ? merge(goodContainer, fragment) : goodContainer;
  const spec = { ...(place === "pod" ? (merge(pod, fragment) as Fragment) : pod), containers: [container] };
  return { value: structuredClone({ apiVersion: "apps/v1", kind: "Deployment", metadata: goodMetadata, spec: { template: { spec } } }) };
}

/** Every place in a value, from the outside in, the value itself left out. */
function places(value: unknown, path: Path = []): readonly Path[] {
  const children: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  return children.flatMap(([key, child]) => [[...path, key], ...places(child, [...path, key])]);
}

const wrong: readonly unknown[] = [null, 7, -1, "", "text", true, [], [7], [null], {}, { a: 1 }, [UNKNOWN], Number.NaN, "__proto__"];

function readModels({ type }: Document, value: unknown): readonly Model[] {
  return readDocument(value, type === undefined ? {} : { type, name: "web" });
}

for (const rule of rules.filter(({ inventory }) => inventory !== true)) {
  describe(rule.id, () => {
    const { settings } = resolveRule(rule, rule.exampleOptions, rule.id);
    if (settings === undefined) throw new Error(`${rule.id} has no settings for its examples`);
    const { raw } = createEvaluator([settings, ...besides(rule)], exampleContext);
    for (const platform of platforms) {
      const bad = [rule.examples[platform] ?? []].flat().flatMap((pair) => [pair.bad].flat().map((fragment) => documentOf(rule, platform, pair, fragment)));
      bad.forEach((document, index) => {
        test(`${platform} > bad ${index}: whatever is unknown, it is refused or undecided`, () => {
          for (const path of places(document.value)) {
            const value = structuredClone(document.value);
            applyPatches(value, [{ op: "set", path, value: UNKNOWN }]);
            const outcomes = readModels(document, value).map(raw);
            const said = outcomes.flatMap(({ findings, undecided, notExamined }) => [...findings, ...undecided, ...notExamined]).length;
            expect(said, formatPath(path)).toBeGreaterThan(0);
            expect(outcomes.flatMap(({ errors }) => errors), formatPath(path)).toEqual([]);
          }
        });

        test(`${platform} > bad ${index}: whatever has a wrong type, nothing throws`, () => {
          for (const path of places(document.value)) {
            for (const replacement of wrong) {
              const value = structuredClone(document.value);
              applyPatches(value, [{ op: "set", path, value: replacement }]);
              expect(readModels(document, value).map(raw).flatMap(({ errors }) => errors), formatPath(path)).toEqual([]);
            }
          }
        });
      });
    }
  });
}
