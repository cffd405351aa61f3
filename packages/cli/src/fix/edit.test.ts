import { describe, expect, test } from "vitest";
import type { Patch } from "@bulkhead/core";
import { applyPatches } from "@bulkhead/core";
import { readJson } from "../read/json";
import { readYaml } from "../read/yaml";
import { edit } from "./edit";
import { applySplices, same, unshared } from "./splice";

const set = (path: Patch["path"], value: unknown): Patch => ({ op: "set", path, value });
const remove = (...path: Patch["path"]): Patch => ({ op: "remove", path });

function documentsOf(text: string): readonly unknown[] {
  const json = readJson(text, "x");
  const result = "documents" in json ? json : readYaml(text, "x");
  if ("error" in result) throw new Error(JSON.stringify(result.error));
  return result.documents;
}

/** The text with patches of its first document applied; what it then says is what the patches say. */
function patched(text: string, ...patches: readonly Patch[]): string {
  const documents = documentsOf(text);
  const after = unshared(documents[0]);
  applyPatches(after, patches);
  const result = applySplices(text, edit(text, [{ document: 0, path: [], before: documents[0], after }]));
  expect(documentsOf(result)).toEqual([after, ...documents.slice(1)]);
  return result;
}

describe("block mappings", () => {
  test("a key is added at the end, with the indentation of its siblings, before comments that follow", () => {
    expect(patched("a:\n    b: 1 # one\n    # about the end\n\nc: 2\n", set(["a", "d"], true))).toBe("a:\n    b: 1 # one\n    d: true\n    # about the end\n\nc: 2\n");
  });

  test("missing parents are made", () => {
    expect(patched("a:\n  - name: x # c\n    image: y\n  - name: z\n", set(["a", 0, "s", "capabilities", "drop"], ["ALL"]))).toBe("a:\n  - name: x # c\n    image: y\n    s:\n      capabilities:\n        drop:\n          - ALL\n  - name: z\n");
  });

  test("lists stand as deep as those of the document", () => {
    expect(patched("a:\n- b: 1\n", set(["a", 0, "c"], ["x"]))).toBe("a:\n- b: 1\n  c:\n  - x\n");
  });

  test("what has no value yet is filled, whatever comment follows", () => {
    expect(patched("a: # why\nb: ~ # x\nc: null\n", set(["a", "x"], 1), set(["b", "z"], 2), set(["c"], 3))).toBe("a: # why\n  x: 1\nb: # x\n  z: 2\nc: 3\n");
  });

  test("a line is removed, the comments around it stay", () => {
    expect(patched("a:\n  # before\n  b: 1 # its own\n  # after\n  c: 2\n", remove("a", "b"))).toBe("a:\n  # before\n  # after\n  c: 2\n");
  });

  test("the last key of a mapping leaves an empty one", () => {
    expect(patched("a: # c\n  b:\n    - 1\nd: 2\n", remove("a", "b"))).toBe("a: {} # c\nd: 2\n");
    expect(patched("- b: 1\n- c: 2\n", remove(0, "b"))).toBe("- {}\n- c: 2\n");
  });

  test("a key that stands behind a dash is removed, the next one moves up", () => {
    expect(patched("- b: 1\n  c: 2\n", remove(0, "b"))).toBe("- c: 2\n");
    expect(patched("- b: 1\n  # about c\n  c: 2\n", remove(0, "b"))).toBe("-\n  # about c\n  c: 2\n");
  });

  test("the only key is removed and others are added", () => {
    expect(patched("x:\n  a:\n    p: true\n", remove("x", "a", "p"), set(["x", "a", "q"], false), set(["x", "a", "r"], 1), set(["x", "b"], 2))).toBe("x:\n  a:\n    q: false\n    r: 1\n  b: 2\n");
  });

  test("a block text before what is added keeps what it says", () => {
    expect(patched("a:\n  t: |\n    text\n\n\nb: 1\n", set(["a", "c"], 1))).toBe("a:\n  t: |\n    text\n  c: 1\n\n\nb: 1\n");
    expect(patched("a:\n  t: |+\n    text\n\n\nb: 1\n", set(["a", "c"], 1))).toBe("a:\n  t: |+\n    text\n\n\n  c: 1\nb: 1\n");
  });

  test("line ends, their absence at the end, and document separators stay", () => {
    expect(patched("a:\r\n  b: 1\r\n---\r\nc: 2\r\n", set(["a", "d"], [1]))).toBe("a:\r\n  b: 1\r\n  d:\r\n    - 1\r\n---\r\nc: 2\r\n");
    expect(patched("a:\n  b: 1", set(["a", "c"], 1))).toBe("a:\n  b: 1\n  c: 1");
  });

  test("quotes are kept, and put where a word would be something else", () => {
    expect(patched("a: 'x'\nb: \"x\"\nc: x\n", set(["a"], "it's"), set(["b"], "y"), set(["c"], "yes"), set(["d"], "pod-security.kubernetes.io/enforce"))).toBe("a: 'it''s'\nb: \"y\"\nc: \"yes\"\nd: pod-security.kubernetes.io/enforce\n");
  });
});

