import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyRule, JsonReport } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { afterAll, describe, expect, test } from "vitest";
import { advises, containerType, emptyAsset, refuses, secret, serveRules, strict, throws, unknownString } from "../test/sdk";
import { createPolicies } from "./policies";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-pack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const short = ({ verdicts }: { readonly verdicts: readonly { readonly name: string; readonly level: number }[] }): readonly string[] => verdicts.map(({ name, level }) => `${name} ${level}`);
const exemptionRules = rules.filter(({ id }) => id === "no-unused-exemption");
const bad = { image: "x", privileged: true };

describe("the pack's policies", () => {
  test("report under the rule's name, at its level, with all that a reader needs", async () => {
    const { verdicts, notApplicable } = await serveRules(refuses, advises).analyze(bad);
    expect(verdicts).toEqual([{ name: "refuses", level: 1, urn: "", message: expect.stringMatching(/^container|^Container/) }]);
    expect(verdicts[0]?.message.split("\n")).toEqual(['Container "web" must not be privileged', "  setting: privileged", "  remedy: Mend it.", "  rule: refuses https://acme.example/refuses"]);
    expect(notApplicable).toEqual([]);
  });

  test("a rule that throws is one labelled violation without the error's text, and the others go on", async () => {
    const { verdicts } = await serveRules(throws, refuses).analyze({ ...bad, envs: ["A=hunter2"] });
    expect(short({ verdicts })).toEqual(["refuses 1", "throws 1"]);
    expect(verdicts[1]?.message).toMatch(/^the rule throws failed and did not judge Container "web" \(TypeError at .+:\d+:\d+\)/);
    expect(JSON.stringify(verdicts)).not.toContain("hunter2");
  });

  test("a rule that throws where it reads, or where it fixes, stops nothing", async () => {
    const reading = { ...throws, reads: (): never => { throw new Error("hunter2"); } };
    const fixing = { ...refuses, id: "fixing", fix: (): never => { throw new Error("hunter2"); } };
    const pack = serveRules(reading, fixing);
    pack.configure({ bulkhead: "mandatory", throws: "advisory", fixing: "remediate" });
    expect(short(await pack.analyze(bad))).toEqual(["fixing 1", "throws 0"]);
    await expect(pack.remediate(bad)).resolves.toEqual([]);
  });

  test("what the SDK cannot decode is judged all the same", async () => {
    const pack = serveRules(refuses);
    await pack.analyze({});
    expect(short(await pack.analyze({ image: secret("x"), privileged: secret(true), other: emptyAsset }))).toEqual(["refuses 1"]);
    expect(short(await pack.analyze({ image: "x", other: emptyAsset }))).toEqual([]);
    expect((await pack.analyzeStack({ other: emptyAsset })).verdicts).toEqual([]);
  });

  test("what the operation leaves out and was never made is not judged by inputs that it does not have, which is said", async () => {
    const needs = { ...refuses, id: "needs", check: (): string => "say it" };
    const pack = serveRules(needs, ...exemptionRules);
    pack.configure({
      bulkhead: { level: "mandatory", exemptions: [{ rule: "needs", name: "web", reason: "a test", owner: "a", expires: "2999-12-31" }] },
      needs: "mandatory", "no-unused-exemption": "mandatory", "bulkhead-coverage": "advisory",
    });
    expect(short(await pack.leaveOut())).toEqual([]);
    expect(short(await pack.analyze({}, containerType, "other"))).toEqual(["needs 1"]);
    const { verdicts } = await pack.analyzeStack();
    expect(verdicts.map(({ name, message }) => `${name} ${message}`)).toEqual(['bulkhead-coverage not examined:\n  Container "web": this operation leaves it out (--target or --exclude) and it is not made yet, so its inputs are not known here']);
  });

  test("the same URN again is judged again", async () => {
    const pack = serveRules(refuses);
    expect(short(await pack.analyze(bad))).toEqual(["refuses 1"]);
    expect(short(await pack.analyze({ image: "x" }))).toEqual([]);
    expect(short(await pack.analyze(bad))).toEqual(["refuses 1"]);
  });

  test("refuses a bad configuration with the first resource, whatever that is, once", async () => {
    const pack = serveRules(refuses);
    pack.configure({ bulkhead: { level: "mandatory", prest: "strict" }, refuses: "mandatory" });
    const first = await pack.analyze({}, "pulumi:pulumi:Stack");
    expect(short(first)).toEqual(["bulkhead 1"]);
    expect(first.verdicts[0]?.message).toBe('the configuration of the policy pack is refused:\n  bulkhead.prest: expected "preset" (did you mean that?), found the unknown key "prest"');
    expect(short(await pack.analyze(bad))).toEqual(["refuses 1"]);
  });

  test("hands the levels that count on to the SDK", async () => {
    const pack = serveRules(refuses, advises);
    expect(pack.configure({ all: "disabled", bulkhead: "disabled", refuses: "advisory", advises: "disabled", "bulkhead-coverage": "disabled" }))
      .toEqual({ bulkhead: "mandatory", refuses: "advisory", advises: "disabled", "bulkhead-coverage": "disabled" });
    expect(short(await pack.analyze(bad))).toEqual(["refuses 0"]);
    expect(pack.configure({ bulkhead: { level: "mandatory", levels: { refuses: "remediate" } }, refuses: "mandatory", advises: "advisory" }))
      .toEqual({ bulkhead: "mandatory", refuses: "remediate", advises: "advisory" });
    expect(await pack.remediate(bad)).toEqual([{ name: "refuses", properties: { image: "x" } }]);
    pack.configure({ bulkhead: "disabled", refuses: "mandatory", advises: "advisory" });
    expect(short(await pack.analyze(bad))).toEqual([]);
  });

  test("says what is unknown once for all the rules that wait for it", async () => {
    const { verdicts } = await serveRules(refuses, advises).analyze({ image: "x", privileged: `is-${unknownString}` });
    expect(short({ verdicts })).toEqual(["bulkhead 0"]);
    expect(verdicts[0]?.message).toMatch(/^Container "web" cannot be judged by refuses, advises: privileged cannot be known yet\./);
  });

  test("without hooks it goes by its own properties", async () => {
    const [dispatcher] = createPolicies([refuses, advises]).policies;
    const said: unknown[] = [];
    const validate = (dispatcher as { readonly validateResource: (args: object, report: (violation: unknown) => void) => void }).validateResource;
    validate({ type: containerType, name: "web", urn: "urn", props: {}, getConfig: () => ({ preset: "restricted", levels: { refuses: "disabled" } }) }, (violation) => said.push(violation));
    validate({ type: containerType, name: "web", urn: "urn", props: bad, getConfig: () => ({}) }, (violation) => said.push(violation));
    expect(said).toEqual([expect.objectContaining({ name: "advises", enforcementLevel: "mandatory" })]);
  });

  test("describe themselves to a registry", () => {
    const policy = createPolicies([strict]).policies.find(({ name }) => name === "strict-list");
    expect(policy).toMatchObject({ description: "It has a list.", enforcementLevel: "advisory", severity: "high", remediationSteps: "Mend it.", tags: ["containers", "C2", "preset:strict"] });
    expect(policy?.configSchema?.properties).toMatchObject({ names: { type: "array", items: { type: "string" } }, unknown: { enum: ["report", "deny", "ignore"] } });
  });
});

