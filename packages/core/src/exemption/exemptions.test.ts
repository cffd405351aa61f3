import { describe, expect, test } from "vitest";
import { readDocument } from "../dialects/read";
import { createEvaluator } from "../evaluate";
import { UNKNOWN } from "../field";
import { inventoryPart } from "../inventory/part";
import type { Outcome } from "../outcome";
import type { AnyRule } from "../rule";
import { defineRule, exact } from "../rule";
import type { UnknownMode } from "../settings";
import { readExemptionSettings } from "./configured";

const base = { title: "T", severity: "high", since: "0.1.0", challenge: "C2", preset: "baseline", frameworks: {}, why: "W.", remediation: "R.", examples: {} } as const;
const privileged = defineRule({ ...base, id: "no-privileged", about: "container", reads: ({ privileged }) => ({ privileged: exact(privileged) }), check: ({ privileged }) => (privileged === true ? "not be privileged" : undefined), fix: ({ privileged }) => privileged.to(undefined) });
const confined = defineRule({ ...base, id: "be-confined", about: "container", reads: ({ seccompProfile }) => ({ profile: exact(seccompProfile) }), check: ({ profile }) => (profile === "Unconfined" ? "be confined" : undefined) });
const specific = defineRule({ ...base, id: "no-socket", overlaps: ["no-host-path"], about: "volume", reads: ({ hostPath }) => ({ path: exact(hostPath) }), check: ({ path }) => (path === "/run/docker.sock" ? "not mount the socket" : undefined) });
const general = defineRule({ ...base, id: "no-host-path", about: "volume", reads: ({ hostPath }) => ({ path: exact(hostPath) }), check: ({ path }) => (path === undefined ? undefined : "not mount a path of the host") });
const whole = defineRule({ ...base, id: "whole-stack", inventory: true, about: "workload", reads: ({ serviceAccount }) => ({ account: exact(serviceAccount) }), check: ({ account }) => (account === "x" ? "not run as x" : undefined) });
const about = defineRule({ ...base, id: "judge-exemptions", about: "exemption", reads: ({ problem, expired, exceeded, forbidden, breadth, unused }) => ({ problem: exact(problem), expired: exact(expired), exceeded: exact(exceeded), forbidden: exact(forbidden), breadth: exact(breadth), unused: exact(unused) }), check: ({ problem, expired, exceeded, forbidden, breadth, unused }) => {
  const said = [problem === undefined ? "" : problem, expired === undefined ? "" : "not be over", exceeded === undefined ? "" : `be at most ${exceeded.days} days`, forbidden === true ? "not be in code" : "", breadth ?? "", unused === undefined ? "" : `exempt from ${unused.join()}`].filter((text) => text !== "");
  return said.length === 0 ? undefined : said.join("; ");
} });
const catalogue = [privileged, confined, specific, general, whole, about];

const now = Date.UTC(2027, 0, 1);
const text = "owner=team-a; expires=2027-03-31; reason=needed";
const key = (rule: string): string => `exempt.bulkhead.dev/${rule}`;
const entry = { reason: "needed", owner: "team-a", expires: "2027-03-31" };

interface Given {
  readonly config?: object;
  readonly now?: number;
  readonly unknown?: UnknownMode;
  readonly rules?: readonly AnyRule[];
}
function judging({ config = {}, unknown = "report", rules = catalogue, ...given }: Given = {}) {
  const { settings, problems } = readExemptionSettings(config as never, catalogue);
  expect(problems).toEqual([]);
  return createEvaluator(rules.map((rule) => ({ rule, options: {}, unknown })), { now: given.now ?? now, exemptions: settings });
}
function judge(document: unknown, given: Given = {}, type?: string): Outcome {
  const [model] = readDocument(document, type === undefined ? {} : { type, name: "web", urn: `urn:pulumi:dev::shop::${type}::web` });
  if (model === undefined) throw new Error("no model");
  return judging(given).evaluate(model);
}
const pod = (annotations: unknown, spec: object): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "shop", annotations }, spec });
const one = (securityContext: unknown): object => ({ containers: [{ name: "a", securityContext }] });
const bad = one({ privileged: true });
const ids = ({ findings }: Outcome): readonly string[] => findings.map(({ rule }) => rule.id);
const said = ({ findings }: Outcome): readonly string[] => findings.map(({ message }) => message);

