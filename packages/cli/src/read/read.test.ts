import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatInputError } from "./problem";
import { readAll, type SourceFile } from "./read";
import { readJson } from "./json";
import { readYaml } from "./yaml";
import { createLocator } from "./locate";
import { UNKNOWN } from "@bulkhead/core";

const root = mkdtempSync(join(tmpdir(), "bulkhead-read-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let counter = 0;

/** Writes files into a new folder and reads it, or one path in it. */
function read(files: { readonly [name: string]: string | Buffer }, path?: string): { readonly folder: string; readonly sources: readonly SourceFile[] } {
  const folder = join(root, String(counter++));
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, sources: [...readAll([path === undefined ? folder : join(folder, path)])] };
}

/** The only error of one named file. */
function errorOf(name: string, text: string | Buffer): string {
  const { folder, sources } = read({ [name]: text }, name);
  const errors = sources.flatMap((source) => source.errors);
  expect(errors).toHaveLength(1);
  return formatInputError(errors[0] as never).replace(`${folder}/`, "");
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";

describe("bad input", () => {
  test("malformed YAML", () => {
    expect(errorOf("a.yaml", "apiVersion: v1\nkind: Pod\n  spec: {\n")).toMatch(/^a\.yaml:3:\d+: expected YAML, found /);
  });

  test("malformed JSON", () => {
    expect(errorOf("a.json", '{"apiVersion": "v1",\n "kind" "Pod"}')).toBe("a.json:2:9: expected :, found \"");
  });

  test("a truncated state", () => {
    expect(errorOf("state.json", '{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:a::b::c::d"')).toBe("state.json:1:76: expected , or }, found the end of the file");
  });

  test("an alias bomb, in no time", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${Array(10).fill(i === 0 ? "x" : `*a${i - 1}`).join(", ")}]`);
    const start = performance.now();
    expect(errorOf("bomb.yaml", `apiVersion: v1\nkind: Pod\n${levels.join("\n")}\n`)).toMatch(/expected at most 4000000 values, found .*aliases are followed/);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("an alias inside what it stands for", () => {
    expect(errorOf("cycle.yaml", `${pod}spec: &a {containers: [*a]}\n`)).toMatch(/expected (at most|YAML)/);
  });

  test("a binary file", () => {
    expect(errorOf("a.yaml", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]))).toBe("a.yaml: expected text, found a binary file (a NUL at offset 4)");
    expect(errorOf("b.yaml", Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toBe("b.yaml: expected text in UTF-8, found a binary file, or text in another encoding");
  });

  test("an unreadable path", () => {
    const folder = join(root, "links");
    mkdirSync(folder);
    symlinkSync(join(folder, "gone"), join(folder, "dangling.yaml"));
    const errors = [...readAll([join(folder, "none.yaml"), join(folder, "dangling.yaml")])].flatMap((source) => source.errors);
    expect(errors.map(({ expected, found }) => `${expected}: ${found}`)).toEqual(["a readable file or folder: no such file", "a readable file or folder: no such file"]);
  });

  test("an empty file", () => {
    expect(errorOf("a.yaml", "\n \n")).toBe("a.yaml: expected at least one document, found an empty file");
    expect(errorOf("b.yaml", "---\n---\n")).toBe("b.yaml: expected at least one document, found only empty ones");
  });

  test("a document without kind", () => {
    expect(errorOf("a.yaml", `${pod}---\napiVersion: v1\n`)).toBe("a.yaml: document 1: expected an object with apiVersion and kind, or an exported Pulumi state, found an object with no kind");
  });

  test("duplicate keys", () => {
    expect(errorOf("a.yaml", `${pod}spec:\n  hostPID: false\n  hostPID: true\n`)).toMatch(/^a\.yaml:6:\d+: expected YAML, found duplicated? mapping key/);
    expect(errorOf("a.json", '{"apiVersion": "v1", "kind": "Pod",\n  "spec": {"a": 1, "a": 2}}')).toBe("a.json:2:20: expected each key once, found a duplicate key");
  });

  test("a state of a newer version", () => {
    expect(errorOf("state.json", '{"version": 4, "deployment": {"resources": []}}')).toBe("state.json: version: expected a state of version 3 or older, found version 4");
  });

  test("a resource without a type", () => {
    expect(errorOf("state.json", '{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:s::p::t::n"}]}}')).toBe("state.json: deployment.resources[0].type: expected a string, found nothing");
  });

  test("errors never quote the text", () => {
    for (const [name, text] of [["a.yaml", "password: hunter2\n  : [hunter2\n"], ["b.yaml", "a: 'hunter2\n"], ["c.json", '{"a": hunter2}'], ["d.yaml", "hunter2: 1\nhunter2: 2\n"], ["e.yaml", "a: !hunter2 x\n"], ["f.yaml", "a: *hunter2\n"]] as const) {
      expect(errorOf(name, text)).not.toContain("hunter2");
    }
  });

  test("a bad file does not keep the others from being read", () => {
    const { sources } = read({ "a.yaml": "apiVersion: [", "b.yaml": pod });
    expect(sources.map((source) => [source.errors.length, source.documents.length])).toEqual([[1, 0], [0, 1]]);
  });

  test("a 5 MB manifest is read", () => {
    const one = `${pod}spec:\n  containers:\n  - name: web\n    image: nginx\n    args: [${Array(50).fill('"argument"').join(", ")}]\n---\n`;
    const { sources } = read({ "big.yaml": one.repeat(Math.ceil(5e6 / one.length)) });
    expect(sources[0]?.errors).toEqual([]);
    expect(sources[0]?.documents.length).toBeGreaterThan(7000);
  });
});

describe("YAML as Kubernetes reads it", () => {
  test.each<readonly [string, unknown]>([
    ["yes", true], ["on", true], ["y", true], ["off", false], ["n", false], ["True", true], ["0644", 420], ["0o644", 420], ["0x1F", 31], ["1_000", 1000],
    ["-010", -8], ["08", 8], ["12:30:45", "12:30:45"], ["2026-01-01", "2026-01-01"], ["1e3", 1000], ["~", null], ["'yes'", "yes"], ["nope", "nope"],
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

describe("JSON", () => {
  test.each(['{"a":1,}', "[1,]", '{"a" 1}', "{", '"a', "01", "tru", "[1 2]", "{} {}", '{"a":"\\x"}', "", "+1", "'a'", '{"a":1 "b":2}'])("%s is refused", (text) => {
    expect(() => JSON.parse(text) as unknown).toThrow();
    expect(readJson(text, "-")).toHaveProperty("error");
  });

  test.each(['{"a":{"b":[1,-2.5e3,true,null,"\\u00e9\\n"]}}', "[]", "{}", '"x"', " 1 ", '[{"a":1},{"a":2}]'])("%s is read", (text) => {
    expect(readJson(text, "-")).toMatchObject({ documents: [JSON.parse(text)] });
  });
});

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

  test("JSON", () => {
    expect(createLocator('{\n\t"a": [\n\t\t{"b": 1}\n\t]\n}')(0, ["a", 0, "b"])).toEqual({ line: 3, column: 4 });
  });
});

describe("folders", () => {
  test("chart templates and kustomize patches are said once, with the way to render them", () => {
    const { folder, sources } = read({
      "chart/Chart.yaml": "name: x\n", "chart/values.yaml": "a: 1\n", "chart/templates/a.yaml": "{{ .Values.x }}\n", "chart/templates/b.yaml": "kind: {{ x }}\n", "chart/crds/crd.yaml": pod,
      "overlay/kustomization.yaml": "kind: Kustomization\npatches: [{path: patch.yaml}]\nresources: [pod.yaml]\n", "overlay/patch.yaml": "kind: Deployment\n", "overlay/pod.yaml": pod,
      "values.yaml": "a: 1\n", ".hidden/pod.yaml": pod, "node_modules/x/pod.yaml": pod,
    });
    expect(sources.flatMap((source) => source.errors)).toEqual([]);
    expect(sources.filter((source) => source.documents.length > 0).map((source) => source.file.slice(folder.length + 1))).toEqual(["chart/crds/crd.yaml", "overlay/pod.yaml"]);
    const skipped = sources.flatMap((source) => source.skipped.map(({ reason }) => reason.replaceAll(folder, "")));
    expect(skipped).toEqual([
      "Helm chart templates are no manifests: judge what they make, with `helm template /chart | bulkhead check -`",
      "kustomize patches are partial: judge what they make, with `kustomize build /overlay | bulkhead check -`",
      "not a Kubernetes manifest",
    ]);
  });

  test("a template that is named is not malformed YAML", () => {
    const { sources } = read({ "chart/Chart.yaml": "name: x\n", "chart/templates/a.yaml": "{{ x }}\n" }, "chart/templates/a.yaml");
    expect(sources.map((source) => [source.errors.length, source.skipped.length])).toEqual([[0, 1]]);
  });
});

describe("a state", () => {
  const secret = (fields: object): object => ({ "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ...fields });

  test("secrets, unknown values and resources that are not the program's", () => {
    const resource = (name: string, fields: object): object => ({ urn: `urn:pulumi:s::p::t::${name}`, type: "t", ...fields });
    const state = { version: 3, deployment: { resources: [
      resource("a", { inputs: { x: secret({ plaintext: '{"y": 1}' }), z: secret({ ciphertext: "v1:abc" }), u: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" } }),
      resource("b", { external: true, inputs: {} }), resource("c", { delete: true, inputs: {} }),
    ] } };
    const { sources } = read({ "state.json": JSON.stringify(state) });
    expect(sources[0]?.documents).toEqual([{ value: { x: { y: 1 }, z: UNKNOWN, u: UNKNOWN }, address: { type: "t", urn: "urn:pulumi:s::p::t::a", name: "a" }, basePath: ["deployment", "resources", 0, "inputs"], document: 0 }]);
    expect(sources[0]?.skipped).toHaveLength(1);
  });
});
