import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "no-privileged"];
const known = (name: string, file = `${name}.yaml`, more: object = {}): object => ({ rule: "no-privileged", file, kind: "Pod", name, container: "web", path: "spec.containers[].securityContext.privileged", ...more });
const text = (...findings: readonly object[]): string => `{\n"version": 1,\n"findings": [${findings.map((finding) => `\n  ${JSON.stringify(finding)}`).join(",")}${findings.length === 0 ? "" : "\n"}]\n}\n`;
const inOrder = ({ rule, file, kind, name, container, path, count }: { readonly [key: string]: unknown }): object => ({ rule, file, kind, name, container, path, ...(count === undefined ? {} : { count }) });
const folder = (files: { readonly [name: string]: string } = {}): string => cli.folder({ "a.yaml": pod("a", privileged), "b.yaml": pod("b", privileged), ...files });
const check = (cwd: string, ...args: readonly string[]) => cli.run(cwd, ["check", ...only, ...args]);
const baseline = (cwd: string): string => readFileSync(join(cwd, "known.json"), "utf8");

describe("--write-baseline", () => {
  test("writes the findings, sorted and without lines, and exits 0", () => {
    const cwd = folder();
    expect(check(cwd, "--write-baseline", "known.json", "b.yaml", "a.yaml")).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("no findings, 0 undecided, 0 exempted, 0 not examined, 0 not configured, 2 known\n") });
    expect(baseline(cwd)).toBe(text(...[known("a"), known("b")].map((entry) => inOrder(entry as { [key: string]: unknown }))));
    expect(readdirSync(cwd).sort()).toEqual(["a.yaml", "b.yaml", "known.json"]);
    expect(check(cwd, "--baseline", "known.json", "./b.yaml", "././a.yaml").code).toBe(0);
    expect(check(cwd, "--baseline", "known.json", "a.yaml", "b.yaml")).toMatchObject({ code: 0, stderr: "" });
  });

  test("counts what it cannot tell apart", () => {
    const cwd = cli.folder({ "a.yaml": `${pod("a", privileged)}---\n${pod("a", privileged)}` });
    check(cwd, "--write-baseline", "known.json", "a.yaml");
    expect(JSON.parse(baseline(cwd))).toEqual({ version: 1, findings: [known("a", "a.yaml", { count: 2 })] });
    expect(check(cwd, "--baseline", "known.json", "a.yaml").code).toBe(0);
    writeFileSync(join(cwd, "a.yaml"), `${pod("a", privileged)}---\n${pod("a", privileged)}---\n${pod("a", privileged)}`);
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "a.yaml"])).toMatchObject({ summary: { findings: 1 }, baseline: { known: 2, gone: [] } });
    writeFileSync(join(cwd, "a.yaml"), pod("a", privileged));
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "a.yaml"]).baseline).toEqual({ known: 1, gone: [known("a")] });
  });

  test("of nothing, and of standard input", () => {
    const cwd = cli.folder({ "a.yaml": pod("a") });
    expect(check(cwd, "--write-baseline", "known.json", "a.yaml").code).toBe(0);
    expect(baseline(cwd)).toBe(text());
    const stdin = pod("s", privileged);
    expect(cli.run(cwd, ["check", ...only, "--write-baseline", "known.json", "-"], { stdin }).code).toBe(0);
    expect(JSON.parse(baseline(cwd))).toEqual({ version: 1, findings: [known("s", "-")] });
    expect(cli.run(cwd, ["check", ...only, "--baseline", "known.json", "-"], { stdin }).code).toBe(0);
    expect(check(cwd, "--baseline", "known.json", "a.yaml").code).toBe(0);
    expect(cli.run(cwd, ["check", ...only, "--baseline", "known.json", "-"], { stdin: pod("s") }).code).toBe(1);
  });

  test("does not write where something could not be read, nor where it cannot", () => {
    const cwd = folder({ "broken.yaml": "apiVersion: v1\nkind: [\n" });
    expect(check(cwd, "--write-baseline", "known.json", "a.yaml", "broken.yaml")).toMatchObject({ code: 2, stderr: expect.stringContaining("bulkhead: known.json was not written, for not everything could be judged\n") });
    expect(readdirSync(cwd)).not.toContain("known.json");
    expect(check(cwd, "--write-baseline", "no/such/folder.json", "a.yaml")).toMatchObject({ code: 2, stderr: "no/such/folder.json: expected a file that can be written, found no such file\n" });
  });
});