describe("in code", () => {
  test("a finding that is covered is exempted, and says by whom", () => {
    const outcome = judge(pod({ [key("no-privileged")]: text }, bad));
    expect(ids(outcome)).toEqual([]);
    expect(outcome.exempted).toMatchObject([{ rule: privileged, message: 'container "a" of Pod "shop/p" must not be privileged', exemption: { source: "code", owner: "team-a", reason: "needed", expires: "2027-03-31" } }]);
  });

  test.each([
    ["a Deployment's own metadata", (annotations: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", annotations }, spec: { template: { spec: bad } } })],
    ["the pod template's", (annotations: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec: { template: { metadata: { annotations }, spec: bad } } })],
    ["a CronJob's pod template's", (annotations: object) => ({ apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "d" }, spec: { jobTemplate: { spec: { template: { metadata: { annotations }, spec: bad } } } } })],
    ["a custom resource's", (annotations: object) => ({ apiVersion: "argoproj.io/v1alpha1", kind: "Rollout", metadata: { name: "d" }, spec: { template: { metadata: { annotations }, spec: { containers: [{ name: "a", image: "x", securityContext: { privileged: true } }] } } } })],
    ["a member of a list", (annotations: object) => ({ apiVersion: "v1", kind: "List", items: [pod(annotations, bad)] })],
  ])("it may stand in %s", (_, document) => {
    const outcome = judge(document({ [key("no-privileged")]: text }));
    expect([ids(outcome), outcome.exempted.length]).toEqual([[], 1]);
  });

  test("one without an end holds where no maximum is configured", () => {
    const outcome = judge(pod({ [key("no-privileged")]: text.replace("2027-03-31", "never") }, bad));
    expect([ids(outcome), outcome.exempted.map(({ exemption }) => exemption.expires)]).toEqual([[], ["never"]]);
  });

  test("on Docker it is a label", () => {
    const labels = [{ label: key("no-privileged"), value: text }];
    const outcome = judge({ name: "c", privileged: true, labels }, {}, "docker:index/container:Container");
    expect([ids(outcome), outcome.exempted.length]).toEqual([[], 1]);
  });

  test.each([["a map", { [key("no-privileged")]: text }], ["a list", ["a=b", `${key("no-privileged")}=${text}`]]])("in a compose file it is a label of the service, in %s", (_, labels) => {
    const evaluator = judging();
    const [web, db] = readDocument({ services: { web: { image: "x", privileged: true, labels }, db: { image: "x", privileged: true } } }, { type: "compose" }).map(evaluator.evaluate);
    expect([ids(web as Outcome), web?.exempted.length, ids(db as Outcome)]).toEqual([[], 1, ["no-privileged"]]);
  });

  test("of two templates in one document it is for its own", () => {
    const template = (annotations: object, name: string): object => ({ metadata: { annotations }, spec: { containers: [{ name, image: "x", securityContext: { privileged: true } }] } });
    const outcome = judge({ apiVersion: "x.example/v1", kind: "Pair", metadata: { name: "p" }, spec: { first: template({ [key("no-privileged")]: text }, "a"), second: template({}, "b") } });
    expect([outcome.findings.map(({ container }) => container), outcome.exempted.map(({ container }) => container)]).toEqual([["b"], ["a"]]);
  });

  test("named containers are exempted, also from a setting that others inherit, and others are not", () => {
    const spec = { securityContext: { seccompProfile: { type: "Unconfined" } }, containers: [{ name: "a" }, { name: "b" }] };
    const only = (container: string): Outcome => judge(pod({ [key("be-confined")]: `${text.replace("reason", `container=${container}; reason`)}` }, spec));
    expect([only("a").findings.map(({ container }) => container), only("a").exempted.map(({ container }) => container)]).toEqual([["b"], ["a"]]);
    expect(ids(only("a,b"))).toEqual([]);
    expect(only("c").findings.map(({ rule }) => rule.id)).toEqual(["be-confined", "judge-exemptions"]);
  });

  test.each([
    ["is malformed", "owner=team-a", "give a reason, and say when it expires"],
    ["is over", "owner=a; expires=2026-12-31; reason=x", "not be over"],
    ["is too long", "owner=a; expires=2027-06-01; reason=x", "be at most 100 days"],
    ["never ends", "owner=a; expires=never; reason=x", "be at most 100 days"],
  ])("one that %s exempts nothing, and is found once", (_, value, found) => {
    const outcome = judge(pod({ [key("no-privileged")]: value }, bad), { config: { maxExemptionDays: 100 } });
    expect(said(outcome)).toEqual(['container "a" of Pod "shop/p" must not be privileged', `the exemption from no-privileged on Pod "shop/p" must ${found}`]);
    expect(outcome.findings[1]?.paths).toEqual([["metadata", "annotations", key("no-privileged")]]);
  });

  test("the last day, and the longest time, count to their end", () => {
    const at = (time: number, config: object = {}): readonly string[] => ids(judge(pod({ [key("no-privileged")]: text }, bad), { now: time, config }));
    expect(at(Date.UTC(2027, 3, 1) - 1)).toEqual([]);
    expect(at(Date.UTC(2027, 3, 1))).toEqual(["no-privileged", "judge-exemptions"]);
    const days = { maxExemptionDays: 89 };
    expect(at(Date.UTC(2027, 0, 1), days)).toEqual([]);
    expect(at(Date.UTC(2027, 0, 1) - 1, days)).toEqual(["no-privileged", "judge-exemptions"]);
  });

  test("without a clock nothing is exempted", () => {
    const [model] = readDocument(pod({ [key("no-privileged")]: text }, bad));
    if (model === undefined) throw new Error("no model");
    const outcome = createEvaluator(catalogue.map((rule) => ({ rule, options: {}, unknown: "report" }))).evaluate(model);
    expect([ids(outcome), outcome.undecided.map(({ rule }) => rule.id)]).toEqual([["no-privileged"], ["judge-exemptions"]]);
  });

  test.each([[["no-privileged"]], [["*"]]])("what the configuration forbids in code, %j, exempts nothing", (noCodeExemptions) => {
    expect(said(judge(pod({ [key("no-privileged")]: text }, bad), { config: { noCodeExemptions } }))[1]).toBe('the exemption from no-privileged on Pod "shop/p" must not be in code');
  });

  test.each([
    ["no-privilegd", 'name a rule that exists, not "no-privilegd" (did you mean no-privileged?)'],
    ["", 'name a rule that exists, not ""'],
    ["judge-exemptions", "name a rule that can be exempted: judge-exemptions is about exemptions themselves"],
    ["*", "name the rules that it exempts from, not all of them"],
  ])("from %j it must %s", (rule, found) => {
    expect(said(judge(pod({ [key(rule)]: text }, bad)))).toEqual(['container "a" of Pod "shop/p" must not be privileged', `the exemption from ${rule} on Pod "shop/p" must ${found}`]);
  });

  test("one that is not known yet exempts nothing, and is undecided", () => {
    const outcome = judge(pod({ [key("no-privileged")]: UNKNOWN }, bad));
    expect([ids(outcome), outcome.undecided.map(({ rule }) => rule.id)]).toEqual([["no-privileged"], ["judge-exemptions"]]);
  });
});

