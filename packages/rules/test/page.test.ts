import { type AnyRule, type ExamplePair, type Fragment, isAboutExemptions, platforms, readExemptionSettings, readTerms } from "@bulkhead/core";
import { networkOf } from "@bulkhead/network-policy";
import { load } from "js-yaml";
import { describe, expect, test } from "vitest";
import { unifiedDiff } from "../src/diff";
import { exampleDocuments } from "../src/example-documents";
import { controlsOf, exampleFlows, frameworks, renderIndex, renderPage, rules } from "../src/index";
import { printYaml } from "../src/yaml";

const examples = (rule: AnyRule): readonly Fragment[] => platforms.flatMap((platform) => ([rule.examples[platform] ?? []].flat() as readonly ExamplePair[]).flatMap((pair) => [pair.bad, pair.good].flat() as readonly Fragment[]));

/** What `patch` makes of a text. */
function applied(text: string, diff: readonly string[]): string {
  const lines = text.trimEnd().split("\n");
  const result: string[] = [];
  let next = 0;
  for (const line of diff) {
    const start = /^@@ -(\d+),\d+ \+\d+,\d+ @@$/.exec(line)?.[1];
    if (start !== undefined) while (next < Number(start) - 1) result.push(lines[next++] ?? "");
    else if (line.startsWith("+")) result.push(line.slice(1));
    else {
      expect(lines[next]).toBe(line.slice(1));
      if (line.startsWith(" ")) result.push(line.slice(1));
      next += 1;
    }
  }
  return `${[...result, ...lines.slice(next)].join("\n")}\n`;
}

describe("YAML", () => {
  test("every example is read back as it was", () => {
    for (const example of rules.flatMap(examples)) expect(load(printYaml(example))).toEqual(example);
  });

  test.each([
    ["text that reads as something else", { a: "true", b: "null", c: "1", d: "0x1f", e: "1e3", f: "2027-03-31", g: "~", h: "", i: "yes", j: ".inf", k: "1:30" }],
    ["text with signs", { a: "a: b", b: "a #b", c: "- a", d: "a:", e: "*a", f: "&a", g: "[a]", h: "a\nb", i: "'a'", j: " a ", k: "a, b", l: "@a", m: "%a", n: "|", o: "!a", p: "{{a}}", q: "\u0000" }],
    ["keys", { "a b": 1, "a: b": 2, "exempt.bulkhead.dev/x": 3, true: 4, "": 5, "1": 6 }],
    ["nesting", { a: [], b: {}, c: [[1, [2]], [], {}], d: [{ e: [{ f: null }], g: 1.5 }], h: [null, true, -1] }],
  ])("%s is read back as it was", (_, value) => {
    expect(load(printYaml(value))).toEqual(value);
  });
});

test("a difference turns the one text into the other, with three lines around it", () => {
  const numbers = (change: (line: number) => readonly string[]): string => `${Array.from({ length: 30 }, (_, index) => change(index)).flat().join("\n")}\n`;
  const before = numbers((line) => [`${line}`]);
  const after = numbers((line) => (line === 0 ? [] : line === 12 ? ["12", "12.5"] : line === 29 ? ["thirty"] : [`${line}`]));
  const diff = unifiedDiff(before, after);
  expect(applied(before, diff)).toBe(after);
  expect(diff).toEqual([
    "@@ -1,4 +1,3 @@", "-0", " 1", " 2", " 3",
    "@@ -11,6 +10,7 @@", " 10", " 11", " 12", "+12.5", " 13", " 14", " 15",
    "@@ -27,4 +27,4 @@", " 26", " 27", " 28", "-29", "+thirty",
  ]);
  expect(unifiedDiff(before, before)).toEqual([]);
});