describe("lists", () => {
  test("members are removed and added one by one", () => {
    expect(patched("o:\n  - a # 1\n  - b\n  - c # 3\n", set(["o"], ["a", "c", "no-new-privileges:true"]))).toBe("o:\n  - a # 1\n  - c # 3\n  - no-new-privileges:true\n");
  });

  test("the last member leaves an empty list", () => {
    expect(patched("o:\n  - a\np: 1\n", set(["o"], []))).toBe("o: []\np: 1\n");
  });
});

describe("flow collections", () => {
  test("are edited in place, in their style", () => {
    expect(patched("a: {b: 1, c: [x, w]}\n", set(["a", "d"], { e: ["ALL"] }), set(["a", "c"], ["w", "z"]))).toBe("a: {b: 1, c: [w, z], d: {e: [ALL]}}\n");
    expect(patched("a: { b: 1, c: 2 } # x\n", remove("a", "c"), set(["a", "d"], 3))).toBe("a: { b: 1, d: 3 } # x\n");
    expect(patched("a: { b: 1 }\n", remove("a", "b"))).toBe("a: {}\n");
    expect(patched("a: {}\nb: []\n", set(["a", "b"], 1), set(["b", 0], "x"))).toBe("a: { b: 1 }\nb: [x]\n");
  });

  test("over several lines", () => {
    expect(patched("a: {\n  b: 1, # one\n  c: 2 # two\n}\n", set(["a", "d"], 3))).toBe("a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3\n}\n");
    expect(patched("a: {\n  b: 1, # one\n  c: 2, # two\n}\n", set(["a", "d"], 3))).toBe("a: {\n  b: 1, # one\n  c: 2, # two\n  d: 3,\n}\n");
    expect(patched("a: {\n  b: 1,\n  c: 2\n}\n", remove("a", "c"))).toBe("a: {\n  b: 1\n}\n");
  });
});

describe("JSON", () => {
  const of = (value: unknown, indent: number | string): string => `${JSON.stringify(value, null, indent)}\n`;
  test.each([2, 4, "\t", 0])("keeps its indentation (%j)", (indent) => {
    const value = { kind: "Pod", spec: { containers: [{ name: "a", s: {} }, { name: "b" }], x: [] } };
    const after = { kind: "Pod", spec: { containers: [{ name: "a", s: { drop: ["ALL"], a: false } }, { name: "b", s: { n: { d: [] } } }], x: [1], y: { z: null } } };
    const text = of(value, indent);
    expect(applySplices(text, edit(text, [{ document: 0, path: [], before: value, after }]))).toBe(of(after, indent));
    expect(applySplices(of(after, indent), edit(of(after, indent), [{ document: 0, path: [], before: after, after: value }]))).toBe(of(value, indent));
  });
});