describe("in vain", () => {
  const vain = (spec: object, given: Given = {}): readonly string[] => said(judge(pod({ [key("no-privileged")]: text }, spec), given));

  test("where there is no finding", () => {
    expect(vain(one({ privileged: false }))).toEqual(['the exemption from no-privileged on Pod "shop/p" must exempt from no-privileged']);
  });

  test("not where the rule is undecided, fails, or does not run", () => {
    expect(vain(one({ privileged: UNKNOWN }))).toEqual([]);
    expect(vain(one({ privileged: UNKNOWN }), { unknown: "ignore" })).toEqual([]);
    expect(vain({ containers: UNKNOWN })).toEqual([]);
    expect(vain(one({}), { rules: [confined, about] })).toEqual([]);
    const broken: AnyRule = { ...privileged, check: () => { throw new Error("x"); } };
    expect(vain(one({}), { rules: [broken, about] })).toEqual([]);
  });

  test("what is denied because it is not known can be exempted", () => {
    const outcome = judge(pod({ [key("no-privileged")]: text }, one({ privileged: UNKNOWN })), { unknown: "deny" });
    expect([ids(outcome), outcome.exempted.length]).toEqual([[], 1]);
  });

  test("of a rule about the whole stack, only once that was judged", () => {
    const account = (name: string) => {
      const [model] = readDocument(pod({ [key("whole-stack")]: text }, { ...one({}), serviceAccountName: name }));
      if (model === undefined) throw new Error("no model");
      const evaluator = judging();
      const before = evaluator.evaluate(model);
      const [after] = evaluator.evaluateInventory([model].flatMap((read) => inventoryPart(read) ?? []));
      return [said(before), after?.outcome.findings.map(({ message }) => message), after?.outcome.exempted.length];
    };
    expect(account("x")).toEqual([[], [], 1]);
    expect(account("y")).toEqual([[], ['the exemption from whole-stack on Pod "shop/p" must exempt from whole-stack'], 0]);
  });
});

