import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonReport } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { afterAll, describe, expect, test } from "vitest";
import type { Judged, Served } from "../test/sdk";
import { serveRules, unknownString } from "../test/sdk";

const folder = mkdtempSync(join(tmpdir(), "bulkhead-stack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const selected = "require-network-policy";
const covered = rules.filter(({ id }) => id === selected);
const [namespaceType, deploymentType, policyType] = ["kubernetes:core/v1:Namespace", "kubernetes:apps/v1:Deployment", "kubernetes:networking.k8s.io/v1:NetworkPolicy"];
const namespace = { metadata: { name: "shop" } };
const deployment = (labels: unknown): object => ({ metadata: { name: "api", namespace: "shop" }, spec: { template: { metadata: { labels }, spec: { containers: [] } } } });
const policy = { metadata: { name: "web", namespace: "shop" }, spec: { podSelector: { matchLabels: { app: "web" } } } };

const resources = [{ type: namespaceType, name: "ns" }, { type: deploymentType, name: "api" }, { type: policyType, name: "policy" }];
const urn = `urn:pulumi:dev::test::${deploymentType}::api`;

async function analyze(pack: Served, labels: unknown, listed = resources): Promise<Judged> {
  await pack.analyze(namespace, namespaceType, "ns");
  expect((await pack.analyze(deployment(labels), deploymentType, "api")).verdicts).toEqual([]);
  await pack.analyze(policy, policyType, "policy");
  return pack.analyzeStack({}, listed);
}
const short = ({ verdicts }: Judged): readonly string[] => verdicts.map(({ name, level, urn: at }) => `${name} ${level} ${at}`);

describe("a rule about the stack", () => {
  test("is judged at its end, at the resource, at its level", async () => {
    const pack = serveRules(...covered);
    const judged = await analyze(pack, { app: "db" });
    expect(short(judged)).toEqual([`${selected} 0 ${urn}`]);
    expect(judged.verdicts[0]?.message).toMatch(/^Deployment "shop\/api" must be selected by a NetworkPolicy of its namespace\n {2}setting: spec\.template\.metadata\.labels\n/);
    expect(judged.notApplicable).toEqual([]);
    pack.configure({ [selected]: "mandatory" });
    expect(short(await analyze(pack, { app: "db" }))).toEqual([`${selected} 1 ${urn}`]);
    expect(short(await analyze(pack, { app: "web" }))).toEqual([]);
  });

  test("that is off says nothing, and runs though what says the coverage is off", async () => {
    const pack = serveRules(...covered);
    pack.configure({ [selected]: "disabled" });
    expect(short(await analyze(pack, { app: "db" }))).toEqual([]);
    expect(pack.configure({ all: "disabled", bulkhead: "disabled", "bulkhead-coverage": "disabled", [selected]: "mandatory" })).toMatchObject({ "bulkhead-coverage": "advisory" });
    expect(short(await analyze(pack, { app: "db" }))).toEqual([`${selected} 1 ${urn}`]);
    pack.configure({ bulkhead: "disabled", [selected]: "mandatory" });
    expect(short(await analyze(pack, { app: "db" }))).toEqual([]);
  });

  test("is undecided at the resource where a label is not known, or refused, or nothing", async () => {
    const pack = serveRules(...covered);
    const judged = await analyze(pack, { app: unknownString });
    expect(short(judged)).toEqual([`bulkhead 0 ${urn}`]);
    expect(judged.verdicts[0]?.message).toMatch(/cannot be judged by require-network-policy: spec\.template\.metadata\.labels/);
    pack.configure({ bulkhead: { level: "mandatory", unknown: "deny" }, [selected]: "mandatory" });
    expect(short(await analyze(pack, { app: unknownString }))).toEqual([`${selected} 1 ${urn}`]);
    pack.configure({ bulkhead: { level: "mandatory", unknown: "ignore" }, [selected]: "mandatory" });
    expect(short(await analyze(pack, { app: unknownString }))).toEqual([]);
  });

  test("is undecided, once for the stack, where the namespace is made elsewhere; not in a closed world", async () => {
    const pack = serveRules(...covered);
    for (const name of ["a", "b"]) await pack.analyze(deployment({}), deploymentType, name);
    const listed = ["a", "b"].map((name) => ({ type: deploymentType, name }));
    const judged = await pack.analyzeStack({}, listed);
    expect(short(judged)).toEqual(["bulkhead-coverage 0 "]);
    expect(judged.verdicts[0]?.message).toBe(`undecided, for what stands outside the program:\n  Deployment "api" depends on what is in the namespace "shop", which is made elsewhere: ${selected}`);
    pack.configure({ bulkhead: { level: "mandatory", closedWorld: true }, [selected]: "mandatory" });
    for (const name of ["a", "b"]) await pack.analyze(deployment({}), deploymentType, name);
    expect(short(await pack.analyzeStack({}, listed))).toEqual(["a", "b"].map((name) => `${selected} 1 urn:pulumi:dev::test::${deploymentType}::${name}`));
  });

  test("is undecided where the operation leaves out what was never made", async () => {
    const pack = serveRules(...covered);
    await pack.analyze(namespace, namespaceType, "ns");
    await pack.analyze(deployment({ app: "db" }), deploymentType, "api");
    expect((await pack.leaveOut(policyType, "policy")).verdicts).toEqual([]);
    const judged = await pack.analyzeStack({}, resources.slice(0, 2));
    expect(short(judged)).toEqual(["bulkhead-coverage 0 "]);
    expect(judged.verdicts[0]?.message).toContain(`Deployment "api" depends on ${policyType}::policy, which was not analysed`);
    await pack.analyze(policy, policyType, "policy");
    expect(short(await pack.analyzeStack({}, resources))).toContain(`${selected} 0 ${urn}`);
  });

  test("is undecided where a resource of the stack was not analysed", async () => {
    const pack = serveRules(...covered);
    const judged = await analyze(pack, { app: "db" }, [...resources, { type: policyType, name: "old" }]);
    expect(short(judged)).toEqual(["bulkhead-coverage 0 "]);
    expect(judged.verdicts[0]?.message).toContain(`Deployment "api" depends on ${policyType}::old, which was not analysed`);
    expect(short(await analyze(pack, { app: "db" }, [...resources, { type: "aws:s3/bucket:Bucket", name: "old" }]))).toEqual([`${selected} 0 ${urn}`]);
  });

  test("forgets what is no longer in the stack, and takes what is analysed again as it is", async () => {
    const pack = serveRules(...covered);
    expect(short(await analyze(pack, { app: "web" }))).toEqual([]);
    expect(short(await analyze(pack, { app: "db" }))).toEqual([`${selected} 0 ${urn}`]);
    expect(short(await pack.analyzeStack({}, resources.slice(0, 1)))).toEqual([]);
  });

  test("is in the report", async () => {
    const pack = serveRules(...covered);
    const report = join(folder, "report.json");
    pack.configure({ bulkhead: { level: "mandatory", report }, [selected]: "mandatory" });
    await analyze(pack, { app: "db" });
    const { findings, summary } = JSON.parse(readFileSync(report, "utf8")) as JsonReport;
    expect(findings).toMatchObject([{ rule: selected, subject: { kind: "Deployment", urn }, location: { path: "spec.template.metadata.labels" } }]);
    expect(summary).toMatchObject({ subjects: 3, findings: 1 });
  });

  test("refuses a setting of the world that is none", async () => {
    const pack = serveRules(...covered);
    pack.configure({ bulkhead: { level: "mandatory", closedWorld: "yes" } });
    expect((await pack.analyze(namespace, namespaceType, "ns")).verdicts[0]?.message).toContain("bulkhead.closedWorld: expected true or false, found a string");
  });
});