describe.each(rules.map((rule) => [rule.id, rule] as const))("the page of %s", (_, rule) => {
  const page = renderPage(rule, networkOf(exampleFlows));
  const isOfRun = rule.about.includes("evidenceStore");
  const section = (title: string): string => page.split(`\n## ${title}\n`)[1]?.split("\n## ")[0]?.trim() ?? "";

  test("says what it looks at, why, what to do, when not, and how to exempt", () => {
    expect(section("What it looks at")).toMatch(/^- (Kubernetes|Docker|Compose|Dockerfile|Every platform)(, [^:]+)?: /);
    expect(section("Why")).toBe(rule.why);
    expect(section("What to do")).toBe(rule.remediation);
    expect(section("When not to use it")).toBe(rule.whenNot);
    expect(section("Exemption")).toContain(isOfRun ? "turn the rule off" : rule.about.includes("exemption") ? "cannot be exempted" : `exempt.bulkhead.dev/${rule.id}: owner=`);
    for (const name of Object.keys(rule.options ?? {})) expect(section("Options")).toContain(`\`${name}\``);
  });

  test("has the real message of each bad example, and what the fix makes of it", () => {
    const bad = platforms.flatMap((platform) => ([rule.examples[platform] ?? []].flat() as readonly ExamplePair[]).flatMap((pair) => [pair.bad].flat()));
    expect(page.match(/^> .* must .*$/gm) ?? []).toHaveLength(bad.length);
    const fixes = page.match(/^```diff$/gm)?.length ?? 0;
    if (rule.fix === undefined) expect(fixes).toBe(0);
    else expect(fixes).toBeGreaterThan(0);
  });

  test.skipIf(isAboutExemptions(rule) || isOfRun)("has exemptions that are read as they stand", () => {
    const fences = new Map([...section("Exemption").matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language = "", text = ""]) => [language, text]));
    const read = (language: string): { readonly [key: string]: { readonly [key: string]: unknown } } => load(fences.get(language) ?? "{}") as never;
    const comment = fences.get("dockerfile");
    const written = [...Object.values(read("yaml")).flatMap((map) => Object.entries(map)), ...(comment === undefined ? [] : [comment.trim().slice(2).split(": ")])];
    expect(written.map(([name]) => name)).toEqual(written.map(() => `exempt.bulkhead.dev/${rule.id}`));
    for (const [, text] of written) expect(readTerms(String(text))).toEqual({ terms: { owner: "team-a", expires: "2027-03-31", reason: "why this one may" } });
    expect(written).toHaveLength((Object.keys(rule.examples).some((platform) => platform !== "dockerfile") ? 1 : 0) + (rule.examples.dockerfile === undefined ? 0 : 1));
    const configuration = read("json");
    const { problems, settings } = readExemptionSettings(configuration?.["bulkhead"] ?? {}, rules);
    expect([problems, settings.configured.map((exemption) => exemption.rules)]).toEqual([[], [[rule.id]]]);
  });

  test("names its controls by their titles", () => {
    for (const framework of frameworks) for (const control of controlsOf(rule, framework.id)) expect(section("Frameworks")).toContain(`| ${control} | ${framework.controls[control]} |`);
  });
});

test("examples are new documents each time: a fix that was shown changes none", () => {
  for (const rule of rules) {
    for (const platform of platforms) {
      for (const pair of [rule.examples[platform] ?? []].flat() as readonly ExamplePair[]) {
        const [bad] = [pair.bad].flat();
        if (bad === undefined) continue;
        const before = exampleDocuments(rule, platform, pair, bad);
        expect(exampleDocuments(rule, platform, pair, bad)).toEqual(before);
        expect(exampleDocuments(rule, platform, pair, bad)[0]?.value).not.toBe(before[0]?.value);
      }
    }
  }
});

test("the index lists each rule under its challenge, and each covered control with its rules", () => {
  const [list = "", matrices = ""] = renderIndex(rules).split("\n# Frameworks\n");
  for (const { id, challenge } of rules) {
    const challenged = list.split(`\n## ${challenge}: `)[1]?.split("\n## ")[0] ?? "";
    expect(challenged).toContain(`| [${id}](${id}.md) |`);
    expect(list.split(`[${id}](${id}.md)`)).toHaveLength(2);
  }
  expect(matrices).toMatch(/^\| 5\.5 \| Ensure that privileged containers are not used \| .*\[no-privileged\]\(no-privileged\.md\)/m);
  expect(matrices.match(/^## /gm)).toHaveLength(frameworks.length);
});
