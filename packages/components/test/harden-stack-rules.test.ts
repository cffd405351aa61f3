import type { AnyRule, ExamplePair, Fragment } from "@bulkhead/core";
import { rulesOfPreset } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { exampleDocuments } from "../../rules/src/example-documents";
import { harden } from "../src/harden-stack/harden";
import type { Registered } from "./support";
import { found, judge, typeOf } from "./support";

const now = Date.UTC(2027, 0, 1);
const settings = { memory: "128Mi", cpu: "500m", storage: "1Gi" };
type Platform = "kubernetes" | "docker";

interface Example {
  readonly rule: AnyRule;
  readonly type: string;
  readonly inputs: { readonly [key: string]: unknown };
}

/** Bad examples of restricted that are one resource. */
function examples(platform: Platform): readonly Example[] {
  return rulesOfPreset(rules, "restricted").filter((rule) => rule.inventory !== true).flatMap((rule) => ([rule.examples[platform] ?? []].flat() as readonly ExamplePair[]).flatMap((pair) => ([pair.bad].flat() as readonly Fragment[]).flatMap((bad) => exampleDocuments(rule, platform, pair, bad).map(({ value, address }) => {
    const inputs = value as Example["inputs"];
    return { rule, type: platform === "docker" ? (address.type ?? "") : typeOf(inputs), inputs };
  }))));
}

const resource = (type: string, inputs: object): Registered => ({ type, name: "web", urn: `urn:pulumi:test::shop::${type}::web`, parent: "", inputs: inputs as Registered["inputs"] });
const isNoted = (entries: ReturnType<typeof harden>["entries"], id: string): boolean => entries.some(({ outcome, rules: named }) => outcome === "left" && named.includes(id));

describe.each(["kubernetes", "docker"] as const)("the bad examples of restricted, on %s", (platform) => {
  const all = examples(platform);
  const counts = { passes: 0, left: 0, elsewhere: 0 };

  test.each(all.map((example, index) => [`${example.rule.id} ${index}`, example] as const))("%s: passes afterwards, or is named", (_, { type, inputs }) => {
    const before = found(judge([resource(type, inputs)], "restricted"));
    expect(before.length, "the example is bad").toBeGreaterThan(0);
    const { inputs: fixed, entries } = harden(type, "web", inputs, settings, now);
    const left = found(judge([resource(type, fixed ?? inputs)], "restricted"));
    // A network and a volume are no containers, nor is a binding of roles.
    if (fixed === undefined && entries.length === 0 && !/:(Container|Service)$|Deployment$|Pod$|StatefulSet$/.test(type)) return void (counts.elsewhere += 1);
    expect(left.filter((id) => !isNoted(entries, id))).toEqual([]);
    counts[left.length === 0 ? "passes" : "left"] += 1;
    expect(harden(type, "web", fixed ?? inputs, settings, now).inputs, "a second time").toBeUndefined();
  });

  test("are counted", () => {
    process.stderr.write(`hardenStack, bad examples of restricted on ${platform}: ${all.length}; ${counts.passes} pass afterwards, ${counts.left} are named as left, ${counts.elsewhere} are no containers\n`);
    expect(counts.passes + counts.left + counts.elsewhere).toBe(all.length);
    expect(counts.passes).toBeGreaterThan(20);
  });
});
