import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const rulesOf = (config: string, args: readonly string[] = [], container = privileged): readonly string[] => {
  const folder = cli.folder({ "bulkhead.yaml": config, "a.yaml": pod("a", container) });
  const ran = cli.run(folder, ["check", "--format", "json", "--config", "bulkhead.yaml", ...args, "a.yaml"]);
  expect(ran.stderr).toBe("");
  return (JSON.parse(ran.stdout) as ReturnType<Cli["json"]>).findings.map(({ rule }) => rule);
};

describe("accepted", () => {
  test("a preset, and the command line's before it", () => {
    expect(rulesOf("preset: baseline\n")).toEqual(["no-privileged"]);
    expect(rulesOf("preset: baseline\n", ["--preset", "restricted"])).toContain("run-as-non-root");
  });

  test("off, on beyond the preset, and options", () => {
    expect(rulesOf("preset: baseline\nrules:\n  no-privileged: off\n")).toEqual([]);
    expect([...rulesOf("preset: baseline\nrules:\n  no-service-account-token: on\n")].sort()).toEqual(["no-privileged", "no-service-account-token"]);
    expect(rulesOf("preset: baseline\nrules:\n  no-privileged: off\n  allowed-registries: { registries: [ghcr.io] }\n")).toEqual(["allowed-registries"]);
    expect(rulesOf("preset: baseline\nrules:\n  no-privileged: off\n  allowed-registries: { registries: [registry.example.com] }\n")).toEqual([]);
  });

  test("--rule runs alone, with the file's options", () => {
    expect(rulesOf("rules:\n  no-privileged: off\n", ["--rule", "no-privileged"])).toEqual(["no-privileged"]);
    expect(rulesOf("rules:\n  allowed-registries: { registries: [ghcr.io] }\n", ["--rule", "allowed-registries"])).toEqual(["allowed-registries"]);
  });

  test("unknown values fail closed where that is asked for, for all rules or for one", () => {
    const perhaps = "      securityContext: { privileged: perhaps }\n";
    expect(rulesOf("preset: baseline\n", [], perhaps)).toEqual([]);
    expect(rulesOf("preset: baseline\nunknown: deny\n", [], perhaps)).toEqual(["no-privileged"]);
    expect(rulesOf("preset: baseline\nunknown: deny\nrules: { no-privileged: { unknown: ignore } }\n", [], perhaps)).toEqual([]);
  });

  test("a version of Kubernetes, and the command line's before it", () => {
    const config = (version: string): string => `kubernetesVersion: ${version}\nrules:\n  no-privileged: off\npreset: baseline\n`;
    const probed = "      livenessProbe: { httpGet: { port: 80, host: 127.0.0.1 } }\n";
    expect(rulesOf(config('"1.33"'), [], probed)).toEqual([]);
    expect(rulesOf(config("latest"), [], probed)).toEqual(["no-probe-host"]);
    expect(rulesOf(config('"1.33"'), ["--kubernetes-version", "1.34"], probed)).toEqual(["no-probe-host"]);
    expect(rulesOf(config("latest"), ["--kubernetes-version", "1.33"], probed)).toEqual([]);
  });

  test("JSON", () => {
    const folder = cli.folder({ "c.json": '{"preset": "baseline", "rules": {"no-privileged": "off"}}', "a.yaml": pod("a", privileged) });
    expect(cli.run(folder, ["check", "--config", "c.json", "a.yaml"])).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("refused, with the place, what was expected and what was found", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["prest: baseline\n", 'c.yaml:1:1: prest: expected "preset" (did you mean that?), found the unknown key "prest"'],
    ["preset: baselin\n", 'c.yaml:1:1: preset: expected one of "baseline", "restricted", "strict", found "baselin"'],
    ["preset: 3\n", 'c.yaml:1:1: preset: expected one of "baseline", "restricted", "strict", found a number'],
    ["preset:\n", 'c.yaml:1:1: preset: expected one of "baseline", "restricted", "strict", found nothing'],
    ["unknown: pass\n", 'c.yaml:1:1: unknown: expected one of "report", "deny", "ignore", found "pass"'],
    ["kubernetesVersion: 1.30\n", 'c.yaml:1:1: kubernetesVersion: expected one of "latest", "1.25", "1.26", "1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37", found a number'],
    ['kubernetesVersion: "1.24"\n', 'c.yaml:1:1: kubernetesVersion: expected one of "latest", "1.25", "1.26", "1.27", "1.28", "1.29", "1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37", found "1.24"'],
    ["rules: [no-privileged]\n", "c.yaml:1:1: rules: expected an object from rule ids to settings, found a list"],
    ["rules:\n  no-priviledged: off\n", 'c.yaml:2:3: rules.no-priviledged: expected "no-privileged" (did you mean that?), found the unknown key "no-priviledged"'],
    ["rules:\n  __proto__: off\n", 'c.yaml:2:3: rules.__proto__: expected a known key, found the unknown key "__proto__"'],
    ["rules:\n  no-privileged: maybe\n", 'c.yaml:2:3: rules.no-privileged: expected "on", "off" or an object with options, found "maybe"'],
    ["rules:\n  no-privileged: true\n", 'c.yaml:2:3: rules.no-privileged: expected "on", "off" or an object with options, found a boolean'],
    ["rules:\n  no-privileged:\n", 'c.yaml:2:3: rules.no-privileged: expected "on", "off" or an object with options, found nothing'],
    ["rules:\n  allowed-registries:\n    registris: [x]\n", 'c.yaml:3:5: rules.allowed-registries.registris: expected "registries" (did you mean that?), found the unknown key "registris"'],
    ["rules:\n  allowed-registries:\n    registries: x\n", "c.yaml:3:5: rules.allowed-registries.registries: expected a list of strings, found a string"],
    ["rules:\n  allowed-registries:\n    registries:\n      - ghcr.io\n      - 7\n", "c.yaml:5:9: rules.allowed-registries.registries[1]: expected a string, found a number"],
    ["rules:\n  no-privileged: { unknown: never }\n", 'c.yaml:2:20: rules.no-privileged.unknown: expected one of "report", "deny", "ignore", found a string'],
    ["- preset\n", "c.yaml: expected an object, found a list"],
    ["", "c.yaml: expected an object, found nothing"],
    ["preset: strict\n---\npreset: strict\n", "c.yaml: expected one document, found 2"],
  ];
  test.each(cases)("%j", (config, message) => {
    const folder = cli.folder({ "c.yaml": config, "a.yaml": pod("a", privileged) });
    expect(cli.run(folder, ["check", "--config", "c.yaml", "a.yaml"])).toEqual({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  test("a rule that the preset leaves out is checked as well", () => {
    const folder = cli.folder({ "c.yaml": "preset: baseline\nrules:\n  no-ssh: off\n  allowed-registries: { registries: 1 }\n", "a.yaml": pod("a") });
    expect(cli.run(folder, ["check", "--config", "c.yaml", "a.yaml"]).code).toBe(2);
  });

  test("every problem is said at once", () => {
    const folder = cli.folder({ "c.yaml": "unknown: x\nnope: 1\nrules: { no-ssh: 2 }\n", "a.yaml": pod("a") });
    expect(cli.run(folder, ["check", "--config", "c.yaml", "a.yaml"]).stderr.split("\n")).toHaveLength(4);
  });

  test.each([["c.yaml", "preset: [\n"], ["c.json", '{"preset": }']])("a %s that cannot be parsed", (name, text) => {
    const { code, stdout, stderr } = cli.run(cli.folder({ [name]: text, "a.yaml": pod("a") }), ["check", "--config", name, "a.yaml"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(new RegExp(`^${name}:\\d+:\\d+: expected `));
  });

  test("a file that is not there", () => {
    const { code, stderr } = cli.run(cli.folder({ "a.yaml": pod("a") }), ["check", "--config", "nope.yaml", "a.yaml"]);
    expect([code, stderr]).toEqual([2, "nope.yaml: expected a readable file, found no such file\n"]);
  });
});
