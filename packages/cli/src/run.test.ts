import { join } from "node:path";
import type { AnyRule, JsonReport } from "@bulkhead/core";
import { defineRule, exact } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";
import type { Io } from "./io";
import { run } from "./run";
import { version } from "../package.json";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

describe("misuse is said on standard error, and is exit 2", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["chek a.yaml", 'unknown command "chek"; did you mean check?'],
    ["--versoin", "unknown option --versoin; did you mean --version?"],
    ["check", "check needs a file, a folder, or - for standard input"],
    ["check --formt json a.yaml", "unknown option --formt; did you mean --format?"],
    ["check --constructor x a.yaml", "unknown option --constructor"],
    ["check -x a.yaml", "unknown option -x"],
    ["check --format xml a.yaml", '--format: expected text, json, found "xml"'],
    ["check --preset strickt a.yaml", '--preset: expected baseline, restricted, strict, found "strickt"; did you mean strict?'],
    ["check --color=sometimes a.yaml", '--color: expected auto, always, never, found "sometimes"'],
    ["check --rule no-priviledged a.yaml", 'unknown rule "no-priviledged"; did you mean no-privileged?'],
    ["check --rule no-ssh --preset strict a.yaml", "--rule runs only the rules that it names: leave --preset out"],
    ["check a.yaml --rule", "option --rule needs a value"],
    ["check --output --format json a.yaml", "option --output needs a value"],
    ["check --format json --format text a.yaml", "option --format may be given once"],
    ["check --max-undecided -1 a.yaml", "option --max-undecided needs a value"],
    ["check --max-undecided=1.5 a.yaml", '--max-undecided: expected a whole number from 0, found "1.5"'],
    ["check --min-coverage 101 a.yaml", '--min-coverage: expected a number from 0 to 100, found "101"'],
    ["explain no-privilegd", 'unknown rule "no-privilegd"; did you mean no-privileged?'],
    ["explain zzzzzzzzzzzzzzzzzzzzzzzz", 'unknown rule "zzzzzzzzzzzzzzzzzzzzzzzz"; `bulkhead explain` lists the rules'],
    ["explain no-ssh no-root-user", "explain takes one rule"],
    ["explain no-ssh --framework pss", "explain takes a rule or --framework, not both"],
    ["explain --framework cis-doker", 'unknown framework "cis-doker"; did you mean cis-docker?'],
    ["explain --framework zzzzzzzzzzzzzzzz", 'unknown framework "zzzzzzzzzzzzzzzz"; there are pss, cis-docker-1.6, cis-kubernetes-1.10, cis-kubernetes-1.12, nsa-cisa-1.2, nist-sp-800-190, owasp-docker, owasp-kubernetes-2025'],
    ["explain --framework owasp", '--framework "owasp" may be owasp-docker or owasp-kubernetes-2025'],
    ["explain --framework pss --format yaml", '--format: expected text, json, found "yaml"'],
  ];
  test.each(cases)("%s", (line, message) => {
    const folder = cli.folder({ "a.yaml": pod("a") });
    expect(cli.run(folder, line.split(" "))).toEqual({ code: 2, stdout: "", stderr: `bulkhead: ${message}\n\`bulkhead --help\` says how to use it\n` });
  });

  test("no command", () => {
    const { code, stdout, stderr } = cli.run(cli.folder({}), []);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("check PATH...");
  });
});

