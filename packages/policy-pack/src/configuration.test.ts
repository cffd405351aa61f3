import type { AnyRule } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { advises, refuses, strict } from "../test/sdk";
import type { Level, PackConfiguration } from "./configuration";
import { configure } from "./configuration";

const catalogue = [refuses, advises, strict];

/** A configuration as the engine sends it: `all`, and each policy with the level that results. */
function engine(config: { readonly all?: Level; readonly [policy: string]: unknown }): PackConfiguration {
  const defaults: { readonly [name: string]: Level } = { bulkhead: "mandatory", refuses: "mandatory", advises: "advisory", "strict-list": "advisory", "bulkhead-coverage": "advisory" };
  const names = new Set([...Object.keys(defaults), ...Object.keys(config)]);
  return configure(catalogue, new Map([...names].map((name) => {
    const given = config[name];
    const { enforcementLevel = config.all ?? defaults[name] ?? "advisory", ...properties } = (typeof given === "string" ? { enforcementLevel: given } : given ?? {}) as { readonly enforcementLevel?: Level; readonly [option: string]: unknown };
    return [name, { level: enforcementLevel, properties }];
  })));
}
const names = { "strict-list": { names: ["a"] } };
const levelsOf = ({ levels }: PackConfiguration): readonly (Level | undefined)[] => catalogue.map((rule) => levels.get(rule.id));
const running = ({ rules }: PackConfiguration): readonly string[] => rules.map(({ rule }) => rule.id);

describe("levels", () => {
  test("without any configuration the baseline refuses and the rest advises", () => {
    expect(levelsOf(configure(catalogue, new Map()))).toEqual(["mandatory", "advisory", "advisory"]);
    expect(levelsOf(engine({}))).toEqual(["mandatory", "advisory", "advisory"]);
  });

  test("all, and one that differs from it", () => {
    expect(levelsOf(engine({ all: "advisory" }))).toEqual(["advisory", "advisory", "advisory"]);
    expect(levelsOf(engine({ all: "advisory", advises: "mandatory" }))).toEqual(["advisory", "mandatory", "advisory"]);
  });

  test("all disabled leaves a rule that has a level of its own, and what evaluates it", () => {
    const configuration = engine({ all: "disabled", advises: "advisory" });
    expect(levelsOf(configuration)).toEqual(["disabled", "advisory", "disabled"]);
    expect(running(configuration)).toEqual(["advises"]);
    expect(configuration.levels.get("bulkhead")).toBe("mandatory");
    expect(engine({ bulkhead: "disabled" }).levels.get("bulkhead")).toBe("disabled");
  });

  test.each([
    ["baseline", ["mandatory", "disabled", "disabled"]],
    ["restricted", ["mandatory", "mandatory", "disabled"]],
    ["strict", ["mandatory", "mandatory", "mandatory"]],
  ] as const)("preset %s", (preset, expected) => {
    expect(levelsOf(engine({ bulkhead: { preset } }))).toEqual(expected);
  });

  test("with a preset, all is the level of its rules, and turns on no other", () => {
    expect(levelsOf(engine({ all: "advisory", bulkhead: { preset: "restricted" } }))).toEqual(["advisory", "advisory", "disabled"]);
    expect(levelsOf(engine({ all: "mandatory", bulkhead: { preset: "baseline" } }))).toEqual(["mandatory", "disabled", "disabled"]);
    expect(levelsOf(engine({ all: "remediate", bulkhead: { preset: "baseline" } }))).toEqual(["remediate", "disabled", "disabled"]);
  });

  test("a rule's own level counts beside a preset, and `levels` over everything", () => {
    expect(levelsOf(engine({ bulkhead: { preset: "restricted" }, refuses: "advisory", "strict-list": "mandatory" }))).toEqual(["advisory", "mandatory", "mandatory"]);
    expect(levelsOf(engine({ bulkhead: { preset: "baseline", levels: { advises: "advisory", refuses: "disabled" } } }))).toEqual(["disabled", "advisory", "disabled"]);
  });

  test("remediate counts as mandatory", () => {
    const configuration = engine({ all: "remediate" });
    expect(configuration.level(advises)).toBe("mandatory");
  });
});

test("the version of Kubernetes holds for every rule; a wrong one is none", () => {
  expect(engine({ bulkhead: { kubernetesVersion: "1.31" } }).context.kubernetesVersion).toBe("1.31");
  expect(engine({}).context.kubernetesVersion).toBeUndefined();
  expect(engine({ bulkhead: { kubernetesVersion: 1.31 } }).context.kubernetesVersion).toBeUndefined();
});

describe("problems", () => {
  test.each([
    ["preset", { preset: "restrictd" }, 'bulkhead.preset: expected one of "baseline", "restricted", "strict", found "restrictd"'],
    ["unknown", { unknown: true }, 'bulkhead.unknown: expected one of "report", "deny", "ignore", found a boolean'],
    ["version", { kubernetesVersion: "1.38" }, 'bulkhead.kubernetesVersion: expected one of "latest", "1.25", "1.26", "1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37", found "1.38"'],
    ["report", { report: 1 }, "bulkhead.report: expected the name of a file, found a number"],
    ["levels", { levels: ["advises"] }, "bulkhead.levels: expected an object from rule ids to levels, found a list"],
    ["a level", { levels: { advises: "fatal" } }, 'bulkhead.levels.advises: expected one of "advisory", "mandatory", "remediate", "disabled", found "fatal"'],
    ["a rule in levels", { levels: { advise: "advisory" } }, 'bulkhead.levels.advise: expected "advises" (did you mean that?), found the unknown key "advise"'],
    ["a key", { presets: "strict" }, 'bulkhead.presets: expected "preset" (did you mean that?), found the unknown key "presets"'],
  ])("%s is refused with its path", (_, bulkhead, expected) => {
    const { problems } = engine({ bulkhead, ...names });
    expect(problems.map(({ path, expected: wanted, found }) => `${path}: expected ${wanted}, found ${found}`)).toEqual([expected]);
  });

  test("a policy that does not exist is refused, whatever its level; all is none", () => {
    expect(engine({ refusse: "mandatory", all: "advisory" }).problems).toEqual([{ path: "refusse", expected: '"refuses" (did you mean that?)', found: 'the unknown key "refusse"' }]);
  });

  test("a rule with a wrong option does not run, and the others do", () => {
    const configuration = engine({ "strict-list": { names: "a" }, refuses: { unknwon: "deny" } });
    expect(configuration.problems.map(({ path }) => path)).toEqual(["refuses.unknwon", "strict-list.names"]);
    expect(running(configuration)).toEqual(["advises"]);
  });

  test("an option without a default is missing only where its rule is on", () => {
    expect(engine({}).notConfigured.map(({ rule, option }) => [rule.id, option])).toEqual([["strict-list", "names"]]);
    expect(engine({ bulkhead: { preset: "restricted" } }).notConfigured).toEqual([]);
    expect(engine(names).notConfigured).toEqual([]);
  });
});

test("the lockfile of evidence is judged though what says the coverage is off", () => {
  const levels = (rules: readonly AnyRule[]): Level | undefined => configure(rules, new Map([["bulkhead-coverage", { level: "disabled", properties: {} }]])).levels.get("bulkhead-coverage");
  expect(levels(catalogue)).toBeUndefined();
  expect(levels([...catalogue, { ...advises, id: "store", about: ["evidenceStore"] }])).toBe("advisory");
});
