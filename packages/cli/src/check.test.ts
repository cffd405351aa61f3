import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";
import { wantsColor } from "./io";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "no-privileged"];
const deployment = (name: string, containers: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: shop }
spec:
  template:
    spec:
      initContainers: []
      containers:
${containers}`;

describe("exit codes", () => {
  test("0 where nothing is found", () => {
    const ran = cli.run(cli.folder({ "a.yaml": pod("a") }), ["check", ...only, "a.yaml"]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/1 file, 1 subject \(1 of 1 with containers examined\): no findings/);
  });

  test("1 with findings", () => {
    const ran = cli.run(cli.folder({ "a.yaml": pod("a", privileged) }), ["check", ...only, "a.yaml"]);
    expect(ran).toMatchObject({ code: 1, stderr: "" });
    expect(ran.stdout).toContain('container "web" of Pod "a" must not be privileged');
  });

  test("2 beats 1: a broken file does not hide what the others have", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged), "b.yaml": "apiVersion: v1\nkind: [\n" });
    const ran = cli.run(folder, ["check", ...only, "."]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^b\.yaml:\d+:\d+: expected YAML, found .+\n$/);
    expect(ran.stdout).toContain('container "web" of Pod "a" must not be privileged');
    expect(ran.stdout).toContain("1 error");
    expect(ran.stdout).not.toContain("b.yaml");
  });

  test("2 for a path that is not there, and the others are judged", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged) });
    const ran = cli.run(folder, ["check", "--format", "json", ...only, "nope.yaml", "a.yaml"]);
    expect(ran).toMatchObject({ code: 2, stderr: "nope.yaml: expected a readable file or folder, found no such file\n" });
    expect(JSON.parse(ran.stdout)).toMatchObject({ summary: { findings: 1 }, errors: [{ file: "nope.yaml" }] });
  });

  test("every rule runs by default, and presets run fewer", () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged) });
    const counts = [[], ["--preset", "strict"], ["--preset", "restricted"], ["--preset", "baseline"]].map((args) => cli.json(folder, [...args, "a.yaml"]).summary.findings);
    expect(counts[0]).toBe(counts[1]);
    expect(counts[1]).toBeGreaterThan(counts[2] ?? 0);
    expect(counts[2]).toBeGreaterThan(counts[3] ?? 0);
    expect(counts[3]).toBe(1);
  });
});

describe("the report", () => {
  test("has the subject, the place with line and column, and the frameworks", () => {
    const folder = cli.folder({
      "a.yaml": `apiVersion: v1\nkind: ConfigMap\n---\n${deployment("api", `        - name: web\n          image: nginx\n          securityContext:\n            capabilities: { drop: [ALL] }\n            privileged: true\n`)}`,
    });
    const report = cli.json(folder, [...only, "a.yaml"]);
    expect(report.findings).toEqual([{
      rule: "no-privileged", severity: "critical", message: 'container "web" of Deployment "shop/api" must not be privileged',
      subject: { kind: "Deployment", name: "api", namespace: "shop", container: "web" },
      location: { file: "a.yaml", document: 1, path: "spec.template.spec.containers[0].securityContext.privileged", line: 16, column: 13 },
      frameworks: expect.objectContaining({ pss: ["baseline"] }), also: [],
    }]);
    expect(report).toMatchObject({ version: 1, summary: { files: 1, subjects: 2, findings: 1, undecided: 0, exempted: 0, notExamined: 0 }, undecided: [], exempted: [], notExamined: [], errors: [], notConfigured: [] });
  });

  test("is the same bytes for the same input, sorted by file, document, path and rule", () => {
    const two = `${pod("b", privileged)}---\n${pod("a", privileged)}`;
    const folder = cli.folder({ "z.yaml": two, "m/b.yaml": two, "a.yaml": pod("c", privileged) });
    const [first, second, backwards] = [["z.yaml", "m", "a.yaml"], ["z.yaml", "m", "a.yaml"], ["a.yaml", "m", "z.yaml"]].map((paths) => cli.run(folder, ["check", "--format", "json", ...paths]).stdout);
    expect(second).toBe(first);
    expect(backwards).toBe(first);
    const keys = (JSON.parse(first ?? "") as ReturnType<Cli["json"]>).findings.map(({ rule, location }) => [location.file, location.document, location.path, rule].join("\u0000"));
    expect(keys.length).toBeGreaterThan(20);
    expect(keys).toEqual([...keys].sort());
  });

  test("of an exported state names the resources by URN", () => {
    const urn = "urn:pulumi:dev::shop::docker:index/container:Container::web";
    const state = { version: 3, deployment: { manifest: {}, resources: [{ urn: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", type: "pulumi:pulumi:Stack" }, { urn, type: "docker:index/container:Container", custom: true, inputs: { image: "nginx", privileged: true } }] } };
    const report = cli.json(cli.folder({ "state.json": JSON.stringify(state, null, 2) }), [...only, "state.json"]);
    expect(report.findings).toMatchObject([{ subject: { kind: "Container", name: "web", urn }, location: { file: "state.json", path: "deployment.resources[1].inputs.privileged", line: expect.any(Number) } }]);
    expect(report.findings[0]?.location.line).toBe(JSON.stringify(state, null, 2).split("\n").findIndex((line) => line.includes('"privileged"')) + 1);
  });

  test("of standard input", () => {
    const ran = cli.run(cli.folder({}), ["check", ...only, "-"], { stdin: pod("a", privileged) });
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("-:10:9  spec.containers[0].securityContext.privileged");
  });

  test("says once what a rule cannot judge, and that it is no pass", () => {
    const report = cli.json(cli.folder({ "a.yaml": `${pod("a")}---\n${pod("b")}` }), ["--rule", "require-pids-limit", "a.yaml"]);
    expect(report.notExamined).toMatchObject([{ rule: "require-pids-limit", resources: 2 }]);
    expect(report.summary).toMatchObject({ findings: 0, notExamined: 1 });
  });

  test("names the rules that lack an option", () => {
    const folder = cli.folder({ "a.yaml": pod("a") });
    const ran = cli.run(folder, ["check", "--rule", "allowed-registries", "a.yaml"]);
    expect(ran).toMatchObject({ code: 0, stderr: "bulkhead: no rule was run\n" });
    expect(ran.stdout).toContain("allowed-registries: set registries");
    expect(cli.json(folder, ["a.yaml"]).notConfigured).toContainEqual({ rule: "allowed-registries", option: "registries" });
  });

  test("says skipped chart templates and kustomize patches once a folder", () => {
    const folder = cli.folder({
      "chart/Chart.yaml": "name: c\nversion: 1.0.0\n", "chart/templates/a.yaml": "{{ if }}", "chart/templates/b.yaml": "{{ if }}",
      "k/kustomization.yaml": "resources: [base.yaml]\npatches: [{ path: one.yaml }, { path: two.yaml }]\n",
      "k/base.yaml": pod("a"), "k/one.yaml": pod("a", privileged), "k/two.yaml": pod("a", privileged),
    });
    const report = cli.json(folder, [...only, "."]);
    expect(report.notExamined.map(({ location }) => location.file)).toEqual(["chart/templates", "k"]);
    expect(report.summary).toMatchObject({ findings: 0, subjects: 1, notExamined: 2, coverage: { examined: 1, of: 3 } });
    const { code, stdout } = cli.run(folder, ["check", ...only, "."]);
    expect(code).toBe(0);
    expect(stdout).toContain("\n    chart/templates\n");
    expect(stdout).toContain("2 not examined");
  });

  test("never repeats a value that may be a secret", () => {
    const secrets = { env: "hunter2-env", arg: "hunter2-arg", data: "hunter2-data", broken: "hunter2-broken", config: "hunter2-config" };
    const folder = cli.folder({
      "a.yaml": pod("a", `      command: [/usr/sbin/sshd, "--password=${secrets.arg}"]\n      args: ["--token", ${secrets.arg}]\n      env: [{ name: PASSWORD, value: ${secrets.env} }]\n      ports: [{ containerPort: ${secrets.arg} }]\n${privileged}`),
      "b.yaml": `apiVersion: v1\nkind: Secret\nmetadata: { name: s }\nstringData: { password: ${secrets.data} }\n`,
      "c.yaml": `apiVersion: v1\nkind: Pod\nspec: { password: "${secrets.broken}\n`,
      "d.json": `{"apiVersion":"v1","kind":"Pod","password":"${secrets.broken}" x}`,
      "e.yaml": pod("e", `      env: ${secrets.env}\n      command: ${secrets.arg}\n      securityContext: { privileged: ${secrets.env}, runAsUser: ${secrets.env}, capabilities: ${secrets.env} }\n      resources: { limits: { memory: ${secrets.env} } }\n`),
    });
    for (const format of ["text", "json"]) {
      const { code, stdout, stderr } = cli.run(folder, ["check", "--format", format, "."]);
      expect(code).toBe(2);
      expect(stdout).toContain("no-privileged");
      expect(stdout + stderr).not.toContain("hunter2");
    }
  });
});

