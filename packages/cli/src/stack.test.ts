import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli } from "../test/cli";

let cli: Cli;
beforeAll(() => {
  cli = createCli();
});
afterAll(() => cli.remove());

const only = ["--rule", "require-network-policy"];
const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n";
const deployment = (name: string, app: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, namespace: shop }\nspec:\n  template:\n    metadata:\n      labels:\n        app: ${app}\n    spec: { containers: [] }\n`;
const policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: web, namespace: shop }\nspec: { podSelector: { matchLabels: { app: web } } }\n";

describe("all files together", () => {
  test("are one stack, and a verdict has its file, line and column", () => {
    const folder = cli.folder({ "a/web.yaml": deployment("web", "web"), "b.yaml": `${namespace}---\n${policy}---\n${deployment("db", "db")}` });
    expect(cli.json(folder, [...only, "."]).findings.map(({ message, location }) => [message, location])).toEqual([
      ['Deployment "shop/db" must be selected by a NetworkPolicy of its namespace', { file: "b.yaml", document: 2, path: "spec.template.metadata.labels", line: 16, column: 7 }],
    ]);
  });

  test("from standard input, where nothing can be read again", () => {
    const folder = cli.folder({});
    const ran = cli.run(folder, ["check", "--format", "json", ...only, "-"], { stdin: `${namespace}---\n${deployment("db", "db")}` });
    expect(JSON.parse(ran.stdout)).toMatchObject({ findings: [{ location: { file: "-", document: 1, line: 11, column: 7 } }] });
  });

  test("and a state: by URN, secrets and all", () => {
    const resource = (type: string, name: string, inputs: object): object => ({ urn: `urn:pulumi:dev::test::${type}::${name}`, type, custom: true, inputs });
    const spec = { template: { metadata: { labels: { app: "db" } }, spec: { containers: [] } } };
    const state = { version: 3, deployment: { resources: [resource("kubernetes:core/v1:Namespace", "ns", { metadata: { name: "shop" } }), resource("kubernetes:apps/v1:Deployment", "db", { metadata: { name: "db", namespace: "shop" }, spec })] } };
    const folder = cli.folder({ "state.json": JSON.stringify(state, null, 2) });
    expect(cli.json(folder, [...only, "state.json"]).findings).toMatchObject([
      { subject: { name: "db", urn: "urn:pulumi:dev::test::kubernetes:apps/v1:Deployment::db" }, location: { path: "deployment.resources[1].inputs.spec.template.metadata.labels", line: 27, column: 17 } },
    ]);
  });

  test("in any order give the same", () => {
    const files = { "a.yaml": deployment("web", "web"), "b.yaml": deployment("db", "db"), "c.yaml": namespace, "d.yaml": policy };
    const folder = cli.folder(files);
    const [forwards, backwards] = [Object.keys(files), Object.keys(files).reverse()].map((names) => cli.run(folder, ["check", "--format", "json", ...names]).stdout);
    expect(backwards).toBe(forwards);
  });
});

describe("what stands elsewhere", () => {
  test("is undecided, once for each reason, and does not fail", () => {
    const folder = cli.folder({ "a.yaml": deployment("web", "web"), "b.yaml": deployment("db", "db") });
    const ran = cli.run(folder, ["check", "--color", "never", ...only, "."]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain(`Undecided: what decides stands outside what was read
  depends on what is in the namespace "shop", which is made elsewhere: require-network-policy
    Deployment "shop/web"  a.yaml:7:7
    Deployment "shop/db"  b.yaml:7:7
`);
    expect(cli.run(folder, ["check", "--max-undecided", "1", ...only, "."]).code).toBe(1);
  });

  test("is missing in a closed world, by flag or configuration", () => {
    const folder = cli.folder({ "a.yaml": deployment("web", "web"), "conf/closed.yaml": "closedWorld: true\n", "conf/wrong.yaml": "closedWorld: maybe\n" });
    expect(cli.run(folder, ["check", ...only, "--closed-world", "a.yaml"]).code).toBe(1);
    expect(cli.run(folder, ["check", ...only, "--config", "conf/closed.yaml", "a.yaml"]).code).toBe(1);
    expect(cli.run(folder, ["check", ...only, "--config", "conf/wrong.yaml", "a.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining('conf/wrong.yaml:1:1: closedWorld: expected true or false, found "maybe"') });
  });

  test("may stand in what was not read: a broken file, or a chart's templates", () => {
    const files = { "a.yaml": `${namespace}---\n${deployment("web", "web")}` };
    const broken = cli.json(cli.folder({ ...files, "b.yaml": "apiVersion: v1\nkind: [\n" }), [...only, "."]);
    expect(broken).toMatchObject({ findings: [], undecided: [{ elsewhere: "depends on everything that is given, of which b.yaml was not read" }] });
    const chart = cli.folder({ ...files, "chart/Chart.yaml": "name: chart\n", "chart/templates/policy.yaml": policy });
    expect(cli.json(chart, [...only, "."])).toMatchObject({ findings: [], undecided: [{ elsewhere: "depends on everything that is given, of which chart/templates was not read" }] });
    expect(cli.json(chart, [...only, "--closed-world", "."])).toMatchObject({ findings: [{ rule: "require-network-policy" }], undecided: [] });
  });
});
