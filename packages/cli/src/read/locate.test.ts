import { describe, expect, test } from "vitest";
import { createLocator } from "./locate";
import { readYaml } from "./yaml";

describe("locate", () => {
  const yaml = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - name: web\n      securityContext: {privileged: true}\n---\n# second\nkind: Pod\nspec: &s\n  hostPID: true\ncopy: *s\n";
  const locate = createLocator(yaml);

  test.each<readonly [number, readonly (string | number)[], number, number]>([
    [0, ["spec", "containers", 0, "securityContext", "privileged"], 6, 25],
    [0, ["spec", "containers", 0], 5, 7],
    [0, ["spec", "containers", 0, "image"], 5, 7],
    [0, ["spec", "hostPID"], 3, 1],
    [1, ["spec", "hostPID"], 11, 3],
    [1, ["copy", "hostPID"], 11, 3],
  ])("document %i, %j", (document, path, line, column) => {
    expect(locate(document, path)).toEqual({ line, column });
  });

  test("what a mapping merges, but for what it holds itself", () => {
    const merged = createLocator("b: &b {p: 1, q: 2}\nc: &c\n  r: 3\nx:\n  <<: [*b, *c]\n  q: 4\ny:\n  <<: *b\n");
    expect([merged(0, ["x", "p"]), merged(0, ["x", "q"]), merged(0, ["x", "r"]), merged(0, ["y", "q"]), merged(0, ["y", "none"])].map((at) => [at?.line, at?.column])).toEqual([[1, 8], [6, 3], [3, 3], [1, 14], [7, 1]]);
  });

  test("a missing key under many merges takes no time", () => {
    const levels = Array.from({ length: 40 }, (_, i) => `a${i}: &a${i} {<<: [${Array(5).fill(i === 0 ? "{}" : `*a${i - 1}`).join(", ")}]}`);
    const start = performance.now();
    expect(createLocator(levels.join("\n"))(0, ["a39", "none"])).toEqual({ line: 40, column: 1 });
    expect(performance.now() - start).toBeLessThan(200);
  });

  test("10,000 questions cost one parse", () => {
    const text = `items:\n${Array.from({ length: 10_000 }, (_, i) => `  - {kind: Pod, metadata: {name: p${i}}}\n`).join("")}`;
    const many = createLocator(text);
    const start = performance.now();
    many(0, []);
    const once = performance.now() - start;
    for (let i = 0; i < 10_000; i++) expect(many(0, ["items", i, "kind"])?.line).toBe(i + 2);
    expect(performance.now() - start).toBeLessThan(once + 1500);
  });

  test("JSON", () => {
    expect(createLocator('{\n\t"a": [\n\t\t{"b": 1}\n\t]\n}')(0, ["a", 0, "b"])).toEqual({ line: 3, column: 4 });
  });

  test("keys of every style, in a text that is parsed for the position or was before", () => {
    const text = `plain key: {a: 1}\n'it''s': {a: 1}\n"tab\\t": {a: 1}\n? |+\n  block\n\n: {a: 1}\n? >-\n  folded\n  lines\n: {a: 1}\n`;
    const result = readYaml(text, "-");
    expect(result).toHaveProperty("parsed");
    const keys = ["plain key", "it's", "tab\t", "block\n\n", "folded lines"];
    for (const locate of [createLocator(text), createLocator(text, "parsed" in result ? result.parsed : undefined)]) {
      expect(keys.map((key) => locate(0, [key, "a"])?.line)).toEqual([1, 2, 3, 7, 11]);
    }
  });
});
