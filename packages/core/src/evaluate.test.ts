import { describe, expect, test } from "vitest";
import type { EvaluationContext } from "./context";
import { readDocument } from "./dialects/read";
import { createEvaluator } from "./evaluate";
import { UNKNOWN } from "./field";
import type { Outcome } from "./outcome";
import { applyPatches } from "./patch";
import type { AnyRule } from "./rule";
import { defineRule, exact, forbids, requires } from "./rule";
import { didYouMean, resolveRule } from "./settings";

const base = { title: "T", severity: "high", since: "0.1.0", challenge: "C2", preset: "baseline", frameworks: {}, why: "W.", remediation: "R.", examples: {} } as const;
const privileged = defineRule({ ...base, id: "no-privileged", about: "container", reads: ({ privileged }) => ({ privileged: exact(privileged) }), check: ({ privileged }) => (privileged === true ? "not be privileged" : undefined) });
const dropAll = defineRule({ ...base, id: "drop-all", about: "container", reads: ({ droppedCapabilities }) => ({ drop: requires(droppedCapabilities) }), check: ({ drop = [] }) => (drop.includes("ALL") ? undefined : "drop ALL") });
const adds = (id: string, bad: readonly string[], overlaps: readonly string[] = []): AnyRule => defineRule({ ...base, id, overlaps, about: "container", reads: ({ addedCapabilities }) => ({ add: forbids(addedCapabilities) }), check: ({ add = [] }) => (add.some((name) => bad.includes(name)) ? `not add ${id}` : undefined) });

function judge(rules: readonly AnyRule[], spec: object, options: { readonly unknown?: "report" | "deny" | "ignore"; readonly context?: EvaluationContext } = {}): Outcome {
  const { evaluate } = createEvaluator(rules.map((rule) => ({ rule, options: {}, unknown: options.unknown ?? "report" })), options.context);
  const [model] = readDocument({ apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec });
  if (model === undefined) throw new Error("no model");
  return evaluate(model);
}
const one = (securityContext: object): object => ({ containers: [{ name: "a", securityContext }] });

describe("lists with unknown members", () => {
  test("of what is forbidden: a known bad one is a finding, otherwise undecided", () => {
    const rule = adds("bad", ["SYS_ADMIN"]);
    expect(judge([rule], one({ capabilities: { add: ["SYS_ADMIN", UNKNOWN] } }))).toMatchObject({ findings: [{ message: 'container "a" of Pod "p" must not add bad' }], undecided: [] });
    expect(judge([rule], one({ capabilities: { add: ["CHOWN", UNKNOWN] } }))).toMatchObject({ findings: [], undecided: [{ rule }] });
  });

  test("of what is required: a known sufficient one is a pass, otherwise undecided", () => {
    expect(judge([dropAll], one({ capabilities: { drop: ["ALL", UNKNOWN] } }))).toMatchObject({ findings: [], undecided: [] });
    expect(judge([dropAll], one({ capabilities: { drop: ["CHOWN", UNKNOWN] } }))).toMatchObject({ findings: [], undecided: [{ rule: dropAll }] });
  });
});

describe("unknown values", () => {
  test("are reported, denied or ignored, as the rule is set", () => {
    const spec = one({ privileged: UNKNOWN });
    expect(judge([privileged], spec).undecided[0]?.message).toBe('container "a" of Pod "p" cannot be judged by no-privileged: spec.containers[0].securityContext.privileged cannot be known yet');
    expect(judge([privileged], spec, { unknown: "deny" }).findings).toHaveLength(1);
    expect(judge([privileged], spec, { unknown: "ignore" })).toEqual({ findings: [], exempted: [], undecided: [], notExamined: [], errors: [] });
  });

  test("a list that is not known is undecided for every rule about its members, once", () => {
    expect(judge([privileged, dropAll], { containers: UNKNOWN }).undecided.map((entry) => entry.rule.id)).toEqual(["no-privileged", "drop-all"]);
  });
});

describe("one fact is one finding", () => {
  const nonRoot = defineRule({ ...base, id: "non-root", about: ["pod", "container"], reads: ({ nonRoot }) => ({ nonRoot: exact(nonRoot) }), check: ({ nonRoot }, { about }) => (nonRoot === true || (about === "pod" && nonRoot === undefined) ? undefined : "be non-root") });

  test("a bad setting of the pod is not multiplied by the containers that inherit it", () => {
    expect(judge([nonRoot], { securityContext: { runAsNonRoot: false }, containers: [{ name: "a" }, { name: "b" }] }).findings.map((finding) => finding.message)).toEqual(['Pod "p" must be non-root']);
  });

  test("what each container leaves out is each one's own", () => {
    expect(judge([nonRoot], { containers: [{ name: "a" }, { name: "b" }] }).findings).toHaveLength(2);
  });

  test("of rules about one setting the most specific one is reported, and lists all the others", () => {
    const rules = [adds("allowed", ["SYS_ADMIN", "CHOWN"]), adds("default", ["SYS_ADMIN"], ["allowed"]), adds("dangerous", ["SYS_ADMIN"], ["default"])];
    expect(judge(rules, one({ capabilities: { add: ["SYS_ADMIN"] } })).findings.map((finding) => [finding.rule.id, finding.also.map((rule) => rule.id)])).toEqual([["dangerous", ["allowed", "default"]]]);
    expect(judge(rules, one({ capabilities: { add: ["CHOWN"] } })).findings.map((finding) => finding.rule.id)).toEqual(["allowed"]);
  });

  test("other subjects are kept apart", () => {
    const rules = [adds("default", ["SYS_ADMIN"]), adds("dangerous", ["SYS_ADMIN"], ["default"])];
    const container = (name: string): object => ({ name, securityContext: { capabilities: { add: ["SYS_ADMIN"] } } });
    expect(judge(rules, { containers: [container("a"), container("b")] }).findings.map((finding) => [finding.container, finding.rule.id])).toEqual([["a", "dangerous"], ["b", "dangerous"]]);
  });
});