describe("anchors and aliases", () => {
  test("an alias that means the same after the change stays", () => {
    expect(patched("a: &x\n  p: true\n  q: 1\nb: *x\n", remove("a", "p"), remove("b", "p"))).toBe("a: &x\n  q: 1\nb: *x\n");
  });

  test("one that would mean something else is written out", () => {
    expect(patched("a: &x\n  p: true\n  q: 1\nb: *x # c\n", remove("a", "p"))).toBe("a: &x\n  q: 1\nb: # c\n  p: true\n  q: 1\n");
    expect(patched("a: &x\n  p: true\n  q: 1\nb: *x\n", remove("b", "p"))).toBe("a: &x\n  p: true\n  q: 1\nb:\n  q: 1\n");
    expect(patched("a: &x { p: true }\nb: [*x, *x]\n", set(["b", 1, "p"], false))).toBe("a: &x { p: true }\nb: [*x, { p: false }]\n");
  });

  test("what a merge gives is overridden, or written out where it must go", () => {
    expect(patched("a: &x\n  p: true\nb:\n  <<: *x\n  r: 1\n", set(["b", "p"], false))).toBe("a: &x\n  p: true\nb:\n  <<: *x\n  r: 1\n  p: false\n");
    expect(patched("a: &x\n  p: true\n  q: 1\nb:\n  <<: *x\n  r: 1\n", remove("b", "p"))).toBe("a: &x\n  p: true\n  q: 1\nb:\n  r: 1\n  q: 1\n");
    expect(patched("a: &x\n  p: true\n  q: 1\nb:\n  <<: *x\n  r: 1\n", remove("b", "p"), remove("a", "p"))).toBe("a: &x\n  q: 1\nb:\n  <<: *x\n  r: 1\n");
  });

  test("an anchor that is removed is not missed", () => {
    expect(patched("a:\n  k: &x {z: 1}\n  l: 2\nb: *x\n", remove("a", "k"))).toBe("a:\n  l: 2\nb:\n  z: 1\n");
  });
});

/** Numbers from a seed: the same seed, the same documents. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Some members and keys go, some are added, some values are others. */
function mutate(value: unknown, random: (below: number) => number): unknown {
  if (Array.isArray(value)) {
    const members = value.filter(() => random(8) !== 0).map((member) => mutate(member, random));
    return random(8) === 0 ? [...members, ["new", { a: ["b"] }, true][random(3)]] : members;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).filter(() => random(8) !== 0).map(([key, member]) => [key, mutate(member, random)] as const);
    return Object.fromEntries(random(6) === 0 ? [...entries, ["added", [{ deep: { er: ["ALL"] } }, "s", false, {}][random(4)]]] : entries);
  }
  return random(12) === 0 ? ["other", 7, { m: 1 }, ["l"]][random(4)] : value;
}

const seed = Number(process.env["BULKHEAD_SEED"] ?? 1);