test("help and version", () => {
  const folder = cli.folder({});
  expect(cli.run(folder, ["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  for (const args of [["--help"], ["-h"], ["help"]]) expect(cli.run(folder, args)).toMatchObject({ code: 0, stdout: expect.stringContaining("explain [RULE]") });
  for (const args of [["check", "--help"], ["help", "check"], ["check", "a.yaml", "-h"]]) expect(cli.run(folder, args)).toMatchObject({ code: 0, stdout: expect.stringContaining("--min-coverage PERCENT") });
  expect(cli.run(folder, ["explain", "--help"]).stdout).toContain("lists the rules");
  expect(cli.run(folder, ["check", "--", "--help"])).toMatchObject({ code: 2, stderr: "--help: expected a readable file or folder, found no such file\n" });
});

test("explain lists every rule, and prints a rule's page", () => {
  const { code, stdout } = cli.run(cli.folder({}), ["explain"]);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toHaveLength(rules.length);
  for (const { id, severity, preset, title } of rules) expect(stdout).toMatch(new RegExp(`^${id} +${severity} +${preset} +${title}$`, "m"));
  const page = cli.run(cli.folder({}), ["explain", "no-privileged"]);
  expect(page.code).toBe(0);
  expect(page.stdout).toMatch(/^# no-privileged\n/);
  expect(page.stdout).toContain("## What to do");
});

test("explain --framework prints each control with its rules, or why there is none", () => {
  const folder = cli.folder({});
  const text = cli.run(folder, ["explain", "--framework", "cis-docker"]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^CIS Docker Benchmark, 1\.6\.0: \d+ of 117 controls have rules\n/);
  expect(text.stdout).toMatch(/^5\.5 {5}Ensure that privileged containers are not used\n {8}(.*, )?no-privileged(,|$)/m);
  expect(text.stdout).toContain("3.1     Ensure that the docker.service file ownership is set to root:root\n        no rule: files of the host\n");
  const report = JSON.parse(cli.run(folder, ["explain", "--framework", "cis-docker", "--format", "json"]).stdout) as { readonly framework: string; readonly controls: readonly object[] };
  expect(report.framework).toBe("cis-docker-1.6");
  expect(report.controls).toContainEqual({ control: "5.5", title: "Ensure that privileged containers are not used", rules: expect.arrayContaining(["no-privileged"]) });
  expect(report.controls).toContainEqual({ control: "6.1", title: "Ensure that image sprawl is avoided", rules: [], reason: "state of the host" });
});

test("explain --format json is for programs: one rule, or all", () => {
  const folder = cli.folder({});
  expect(JSON.parse(cli.run(folder, ["explain", "no-privileged", "--format", "json"]).stdout)).toMatchObject({ id: "no-privileged", preset: "baseline", fix: true, frameworks: { "cis-docker-1.6": "5.5" } });
  expect((JSON.parse(cli.run(folder, ["explain", "--format", "json"]).stdout) as readonly { readonly id: string }[]).map(({ id }) => id)).toEqual(rules.map(({ id }) => id));
});

describe("with rules of one's own", () => {
  const base = { severity: "high", since: "0.1.0", challenge: "C2", preset: "baseline", frameworks: {}, why: "", remediation: "Do.", examples: {} } as const;
  const throwing = defineRule({
    ...base, id: "throws", title: "T", about: "container", reads: ({ privileged: field }) => ({ field: exact(field) }),
    check: () => {
      throw new TypeError("hunter2-message");
    },
  });
  const fine = rules.find(({ id }) => id === "no-privileged") as AnyRule;

  async function inProcess(catalogue: readonly AnyRule[], args: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
    const said = { out: "", err: "" };
    const io: Io = { out: async (text) => void (said.out += text), err: (text) => void (said.err += text), color: false };
    const code = await run(args, catalogue, io);
    return { code, ...said };
  }

  test("a rule that throws is an error with its name and place, never with its text, and the others still judge", async () => {
    const folder = cli.folder({ "a.yaml": pod("a", privileged) });
    const { code, out, err } = await inProcess([throwing, fine], ["check", "--format", "json", join(folder, "a.yaml")]);
    expect(code).toBe(2);
    const report = JSON.parse(out) as JsonReport;
    expect(report.findings.map(({ rule }) => rule)).toEqual(["no-privileged"]);
    expect(report.errors).toMatchObject([{ rule: "throws", file: join(folder, "a.yaml"), line: 1, expected: 'a verdict of throws on container "web" of Pod "a"', found: expect.stringMatching(/^a failure of the rule: TypeError/) }]);
    expect(err).toContain("expected a verdict of throws");
    expect(out + err).not.toContain("hunter2");
  });

  test("what nobody foresaw is exit 2 without its text", async () => {
    const broken = new Proxy([fine], { get: (target, key) => { if (key === "filter") throw new RangeError("hunter2-message"); return Reflect.get(target, key) as unknown; } });
    const folder = cli.folder({ "a.yaml": pod("a") });
    const { code, out, err } = await inProcess(broken, ["check", join(folder, "a.yaml")]);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^bulkhead: internal error: RangeError at \S+:\d+:\d+\n$/);
  });
});