describe("overlaps", () => {
  const socket = { containers: [], volumes: [{ name: "s", hostPath: { path: "/run/docker.sock" } }] };

  test("what the exempted rule would have covered is found", () => {
    expect(judge(pod({}, socket)).findings.map(({ rule, also }) => [rule.id, also.map(({ id }) => id)])).toEqual([["no-socket", ["no-host-path"]]]);
    const outcome = judge(pod({ [key("no-socket")]: text }, socket));
    expect([ids(outcome), outcome.exempted.map(({ rule }) => rule.id)]).toEqual([["no-host-path"], ["no-socket"]]);
    expect(ids(judge(pod({ [key("no-host-path")]: text }, socket)))).toEqual(["no-socket"]);
    expect(ids(judge(pod({ [key("no-host-path")]: text, [key("no-socket")]: text }, socket)))).toEqual([]);
  });
});

describe("in the configuration", () => {
  const at = (scope: object, document: unknown = pod({}, bad), type?: string): readonly string[] => ids(judge(document, { config: { exemptions: [{ rule: "no-privileged", ...entry, ...scope }] } }, type));
  const docker = { name: "c-17", privileged: true };
  const token = "docker:index/container:Container";

  test.each<readonly [object, boolean]>([
    [{ type: "Pod" }, true], [{ type: "Deployment" }, false], [{ name: "p" }, true], [{ name: ["x", "p*"] }, true], [{ name: "q" }, false],
    [{ namespace: "shop" }, true], [{ namespace: "sh?p" }, true], [{ namespace: "other" }, false], [{ container: "a" }, true], [{ container: "b" }, false],
    [{ name: "p", container: "b" }, false], [{ name: "p", namespace: "other" }, false], [{ urn: "*" }, false], [{ rule: ["be-confined", "no-privileged"], name: "p" }, true], [{ rule: "*", name: "p" }, true], [{ rule: "be-confined", name: "p" }, false],
  ])("%j: %j for a Pod", (scope, covers) => {
    expect(at(scope)).toEqual(covers ? [] : ["no-privileged"]);
  });

  test.each<readonly [object, boolean]>([
    [{ type: "Container" }, true], [{ type: token }, true], [{ type: "docker:index:Container" }, true], [{ type: "docker:index/service:Service" }, false], [{ name: "c-*" }, true], [{ name: "web" }, true],
    [{ urn: "urn:pulumi:dev::shop::*::web" }, true], [{ urn: "urn:pulumi:prod::*" }, false], [{ namespace: "*" }, false], [{ container: "c-17" }, true],
  ])("%j: %j for a docker.Container", (scope, covers) => {
    expect(at(scope, docker, token)).toEqual(covers ? [] : ["no-privileged"]);
  });

  test("a Namespace is in itself", () => {
    const named = defineRule({ ...base, id: "no-privileged", about: "namespace", reads: ({ enforce }) => ({ enforce: exact(enforce) }), check: () => "be labelled" });
    const outcome = judge({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } }, { rules: [named], config: { exemptions: [{ rule: "no-privileged", ...entry, namespace: "shop" }] } });
    expect(outcome.exempted).toMatchObject([{ exemption: { source: "configuration" } }]);
  });

  const finish = (config: object, documents: readonly unknown[], rules = catalogue): readonly string[] => {
    const evaluator = judging({ config, rules });
    const models = documents.flatMap((document) => readDocument(document));
    for (const model of models) evaluator.evaluate(model);
    evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? []));
    return said(evaluator.evaluateConfiguration());
  };
  const exempting = (...exemptions: readonly object[]): object => ({ exemptions: exemptions.map((more) => ({ rule: "no-privileged", ...entry, ...more })), maxExemptionDays: 100 });

  test("used ones are fine, and idle rules are named once all was judged", () => {
    const clean = pod({}, one({}));
    expect(finish(exempting({ name: "p" }), [pod({}, bad), clean])).toEqual([]);
    expect(finish(exempting({ name: "p" }), [clean])).toEqual(["exemption 1 of the configuration, from no-privileged, must exempt from no-privileged"]);
    expect(finish(exempting({ name: "p", rule: ["no-privileged", "be-confined"] }), [pod({}, bad)])).toEqual(["exemption 1 of the configuration, from no-privileged, be-confined, must exempt from be-confined"]);
    expect(finish(exempting({ name: "p" }), [clean], [confined, about])).toEqual([]);
    expect(finish(exempting({ name: "p" }), [pod({}, one({ privileged: UNKNOWN }))])).toEqual([]);
    expect(finish(exempting({ name: "p", rule: "whole-stack" }), [pod({}, { ...one({}), serviceAccountName: "x" })])).toEqual([]);
    expect(finish(exempting({ name: "p", rule: "whole-stack" }), [clean])).toEqual(["exemption 1 of the configuration, from whole-stack, must exempt from whole-stack"]);
    expect(finish(exempting({ name: "p" }), [pod({ [key("no-privileged")]: text }, bad)])).toEqual(["exemption 1 of the configuration, from no-privileged, must exempt from no-privileged"]);
  });

  test("one that is over, or too long, exempts nothing and is found", () => {
    const over = { name: "p", expires: "2026-12-31" };
    expect(at(over)).toEqual(["no-privileged"]);
    expect(finish(exempting(over), [pod({}, bad)])).toEqual(["exemption 1 of the configuration, from no-privileged, must not be over"]);
    expect(finish(exempting({ name: "p", expires: "2027-06-01" }), [pod({}, bad)])).toEqual(["exemption 1 of the configuration, from no-privileged, must be at most 100 days"]);
  });

  test.each<readonly [object, boolean]>([
    [{}, true], [{ name: "*" }, true], [{ name: ["p", "*"] }, true], [{ urn: "urn:pulumi:*", namespace: "**" }, true], [{ rule: "*", name: "p" }, true],
    [{ type: "Pod" }, false], [{ name: "*", namespace: "shop" }, false], [{ container: "a" }, false], [{ name: "p*" }, false],
  ])("%j is broad: %j; it exempts all the same", (scope, broad) => {
    expect(finish(exempting(scope), [pod({}, bad)]).some((message) => /must name /.test(message))).toBe(broad);
    expect(judge(pod({}, bad), { config: exempting(scope) }).exempted.length).toBe("urn" in scope ? 0 : 1);
  });

  test("says whether it concerns anything that was judged", () => {
    const concerns = defineRule({ ...base, id: "concerns", about: "exemption", reads: ({ concerns }) => ({ concerns: exact(concerns) }), check: ({ concerns }) => `say ${concerns}` });
    const evaluator = judging({ config: exempting({ name: "p" }, { name: "elsewhere" }), rules: [concerns] });
    for (const model of readDocument(pod({}, one({})))) evaluator.evaluate(model);
    expect(said(evaluator.evaluateConfiguration(["bulkhead"])).map((message) => message.split(" ").at(-1))).toEqual(["true", "false"]);
  });
});