describe("the version of Kubernetes", () => {
  const told = defineRule({ ...base, id: "told", about: "container", reads: (_, _inventory, { kubernetesMinor }) => (kubernetesMinor < 31 ? {} : { none: exact({ state: "value", value: 1, path: ["read"], to: () => undefined }) }), check: (_, { kubernetesMinor }) => `be on ${kubernetesMinor}` });

  test("is told to a rule, and is the latest where nothing else is said", () => {
    expect(judge([told], one({}), { context: { kubernetesVersion: "1.30" } }).findings).toMatchObject([{ message: 'container "a" of Pod "p" must be on 30', paths: [] }]);
    expect(judge([told], one({}), { context: { kubernetesVersion: "1.31" } }).findings).toMatchObject([{ message: 'container "a" of Pod "p" must be on 31', paths: [["read"]] }]);
    for (const context of [{}, { kubernetesVersion: "latest" }, { kubernetesVersion: "1.37" }] as const) expect(judge([told], one({}), { context }).findings[0]?.message).toContain("be on 37");
  });

  test("an older one silences a rule that came later, also for what is unknown", () => {
    const later = { ...privileged, sinceKubernetes: 34 };
    for (const spec of [one({ privileged: true }), one({ privileged: UNKNOWN }), { containers: UNKNOWN }]) {
      expect(judge([later], spec, { context: { kubernetesVersion: "1.33" } })).toEqual({ findings: [], exempted: [], undecided: [], notExamined: [], errors: [] });
      const { findings, undecided } = judge([later], spec, { context: { kubernetesVersion: "1.34" } });
      expect(findings.length + undecided.length).toBe(1);
    }
  });

  test("that is not supported is refused", () => {
    expect(() => createEvaluator([], { kubernetesVersion: "1.24" as "1.25" })).toThrow("kubernetesVersion: expected one of latest, 1.25,");
  });
});

describe("a rule that throws", () => {
  test("is an error without the error's text, and the others still judge", () => {
    const broken: AnyRule = { ...privileged, id: "broken", check: () => {
      throw new RangeError("hunter2");
    } };
    const outcome = judge([broken, privileged], one({ privileged: true }));
    expect(outcome.findings.map((finding) => finding.rule.id)).toEqual(["no-privileged"]);
    expect(outcome.errors).toMatchObject([{ rule: { id: "broken" }, error: expect.stringMatching(/^RangeError at evaluate\.test\.ts:\d+:\d+$/) }]);
    expect(JSON.stringify(outcome.errors)).not.toContain("hunter2");
  });
});

describe("settings of a rule", () => {
  const rule = defineRule({ ...base, id: "opt", about: "container", reads: ({ privileged }) => ({ p: exact(privileged) }), check: () => undefined, options: { limit: { type: "number", description: "d", example: 1, minimum: 1, default: 5 }, names: { type: "strings", description: "d", example: ["a"] } } });

  test("a missing option without a default is not configured", () => {
    expect(resolveRule(rule, {}, "opt")).toMatchObject({ notConfigured: [{ option: "names" }], problems: [] });
    expect(resolveRule(rule, { names: ["a"] }, "opt").settings).toMatchObject({ options: { limit: 5, names: ["a"] }, unknown: "report" });
  });

  test.each([
    [{ names: "a" }, "opt.names: expected a list of strings, found a string"],
    [{ names: [1] }, "opt.names[0]: expected a string, found a number"],
    [{ names: [], limit: 0 }, "opt.limit: expected a number of at least 1, found 0"],
    [{ names: [], name: 1 }, 'opt.name: expected "names" (did you mean that?), found the unknown key "name"'],
    [{ names: [], unknown: "x" }, 'opt.unknown: expected one of "report", "deny", "ignore", found a string'],
    [[], "opt: expected an object with options, found a list"],
  ])("%j is refused", (given, message) => {
    expect(resolveRule(rule, given, "opt").problems.map(({ path, expected, found }) => `${path}: expected ${expected}, found ${found}`)).toEqual([message]);
  });

  test.each([["no-privilegd", "no-privileged"], ["presett", "preset"], ["xyz", undefined], ["", undefined]])("%s means %s", (word, meant) => {
    expect(didYouMean(word, ["no-privileged", "no-ssh", "preset"])).toBe(meant);
  });
});

describe("patches", () => {
  test("make the parents they need, and remove what is there", () => {
    const document: Record<string, unknown> = { list: [{ a: 1 }, { a: 2 }] };
    applyPatches(document, [{ op: "set", path: ["x", 0, "y"], value: 1 }, { op: "remove", path: ["list", 0, "a"] }, { op: "remove", path: ["none", "such"] }]);
    expect(document).toEqual({ list: [{}, { a: 2 }], x: [{ y: 1 }] });
  });

  test.each([[["a", "b"], { a: UNKNOWN }], [["a", "b"], { a: "text" }], [[], {}], [["__proto__", "polluted"], {}], [["a", "__proto__"], { a: {} }]])("cannot write %j", (path, document) => {
    expect(() => applyPatches(document, [{ op: "set", path, value: 1 }])).toThrow();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