describe("--baseline", () => {
  const knowing = (...findings: readonly object[]): string => folder({ "known.json": text(...findings) });

  test("what it knows is only counted, whatever the lines and the order; what is new fails", () => {
    const cwd = knowing(known("a"));
    writeFileSync(join(cwd, "a.yaml"), `# moved\n\n${pod("a", `      name: web\n${privileged}`).replace("    - name: web\n", "    - name: first\n      image: x\n    -\n")}`);
    expect(check(cwd, "--baseline", "known.json", "a.yaml")).toMatchObject({ code: 0, stderr: "" });
    const ran = check(cwd, "--baseline", "known.json", "a.yaml", "b.yaml");
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain('container "web" of Pod "b" must not be privileged');
    expect(ran.stdout).not.toContain('Pod "a"');
    expect(ran.stdout).toMatch(/1 finding \(1 critical\), .*, 1 known\n$/);
  });

  test("what it knows and no longer occurs must leave", () => {
    const cwd = knowing(known("a"), known("b"), known("gone"));
    writeFileSync(join(cwd, "b.yaml"), pod("b"));
    const ran = check(cwd, "--baseline", "known.json", "a.yaml", "b.yaml");
    expect(ran).toMatchObject({ code: 1, stderr: "bulkhead: 2 known findings no longer occur; --prune takes them out of the baseline\n" });
    expect(ran.stdout).toContain('No longer found: must leave the baseline\n  container "web" of Pod "b"\n    b.yaml  spec.containers[].securityContext.privileged  no-privileged\n  container "web" of Pod "gone"\n    gone.yaml');
    expect(ran.stdout).toContain("1 known, 2 to leave the baseline");
    expect(check(cwd, "--baseline", "known.json", "--prune", "a.yaml", "b.yaml")).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(baseline(cwd))).toEqual({ version: 1, findings: [known("a")] });
  });

  test("--prune lets nothing new in", () => {
    const cwd = knowing(known("a", "a.yaml", { count: 3 }), known("gone"));
    expect(check(cwd, "--baseline", "known.json", "--prune", "a.yaml", "b.yaml").code).toBe(1);
    expect(JSON.parse(baseline(cwd))).toEqual({ version: 1, findings: [known("a")] });
  });

  test("files that were not given, rules that did not run and files that cannot be read keep theirs", () => {
    const cwd = knowing(known("a"), known("b"), known("x", "a.yaml", { rule: "no-host-pid" }));
    expect(check(cwd, "--baseline", "known.json", "a.yaml")).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(join(cwd, "b.yaml"), "apiVersion: v1\nkind: [\n");
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "a.yaml", "b.yaml"])).toMatchObject({ summary: { findings: 0 }, baseline: { known: 1, gone: [] } });
    rmSync(join(cwd, "b.yaml"));
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "a.yaml"]).baseline?.gone).toEqual([known("b")]);
    writeFileSync(join(cwd, "known.json"), text(known("a"), known("a", "a.yaml", { rule: "no-such-rule-any-more" })));
    expect(check(cwd, "--baseline", "known.json", "a.yaml").code).toBe(1);
  });

  test("stands in a folder that is judged, and is no input", () => {
    const cwd = folder();
    check(cwd, "--write-baseline", "known.json", ".");
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "."])).toMatchObject({ summary: { files: 2, findings: 0, notExamined: 0 }, baseline: { known: 2 } });
  });

  test("knows what is of a state by its URN", () => {
    const state = (...names: readonly string[]): string => JSON.stringify({ version: 3, deployment: { manifest: {}, resources: names.map((name) => ({ urn: `urn:pulumi:dev::shop::docker:index/container:Container::${name}`, type: "docker:index/container:Container", custom: true, inputs: { image: "x", privileged: true } })) } });
    const cwd = cli.folder({ "state.json": state("a", "b") });
    check(cwd, "--write-baseline", "known.json", "state.json");
    writeFileSync(join(cwd, "state.json"), state("c", "b"));
    expect(cli.json(cwd, [...only, "--baseline", "known.json", "state.json"])).toMatchObject({ findings: [{ subject: { name: "c" } }], baseline: { known: 1, gone: [{ urn: "urn:pulumi:dev::shop::docker:index/container:Container::a" }] } });
  });
});

describe("refused", () => {
  test.each<readonly [string, string]>([
    ["{", "known.json:1:2: expected a key in double quotes, found the end of the file"],
    ["[]", "known.json: expected a baseline, as --write-baseline writes it, found a list"],
    ["{}", "known.json:1:1: version: expected 1, found nothing\nknown.json:1:1: findings: expected a list of findings, found nothing"],
    ['{"version": 2, "findings": []}', "known.json:1:2: version: expected 1, found 2"],
    [text({ rule: "x", file: "a", kind: "Pod" }), "known.json:4:3: findings[0].name: expected some text, found nothing"],
    [text(known("a", "a.yaml", { line: 7 })), "known.json:4:139: findings[0].line: expected \"file\" (did you mean that?), found the unknown key \"line\""],
    [text(known("a", "a.yaml", { count: 0 })), "known.json:4:139: findings[0].count: expected a whole number from 1, found 0"],
    [text(known("a"), known("a")), "known.json:5:3: findings[1]: expected each finding once, found one that stands above already"],
    [text(known("a", "a.yaml", { path: 3 })), "known.json:4:85: findings[0].path: expected some text, found a number"],
  ])("%j", (content, message) => {
    expect(check(folder({ "known.json": content }), "--baseline", "known.json", "a.yaml")).toMatchObject({ code: 2, stdout: "", stderr: `${message}\n` });
  });

  test.each<readonly [readonly string[], string]>([
    [["--baseline", "no.json", "a.yaml"], "no.json: expected a readable file, found no such file"],
    [["--baseline", "k.json", "--write-baseline", "k.json", "a.yaml"], "bulkhead: --write-baseline writes every finding: leave --baseline out, or take out what is gone with --baseline and --prune"],
    [["--prune", "a.yaml"], "bulkhead: --prune needs --baseline"],
    [["--baseline", "a.yaml", "a.yaml"], "bulkhead: the baseline is one of the inputs"],
    [["--write-baseline", "a.yaml", "a.yaml"], "bulkhead: the baseline is one of the inputs"],
    [["--write-baseline", "k.json", "-o", "k.json", "a.yaml"], "bulkhead: --output names one of the inputs, or the baseline"],
  ])("%j", (args, message) => {
    const ran = check(folder(), ...args);
    expect([ran.code, ran.stderr.split("\n")[0]]).toEqual([2, message]);
  });
});