describe("a configuration is refused", () => {
  const good = { rule: "no-privileged", ...entry, name: "p" };
  const problems = (config: object): readonly string[] => readExemptionSettings(config as never, catalogue, "bulkhead.").problems.map(({ path, expected, found }) => `${path}: expected ${expected}, found ${found}`);

  test.each<readonly [object, readonly string[]]>([
    [{ exemptions: [good], maxExemptionDays: 90, noCodeExemptions: "no-privileged" }, []],
    [{ exemptions: {} }, ["bulkhead.exemptions: expected a list of exemptions, found an object"]],
    [{ exemptions: ["x"] }, ["bulkhead.exemptions[0]: expected an exemption, found a string"]],
    [{ exemptions: [good, { ...good, ownr: "x" }] }, ['bulkhead.exemptions[1].ownr: expected "owner" (did you mean that?), found the unknown key "ownr"']],
    [{ exemptions: [{ rule: "no-privileged" }] }, ["bulkhead.exemptions[0].reason: expected some text, found nothing", "bulkhead.exemptions[0].owner: expected some text, found nothing", "bulkhead.exemptions[0].expires: expected a date such as 2027-03-31, found nothing"]],
    [{ exemptions: [{ ...good, rule: undefined }] }, ["bulkhead.exemptions[0].rule: expected a rule's id, or a list of them, found nothing"]],
    [{ exemptions: [{ ...good, rule: ["no-privilegd", 7] }] }, ["bulkhead.exemptions[0].rule[1]: expected a rule's id, or a list of them, found a number"]],
    [{ exemptions: [{ ...good, rule: "no-privilegd" }] }, ['bulkhead.exemptions[0].rule: expected "no-privileged" (did you mean that?), found "no-privilegd"']],
    [{ exemptions: [{ ...good, rule: "judge-exemptions" }] }, ['bulkhead.exemptions[0].rule: expected a rule that can be exempted, found "judge-exemptions"']],
    [{ exemptions: [{ ...good, rule: [] }] }, ["bulkhead.exemptions[0].rule: expected a rule's id, or a list of them, found an empty list"]],
    [{ exemptions: [{ ...good, expires: "2027-02-30", reason: "" }] }, ["bulkhead.exemptions[0].reason: expected some text, found an empty one", 'bulkhead.exemptions[0].expires: expected a date such as 2027-03-31, found "2027-02-30"']],
    [{ exemptions: [{ ...good, expires: "never" }] }, ['bulkhead.exemptions[0].expires: expected a date such as 2027-03-31, found "never"']],
    [{ exemptions: [{ ...good, name: 7, namespace: ["", "x"] }] }, ["bulkhead.exemptions[0].name: expected a text, or a list of texts, found a number", "bulkhead.exemptions[0].namespace[0]: expected a text, or a list of texts, found an empty one"]],
    [{ maxExemptionDays: 0 }, ["bulkhead.maxExemptionDays: expected a number of at least 1, found 0"]],
    [{ maxExemptionDays: "90" }, ["bulkhead.maxExemptionDays: expected a number of at least 1, found a string"]],
    [{ noCodeExemptions: [null] }, ["bulkhead.noCodeExemptions[0]: expected a rule's id, or a list of them, found nothing"]],
  ])("%j", (config, expected) => {
    expect(problems(config)).toEqual(expected);
  });
});