describe("random documents and changes", () => {
  test("only what is changed is touched, and the result says what it should", () => {
    const random = randomFrom(seed);
    const scalars = ["x", "'q'", '"d"', "1", "true", "~", "", "!!str 5", "a b # no", "http://x:80/y"];
    const comment = (): string => (random(5) === 0 ? " # c" : "");
    let lines: string[] = [];
    let anchors: string[] = [];
    const flowText = (depth: number): string => {
      const kind = depth > 2 ? 0 : random(4);
      if (kind === 1) return `{${random(2) === 0 ? " " : ""}${Array.from({ length: random(3) }, (_, index) => `k${index}: ${flowText(depth + 1)}`).join(", ")} }`;
      if (kind === 2) return `[${Array.from({ length: random(4) }, () => flowText(depth + 1)).join(", ")}]`;
      return ["x", "'q'", '"d"', "1", "true"][random(5)] as string;
    };
    const block = (margin: string, depth: number, prefix: string): void => {
      const isList = random(3) === 0;
      const count = 1 + random(4);
      for (let index = 0; index < count; index++) {
        const lead = `${index === 0 && prefix !== "" ? prefix : margin}${isList ? "- " : ""}`;
        if (random(8) === 0 && !(index === 0 && prefix !== "")) lines.push(`${margin}# about ${index}`);
        const key = isList ? "" : `k${index}: `;
        const kind = random(depth > 3 ? 5 : 8);
        if (kind >= 5) {
          const name = `n${anchors.length}`;
          const anchor = random(4) === 0 ? `&${name}` : "";
          if (anchor !== "") anchors.push(`(${name}`);
          if (isList && anchor === "") block(`${margin}  `, depth + 1, lead);
          else {
            lines.push(`${lead}${key}${anchor}`.trimEnd() + comment());
            block(`${margin}  `, depth + 1, "");
          }
          if (anchor !== "") anchors[anchors.indexOf(`(${name}`)] = name;
        } else if (kind === 4) lines.push(`${lead}${key}|${["", "+", "-"][random(3)]}`, `${margin}${isList ? "  " : "  "}text`, ...(random(2) === 0 ? [""] : []));
        else if (kind === 3) lines.push(`${lead}${key}${flowText(0)}${comment()}`);
        else if (kind === 2 && anchors.some((name) => !name.startsWith("("))) lines.push(`${lead}${key}*${anchors.filter((name) => !name.startsWith("("))[0]}`);
        else {
          const value = scalars[random(scalars.length)] as string;
          lines.push(`${lead}${key}${value}`.trimEnd() + (value === "" && isList ? "" : comment()));
        }
      }
    };
    let [made, changed, refused] = [0, 0, 0];
    for (let round = 0; round < 3000; round++) {
      lines = [];
      anchors = [];
      block("", 0, "");
      const eol = random(4) === 0 ? "\r\n" : "\n";
      const text = lines.join(eol) + (random(4) === 0 && !lines.some((line) => line.endsWith("+")) ? "" : eol);
      let before: readonly unknown[];
      try {
        before = documentsOf(text);
      } catch {
        continue;
      }
      const after = mutate(unshared(before[0]), random);
      made += 1;
      const what = `seed ${seed}, round ${round}\n${text}\n-> ${JSON.stringify(after)}`;
      const unchanged = edit(text, [{ document: 0, path: [], before: before[0], after: unshared(before[0]) }]);
      expect(unchanged, what).toEqual([]);
      if (same(before[0], after)) continue;
      changed += 1;
      const result = applySplices(text, edit(text, [{ document: 0, path: [], before: before[0], after }]));
      const read = documentsOf(result);
      // Where line breaks count, removing what follows may add some: the command then refuses the file.
      if (text.includes("|+") && !same(read, [after])) refused += 1;
      else expect(read, `${what}\n= ${result}`).toEqual([after]);
    }
    expect(made).toBeGreaterThan(2000);
    expect(changed).toBeGreaterThan(1500);
    expect(refused).toBeLessThan(changed / 100);
  });

  test("JSON is as its own writer would write it, whatever its indentation", () => {
    const random = randomFrom(seed);
    const make = (depth: number): unknown => {
      const kind = random(depth > 3 ? 4 : 7);
      if (kind < 4) return ["x", random(100), null, true][kind];
      if (kind === 4) return Array.from({ length: random(4) }, () => make(depth + 1));
      return Object.fromEntries(Array.from({ length: random(5) }, (_, index) => [`k${index}`, make(depth + 1)]));
    };
    for (let round = 0; round < 5000; round++) {
      const before = { k: make(0), l: make(0) };
      const after = mutate(before, random);
      const indent = [2, 4, "\t", 0][random(4)];
      const text = JSON.stringify(before, null, indent);
      const what = `seed ${seed}, round ${round}\n${text}`;
      expect(applySplices(text, edit(text, [{ document: 0, path: [], before, after }])), what).toBe(JSON.stringify(after, null, indent));
    }
  });
});
