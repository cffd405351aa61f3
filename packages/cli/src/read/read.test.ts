import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatInputError } from "./problem";
import { readAll, type SourceFile } from "./read";
import { readText } from "./file";
import { readJson } from "./json";
import { readYaml } from "./yaml";
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
    expect(errorOf("bomb.yaml", `apiVersion: v1\nkind: Pod\n${levels.join("\n")}\n`)).toMatch(/expected at most \d+ values, found .*aliases are followed/);
    expect(performance.now() - start).toBeLessThan(200);
  });

  test("an alias bomb that is small for a large file", () => {
    const levels = Array.from({ length: 7 }, (_, i) => `a${i}: &a${i} [${Array(10).fill(i === 0 ? "x" : `*a${i - 1}`).join(", ")}]`).join("\n");
    expect(errorOf("bomb.yaml", `${pod}${levels}\n`)).toMatch(/expected at most 20\d{4} values/);
    const [bomb, plain] = [`${levels.split("\n").slice(0, 5).join("\n")}\n`, "# one of many\n"];
    expect(readYaml(`${plain.repeat(10)}---\n${bomb}`, "-", 0)).toHaveProperty("documents");
    expect(readYaml(`---\n${bomb}`.repeat(400), "-", 0)).toHaveProperty("error");
  });

  test("anchors that repeat a large part are no bomb", () => {
    const base = Array.from({ length: 1000 }, (_, i) => `  k${i}: ${i}`).join("\n");
    expect(readYaml(`base: &b\n${base}\ncopies: [${Array(150).fill("*b").join(", ")}]\n`, "-")).toHaveProperty("documents");
  });

  test("many documents in a text that is read as a whole", () => {
    const result = readYaml("--- 1\n".repeat(160_000), "-");
    expect("documents" in result && result.documents.length).toBe(160_000);
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
    expect(errorOf("a.yaml", `${pod}---\napiVersion: v1\n`)).toBe("a.yaml:5:1: document 1: expected an object with apiVersion and kind, a compose file, or an exported Pulumi state, found an object with no kind");
  });

  test("duplicate keys", () => {
    expect(errorOf("a.yaml", `${pod}spec:\n  hostPID: false\n  hostPID: true\n`)).toMatch(/^a\.yaml:6:\d+: expected YAML, found duplicated? mapping key/);
    expect(errorOf("a.json", '{"apiVersion": "v1", "kind": "Pod",\n  "spec": {"a": 1, "a": 2}}')).toBe("a.json:2:20: expected each key once, found a duplicate key");
  });

  test("a state of a newer version", () => {
    expect(errorOf("state.json", '{"version": 5, "deployment": {"resources": []}}')).toBe("state.json:1:2: version: expected a state of version 1 to 4, found version 5");
  });

  test.each(["0", "2.5", "-1"])("a state of version %s", (version) => {
    expect(errorOf("state.json", `{"version": ${version}, "deployment": {"resources": []}}`)).toContain("expected a state of version 1 to 4");
  });

  test("a resource without a type", () => {
    expect(errorOf("state.json", '{"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:s::p::t::n"}]}}')).toBe("state.json:1:45: deployment.resources[0].type: expected a string, found nothing");
  });

  test("errors never quote the text", () => {
    for (const [name, text] of [["a.yaml", "password: hunter2\n  : [hunter2\n"], ["b.yaml", "a: 'hunter2\n"], ["c.json", '{"a": hunter2}'], ["d.yaml", "hunter2: 1\nhunter2: 2\n"], ["e.yaml", "a: !hunter2 x\n"], ["f.yaml", "a: *hunter2\n"], ["g.yaml", "a: !hunter2^ x\n"], ["h.yaml", "a: !<hunter2^> x\n"], ["i.yaml", "%TAG !hunter2! x\n%TAG !hunter2! x\n--- 1\n"], ["j.yaml", "a: !hunter2!x y\n"], ["k.yaml", "a: !!int hunter2\n"], ["l.yaml", "hunter2\n"], ["m.json", '{"hunter2": 1, "hunter2": 2}'], ["n.json", '"hunter2"']] as const) {
      expect(errorOf(name, text)).not.toContain("hunter2");
    }
  });

  test("a JSON string of many megabytes is read, and one that does not end is refused", () => {
    const text = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", data: { x: "x\n".repeat(10_000_000) } });
    expect(readJson(text, "-")).toHaveProperty("documents");
    expect(readJson(text.slice(0, -3), "-")).toHaveProperty("error");
  });

  test("a device that never ends", () => {
    expect(readText("/dev/zero", 100_000)).toEqual({ error: { file: "/dev/zero", expected: "at most 1 MiB", found: "more" } });
  });

  test("a file above the limit, and one at it", () => {
    const file = join(root, "limit.yaml");
    writeFileSync(file, "a: 12345\n");
    expect(readText(file, 8)).toHaveProperty("error.expected", "at most 1 MiB");
    expect(readText(file, 9)).toEqual({ text: "a: 12345\n" });
  });

  test("text in UTF-16 and with byte order marks", () => {
    for (const bytes of [Buffer.from(`\ufeff${pod}`), Buffer.from(`\ufeff${pod}`, "utf16le"), Buffer.from(`\ufeff${pod}`, "utf16le").swap16()]) {
      expect(read({ "a.yaml": bytes }, "a.yaml").sources.map((source) => source.documents.length)).toEqual([1]);
    }
  });

  test("a key __proto__ is a key", () => {
    for (const text of ['{"__proto__": {"kind": "Pod", "apiVersion": "v1"}}', "__proto__: {kind: Pod, apiVersion: v1}\n"]) expect(errorOf("a.yaml", text)).toContain("found an object with no kind");
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

  test("patches in subfolders and beside the overlay, and patches of a component, are no manifests", () => {
    const patch = "apiVersion: apps/v1\nkind: Deployment\n";
    const { folder, sources } = read({
      "base/kustomization.yaml": "resources: [pod.yaml]\n", "base/pod.yaml": pod, "a-shared/patch.yaml": patch,
      "overlay/kustomization.yml": "components: [../part]\npatchesStrategicMerge:\n- patches/one.yaml\n- |\n  kind: Inline\npatches: [{path: ../a-shared/patch.yaml}, {patch: 'kind: x'}]\n", "overlay/patches/one.yaml": patch,
      "part/kustomization.yaml": "kind: Component\npatchesJson6902: [{path: deep/er/two.json}]\n", "part/deep/er/two.json": "[]",
    });
    expect(sources.flatMap((source) => source.errors)).toEqual([]);
    const names = (kept: readonly SourceFile[]): readonly string[] => kept.map((source) => source.file.slice(folder.length + 1));
    expect(names(sources.filter((source) => source.read))).toEqual(["base/pod.yaml"]);
    expect(names(sources.filter((source) => source.skipped.length > 0))).toEqual(["overlay", "part"]);
  });

  test("a kustomization that cannot be parsed is an error, and one that is named is no manifest", () => {
    expect(read({ "kustomization.yaml": "patches: [\n" }).sources.flatMap((source) => source.errors)).toHaveLength(1);
    const { sources } = read({ "kustomization.yaml": "resources: []\n" }, "kustomization.yaml");
    expect(sources.map((source) => [source.errors.length, source.skipped.length])).toEqual([[0, 1]]);
  });

  test("a folder in a chart's templates is skipped, also where the path is relative", () => {
    const files = { "chart/Chart.yaml": "name: x\n", "chart/templates/sub/a.yaml": "{{ x }}\n" };
    for (const path of ["chart/templates", "chart/templates/sub"]) expect(read(files, path).sources.map((source) => [source.errors.length, source.skipped.length])).toEqual([[0, 1]]);
    const { folder } = read(files, "chart");
    const [source] = readAll([relative(process.cwd(), join(folder, "chart/templates/sub/a.yaml"))]);
    expect(source?.skipped[0]?.reason).toContain(`helm template ${relative(process.cwd(), join(folder, "chart"))} |`);
  });

  test("links: to files they are read, to folders elsewhere they are said, in a circle they are nothing", () => {
    const { folder } = read({ "a/pod.yaml": pod, "b/pod.yaml": pod });
    symlinkSync(join(folder, "b/pod.yaml"), join(folder, "a/link.yaml"));
    symlinkSync(join(folder, "b"), join(folder, "a/out"));
    symlinkSync(join(folder, "a"), join(folder, "a/circle"));
    const sources = [...readAll([join(folder, "a")])];
    expect(sources.filter((source) => source.read).map((source) => source.file.slice(folder.length))).toEqual(["/a/link.yaml", "/a/pod.yaml"]);
    expect(sources.filter((source) => source.skipped.length > 0).map((source) => source.file.slice(folder.length))).toEqual(["/a/out"]);
  });

  test("a file that is named twice is read once", () => {
    const { folder } = read({ "pod.yaml": pod });
    expect([...readAll([join(folder, "pod.yaml"), `${folder}/./pod.yaml`, folder])]).toHaveLength(1);
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
    expect(sources[0]?.documents).toEqual([{ value: { x: { y: 1 }, z: UNKNOWN, u: UNKNOWN }, address: { type: "t", urn: "urn:pulumi:s::p::t::a", name: "a", readBuildFile: expect.any(Function) }, basePath: ["deployment", "resources", 0, "inputs"], document: 0 }]);
    expect(sources[0]?.skipped).toHaveLength(1);
  });
});