describe("limits", () => {
  const undecided = (): string => cli.folder({ "a.yaml": pod("a", "      securityContext: { privileged: perhaps }\n") });
  const half = (): string => cli.folder({ "a.yaml": pod("a"), "b.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: b }\n" });

  test("--max-undecided", () => {
    expect(cli.run(undecided(), ["check", ...only, "a.yaml"])).toMatchObject({ code: 0, stderr: "" });
    expect(cli.run(undecided(), ["check", ...only, "--max-undecided", "1", "a.yaml"])).toMatchObject({ code: 0, stderr: "" });
    expect(cli.run(undecided(), ["check", ...only, "--max-undecided", "0", "a.yaml"])).toMatchObject({ code: 1, stderr: "bulkhead: 1 verdicts are undecided; --max-undecided accepts 0\n" });
  });

  test("--min-coverage", () => {
    expect(cli.run(half(), ["check", ...only, "."])).toMatchObject({ code: 0, stderr: "" });
    expect(cli.run(half(), ["check", ...only, "--min-coverage", "50", "."])).toMatchObject({ code: 0, stderr: "" });
    const ran = cli.run(half(), ["check", ...only, "--min-coverage", "50.1%", "."]);
    expect(ran).toMatchObject({ code: 1, stderr: "bulkhead: 1 of 2 that hold containers were examined (50 %); --min-coverage asks for 50.1 %\n" });
  });

  test("an input that cannot be read beats an exceeded limit", () => {
    expect(cli.run(undecided(), ["check", ...only, "--max-undecided", "0", "a.yaml", "nope.yaml"]).code).toBe(2);
  });
});

test("colour: on a terminal, unless NO_COLOR is set or it is turned off, and on request", () => {
  expect(wantsColor(true, {})).toBe(true);
  expect(wantsColor(true, { NO_COLOR: "" })).toBe(true);
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) expect(wantsColor(true, env)).toBe(false);
  expect(wantsColor(false, {})).toBe(false);
  const folder = cli.folder({ "a.yaml": pod("a", privileged) });
  const shown = (args: readonly string[], env = {}): boolean => cli.run(folder, ["check", ...only, ...args, "a.yaml"], { env }).stdout.includes("\u001b[");
  expect(shown([])).toBe(false);
  expect(shown(["--color", "never"])).toBe(false);
  expect(shown(["--color", "always"])).toBe(true);
  expect(shown(["--color", "always"], { NO_COLOR: "1" })).toBe(true);
});

test("a reader that leaves early is no failure", async () => {
  const folder = cli.folder({ "a.yaml": Array.from({ length: 400 }, (_, index) => pod(`a${index}`, privileged)).join("---\n") });
  const child = spawn(process.execPath, [cli.bundle, "check", "a.yaml"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect([code, stderr]).toEqual([1, ""]);
});