describe("the end of the stack", () => {
  test("says nothing where everything was examined and configured", async () => {
    const pack = serveRules(refuses);
    await pack.analyze(bad);
    expect((await pack.analyzeStack()).verdicts).toEqual([]);
  });

  test("says once what was not, as an advisory", async () => {
    const pack = serveRules(strict);
    for (const _ of [1, 2]) await pack.analyze({ chart: "nginx" }, "kubernetes:helm.sh/v3:Release");
    const { verdicts, notApplicable } = await pack.analyzeStack();
    expect(short({ verdicts })).toEqual(["bulkhead-coverage 0"]);
    expect(verdicts[0]?.message).toMatch(/^not examined:\n {2}Release "web", Release "web": .*\nnot configured:\n {2}strict-list needs the option names and was not applied$/);
    expect(notApplicable).toEqual([]);
  });
});

describe("the report", () => {
  const file = join(folder, "report.json");
  const written = (): JsonReport => JSON.parse(readFileSync(file, "utf8")) as JsonReport;
  const reporting = (...rules: AnyRule[]): ReturnType<typeof serveRules> => {
    const pack = serveRules(...rules);
    pack.configure({ bulkhead: { level: "mandatory", report: file, oops: 1 }, refuses: "mandatory", throws: "mandatory" });
    return pack;
  };

  test("is written whole at the end of the stack, with what was refused, undecided and wrong", async () => {
    const pack = reporting(refuses, throws);
    await pack.analyze(bad);
    await pack.analyze({ image: "x", privileged: unknownString });
    await pack.analyzeStack();
    const { findings, undecided, errors } = written();
    expect(findings.map(({ rule, subject }) => [rule, subject.name, subject.urn])).toEqual([["refuses", "web", `urn:pulumi:dev::test::${containerType}::web`]]);
    expect(undecided.map(({ rule }) => rule)).toEqual(["refuses", "throws"]);
    expect(errors.map(({ path, expected }) => path ?? expected)).toEqual(expect.arrayContaining(["bulkhead.oops", expect.stringContaining("a verdict of throws")]));
    expect(readdirSync(folder)).toEqual(["report.json"]);
  });

  test("is kept up to date before that", async () => {
    rmSync(file);
    await reporting(refuses).analyze(bad);
    await expect.poll(() => readdirSync(folder), { timeout: 5000 }).toEqual(["report.json"]);
    expect(written().summary.findings).toBe(1);
  });

  test("that cannot be written is said, and fails nothing", async () => {
    const pack = serveRules(refuses);
    pack.configure({ bulkhead: { level: "mandatory", report: join(folder, "no/such/folder/report.json") }, refuses: "mandatory" });
    await pack.analyze({ image: "x" });
    const { verdicts } = await pack.analyzeStack();
    expect(short({ verdicts })).toEqual(["bulkhead-coverage 0"]);
    expect(verdicts[0]?.message).toMatch(/^the report cannot be written to .*: ENOENT$/);
  });
});
