import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli, pod, privileged } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const args = ["check", "--rule", "no-privileged", "--format", "json"];
const input = { "a.yaml": pod("a", privileged) };

test("the report goes to the file, with no trace of how", () => {
  const folder = cli.folder(input);
  expect(cli.run(folder, [...args, "--output", "report.json", "a.yaml"])).toEqual({ code: 1, stdout: "", stderr: "" });
  expect(JSON.parse(readFileSync(join(folder, "report.json"), "utf8"))).toMatchObject({ summary: { findings: 1 } });
  expect(readdirSync(folder).sort()).toEqual(["a.yaml", "report.json"]);
});

test("a text report in a file has the errors too, and no colour", () => {
  const folder = cli.folder(input);
  const ran = cli.run(folder, ["check", "-o", "report.txt", "a.yaml", "nope.yaml"]);
  expect(ran).toMatchObject({ code: 2, stdout: "", stderr: "nope.yaml: expected a readable file or folder, found no such file\n" });
  const report = readFileSync(join(folder, "report.txt"), "utf8");
  expect(report).toContain("nope.yaml: expected a readable file or folder, found no such file\n");
  expect(report).toContain("must not be privileged");
  expect(report).not.toContain("\u001b");
});

test("an earlier report and the configuration are no inputs, so that a second run says the same", () => {
  const folder = cli.folder({ ...input, "config.yaml": "unknown: deny\n" });
  const run = (): string => {
    cli.run(folder, [...args, "--config", "config.yaml", "-o", "report.json", "."]);
    return readFileSync(join(folder, "report.json"), "utf8");
  };
  const first = run();
  expect(JSON.parse(first)).toMatchObject({ summary: { files: 1 }, notExamined: [] });
  expect(run()).toBe(first);
});

test("an existing file keeps its mode, and a link stays a link", () => {
  const folder = cli.folder({ ...input, "real.json": "old" });
  chmodSync(join(folder, "real.json"), 0o600);
  symlinkSync("real.json", join(folder, "link.json"));
  expect(cli.run(folder, [...args, "-o", "link.json", "a.yaml"]).code).toBe(1);
  expect(JSON.parse(readFileSync(join(folder, "real.json"), "utf8"))).toMatchObject({ version: 1 });
  expect(statSync(join(folder, "real.json")).mode & 0o777).toBe(0o600);
});

test("where it cannot be written, the report is not lost and the exit is 2", () => {
  const folder = cli.folder(input);
  mkdirSync(join(folder, "taken"));
  for (const output of ["nowhere/report.json", "taken"]) {
    const ran = cli.run(folder, [...args, "-o", output, "a.yaml"]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`${output}: expected a file that can be written, found`);
    expect(JSON.parse(ran.stdout)).toMatchObject({ summary: { findings: 1 } });
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "taken"]);
  }
});

test("an input is never overwritten", () => {
  const folder = cli.folder(input);
  const ran = cli.run(folder, [...args, "-o", "./a.yaml", "a.yaml"]);
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(readFileSync(join(folder, "a.yaml"), "utf8")).toBe(input["a.yaml"]);
});

test("what is no ordinary file is written to directly", () => {
  const folder = cli.folder(input);
  writeFileSync(join(folder, "b.yaml"), pod("b"));
  expect(cli.run(folder, [...args, "-o", "/dev/null", "b.yaml"])).toEqual({ code: 0, stdout: "", stderr: "" });
  expect(statSync("/dev/null").isFile()).toBe(false);
});
