import { describe, expect, test } from "vitest";
import { createLocator } from "./locate";
import { readYaml } from "./yaml";

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

describe("YAML as Kubernetes reads it", () => {
  test.each<readonly [string, unknown]>([
    ["yes", true], ["on", true], ["y", true], ["off", false], ["n", false], ["True", true], ["0644", 420], ["0o644", 420], ["0x1F", 31], ["1_000", 1000],
    ["-010", -8], ["08", 8], ["0_", 0], ["1__0", 10], ["_1", "_1"], ["-0x_1f", -31], ["+0b1_1", 3], ["00", 0], ["0x", "0x"], ["12:30:45", "12:30:45"], ["2026-01-01", "2026-01-01"], ["1e3", 1000], ["~", null], ["'yes'", "yes"], ["nope", "nope"],
  ])("%s", (text, value) => {
    expect(readYaml(`a: ${text}`, "-")).toMatchObject({ documents: [{ a: value }] });
  });

  test("merge keys, anchors and several documents", () => {
    expect(readYaml("base: &b {a: 1, b: 2}\nx:\n  <<: *b\n  b: 3\n---\nz: 1\n", "-")).toMatchObject({ documents: [{ x: { a: 1, b: 3 } }, { z: 1 }] });
  });

  test("a closing bracket that stands too far left, as kubectl accepts it", () => {
    expect(readYaml("a:\n  - args: [\n      x,\n  ]\n    b: 1\n", "-")).toMatchObject({ documents: [{ a: [{ args: ["x"], b: 1 }] }] });
  });
});

describe("lines that stand too far left", () => {
  const shallow = `${pod}spec:\n  containers:\n  - name: a\n    args: [\n      x,\n  ]\n    env: [\n  {name: b, value: c}]\n    image: i\n`;
  const path = (...keys: readonly (string | number)[]): readonly (string | number)[] => ["spec", "containers", 0, ...keys];

  test.each([["alone", ""], ["in a large text", `${`# ${"x".repeat(1000)}\n`.repeat(110)}---\n`]])("positions are those of the file (%s)", (_, before) => {
    expect(readYaml(before + shallow, "-")).toMatchObject({ documents: [{ spec: { containers: [{ args: ["x"], env: [{ name: "b" }], image: "i" }] } }] });
    const locate = createLocator(before + shallow);
    const lines = before.split("\n").length - 1;
    expect(locate(0, path("env", 0, "name"))).toEqual({ line: lines + 11, column: 4 });
    expect(locate(0, path("env", 0, "value"))).toEqual({ line: lines + 11, column: 13 });
    expect(locate(0, path("image"))).toEqual({ line: lines + 12, column: 5 });
    expect(locate(0, path("args"))).toEqual({ line: lines + 7, column: 5 });
  });

  test("the text of a block scalar is left as it is", () => {
    const json = "{\n  \"a\": {\n  }\n}\n";
    const text = `data: |\n${json.replace(/^(?=.)/gm, "  ")}list:\n  - args: [\n      x,\n  ]\n`;
    expect(readYaml(text, "-")).toMatchObject({ documents: [{ data: json, list: [{ args: ["x"] }] }] });
  });

  test("errors keep their column", () => {
    expect(readYaml("a:\n  - args: [\n      x,\n  ] }\n", "-")).toMatchObject({ error: { line: 4, column: 5 } });
  });
});

describe("a text read document by document", () => {
  const texts: readonly string[] = [
    "a: 1\n---\nb: 2\n", "---\na: 1\n---\nb: 2\n---\n", "# c\n---\na: 1\n", "\n\n# c\n\n--- # d\na: 1\n--- {b: 2}\n--- >\n text\n ---\n more\n", "a: |\n  ---\n  x\n---\nb: '---'\n", "---\n# only a comment\n---\na: 1\n", "---\n---\n---\n", "--- a\n---\n- 1\n- 2\n",
    "%YAML 1.1\n---\na: 1\n", "a: 1\n...\n---\nb: 2\n", "---a: 1\n", "a: &x 1\nb: *x\n---\nc: 1\n", "\ufeffa: 1\n---\nb: 2\n",
  ];

  test.each(texts)("%j gives what the whole gives", (text) => {
    const [whole, parts] = [readYaml(text, "-", Infinity), readYaml(text, "-", 0)];
    expect("documents" in parts ? parts.documents : "error").toEqual("documents" in whole ? whole.documents : "error");
  });

  test("errors keep their line", () => {
    expect(readYaml("a: 1\n---\nb: 2\n---\nc: [\n", "-", 0)).toEqual(readYaml("a: 1\n---\nb: 2\n---\nc: [\n", "-", Infinity));
  });

  test("positions in a large text are those of its documents", () => {
    const padding = `# ${"x".repeat(120_000)}\n`;
    const locate = createLocator(`${padding}---\na: 1\n---\nb:\n  - c: 1\n`);
    expect(locate(1, ["b", 0, "c"])).toEqual({ line: 6, column: 5 });
    expect(locate(0, ["a"])).toEqual({ line: 3, column: 1 });
  });
});
