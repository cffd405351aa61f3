import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { UNKNOWN } from "@bulkhead/core";
import { afterAll, describe, expect, test } from "vitest";
import { formatInputError } from "../problem";
import type { SourceFile } from "../read";
import { readAll } from "../read";
import { parseDotenv } from "./dotenv";
import { substitute } from "./substitute";

const root = mkdtempSync(join(tmpdir(), "bulkhead-compose-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let counter = 0;

type Files = { readonly [name: string]: string };
function read(files: Files, name = "compose.yaml"): { readonly folder: string; readonly sources: readonly SourceFile[] } {
  const folder = join(root, String(counter++));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return { folder, sources: [...readAll([join(folder, name)])] };
}
function project(files: Files): { readonly [section: string]: { readonly [name: string]: unknown } } {
  const { sources } = read(files);
  expect(sources.flatMap(({ errors }) => errors)).toEqual([]);
  return sources[0]?.documents[0]?.value as never;
}
const service = (files: Files): unknown => project(files)["services"]?.["web"];
function problem(files: Files): string {
  const { folder, sources } = read(files);
  const errors = sources.flatMap((source) => source.errors);
  expect(errors).toHaveLength(1);
  return formatInputError(errors[0] as never).replaceAll(`${folder}/`, "");
}
const web = (rest = ""): string => `services:\n  web:\n    image: app\n${rest}`;

describe("variables", () => {
  const set: { readonly [name: string]: string } = { A: "a", EMPTY: "" };
  test.each([
    ["$A", "a"], ["${A}", "a"], ["x${A}y$$A", "xay$A"], ["${B:-d}", "d"], ["${B-d}", "d"], ["${EMPTY:-d}", "d"], ["${EMPTY-d}", ""], ["${A:-d}", "a"], ["${B:-${A}x}", "ax"], ["${A:+other}", "other"],
    ["${EMPTY:+other}", ""], ["${EMPTY+other}", "other"], ["${A:?needed}", "a"], ["${B:-a:b}", "a:b"], ["${B:-}", ""], ["${B:-{}}", "{}"],
  ])("%s is %s", (text, expected) => {
    expect(substitute(text, (name) => set[name])).toEqual({ text: expected });
  });

  test.each(["$B", "x${B}", "${B:?why}", "${B?why}", "${B:+x}", "${B+x}", "${C:-$B}", "$A$B", "${EMPTY:?why}"])("%s is unknown", (text) => {
    expect(substitute(text, (name) => set[name])).toEqual({ unknown: true });
  });

  test.each(["${", "$", "$1", "${}", "${A", "${A!x}", "${1}", "a $ b"])("%s is refused", (text) => {
    expect(substitute(text, () => undefined)).toHaveProperty("error");
  });

  test("come from .env only where it is there; without a value they are unknown, not empty", () => {
    const text = web('    privileged: ${PRIVILEGED}\n    user: "${USER_ID:-10001}"\n');
    expect(service({ "compose.yaml": text })).toEqual({ image: "app", privileged: UNKNOWN, user: "10001" });
    expect(service({ "compose.yaml": text, ".env": "PRIVILEGED=true # why not\nUSER_ID='0'\n" })).toEqual({ image: "app", privileged: "true", user: "0" });
  });

  test("the process's own environment is not read", () => {
    expect(service({ "compose.yaml": web("    hostname: ${PATH}\n") })).toEqual({ image: "app", hostname: UNKNOWN });
  });

  test("a long .env takes no longer than its length", () => {
    const started = performance.now();
    expect(parseDotenv("A=1\n\n".repeat(150_000))).toMatchObject({ variables: new Map([["A", "1"]]) });
    expect(parseDotenv("A=1\nB='x\n")).toMatchObject({ line: 2 });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test("of an environment stay references, whatever .env says", () => {
    const files = { "compose.yaml": web("    environment: {A: $SECRET, B: 'x-${SECRET}', C: '${D:-literal}', E: a$$b}\n    build: {context: ., args: ['T=${SECRET}']}\n"), ".env": "SECRET=hunter2\n" };
    expect(service(files)).toMatchObject({ environment: { A: "${SECRET}", B: "x-${SECRET}", C: "literal", E: "a$b" }, build: { args: ["T=${SECRET}"] } });
  });
});

test("an environment file as Compose reads it", () => {
  const text = "# comment\n\nexport A=1\nB: two\nC=\"a\\nb $A\"\nD='$A'\nE=x # comment\nF=a#b\n  G = g\nH=\"more\nlines\"\nI=${UNSET}\nJ=${A:-x}\nBARE\n";
  const result = parseDotenv(text);
  expect(Object.fromEntries("variables" in result ? result.variables : [])).toEqual({ A: "1", B: "two", C: "a\nb 1", D: "$A", E: "x", F: "a#b", G: "g", H: "more\nlines", J: "1" });
  expect(parseDotenv("A=1\n!x\n")).toMatchObject({ line: 2, expected: "NAME=value" });
  expect(parseDotenv("A='x\n")).toMatchObject({ line: 1, expected: "a closing quote" });
});

describe("files over each other", () => {
  test("lists are joined, maps merged, the later value wins, members of one target are one", () => {
    const files = {
      "compose.yaml": "services:\n  web:\n    image: app\n    cap_add: [CHOWN]\n    ports: ['80:80']\n    volumes: ['a:/a', './b:/b']\n    environment: {A: 1, B: 2}\n    command: [old]\n    networks: [x]\n    build: .\nvolumes: {a: {}}\nnetworks: {x: {}, y: {}}\n",
      "compose.override.yaml": "services:\n  web:\n    cap_add: [CHOWN, KILL]\n    ports: ['81:81']\n    volumes: [{type: bind, source: /etc, target: /b}]\n    environment: [B=3, C=4]\n    command: [new]\n    networks: {y: {aliases: [z]}}\n    build: {args: {V: 1}}\n    privileged: true\n",
    };
    expect(service(files)).toEqual({
      image: "app", cap_add: ["CHOWN", "KILL"], ports: ["80:80", "81:81"], volumes: ["a:/a", { type: "bind", source: "/etc", target: "/b" }], environment: ["A=1", "B=3", "C=4"], command: ["new"],
      networks: { x: null, y: { aliases: ["z"] } }, build: { context: ".", args: { V: 1 } }, privileged: true,
    });
  });

  test("!reset removes and !override replaces", () => {
    const files = { "compose.yaml": web("    ports: ['80:80']\n    cap_add: [CHOWN]\n    user: root\n"), "compose.override.yaml": "services:\n  web:\n    ports: !override ['127.0.0.1:80:80']\n    cap_add: !reset []\n    user: !reset null\n" };
    expect(service(files)).toEqual({ image: "app", ports: ["127.0.0.1:80:80"] });
  });

  test("documents of one file are files over each other", () => {
    expect(service({ "compose.yaml": `${web()}---\nservices:\n  web:\n    user: '1'\n` })).toEqual({ image: "app", user: "1" });
  });

  test("what cannot be merged is refused where it stands", () => {
    expect(problem({ "compose.yaml": web("    deploy: {mode: global}\n"), "compose.override.yaml": "services:\n  web:\n    deploy: [x]\n" })).toBe("compose.override.yaml:3:5: services.web.deploy: expected a mapping, as in what it is merged with, found a list");
  });
});

describe("extends and include", () => {
  test("a service of another file is below; what is nobody's is the service's own", () => {
    const files = { "compose.yaml": "services:\n  web:\n    extends: {file: base/common.yaml, service: base}\n    cap_drop: [ALL]\n", "base/common.yaml": "services:\n  root: {image: app, privileged: true}\n  base:\n    extends: root\n    cap_drop: [KILL]\n" };
    expect(service(files)).toEqual({ image: "app", privileged: true, cap_drop: ["KILL", "ALL"] });
    const { folder, sources } = read(files);
    const at = (...path: readonly string[]): object | undefined => sources[0]?.locate(0, ["services", "web", ...path]);
    expect(at("privileged")).toEqual({ line: 2, column: 22, file: join(folder, "base/common.yaml") });
    expect(at("read_only")).toEqual({ line: 2, column: 3 });
    expect(at("cap_drop", "1")).toBeDefined();
  });

  test("an included project has its own .env, and what this one says is above it", () => {
    const files = { "compose.yaml": "include: [db/compose.yaml]\nservices:\n  web: {image: app}\n", "db/compose.yaml": "services:\n  db: {image: 'db:${TAG}'}\n", "db/.env": "TAG=15\n", ".env": "TAG=16\n" };
    expect(project(files)["services"]).toEqual({ db: { image: "db:16" }, web: { image: "app" } });
  });

  test.each([
    ["a circle of services", { "compose.yaml": "services:\n  a: {extends: b}\n  b: {extends: a}\n" }, /^compose\.yaml:\d+:\d+: services\.[ab]\.extends: expected services that do not extend each other in a circle/],
    ["a circle of files", { "compose.yaml": "include: [b.yaml]\n", "b.yaml": "include: [compose.yaml]\n" }, /^b\.yaml:1:\d+: include\[0\]: expected files that do not include each other in a circle/],
    ["a service that is not there", { "compose.yaml": web("    extends: none\n") }, /^compose\.yaml:4:5: services\.web\.extends: expected a service that is there, found none of this name$/],
    ["a file that is not there", { "compose.yaml": web("    extends: {file: none.yaml, service: x}\n") }, /^compose\.yaml:4:5: services\.web\.extends: expected a file that can be read, found no such file$/],
    ["a variable that is none", { "compose.yaml": web("    user: '${hunter2'\n") }, /^compose\.yaml:4:5: services\.web\.user: expected variables such as \$NAME/],
    ["no image and no build", { "compose.yaml": "services:\n  web:\n    user: root\n" }, /^compose\.yaml:2:3: services\.web: expected an image or a build, found neither$/],
    ["a network that is not there", { "compose.yaml": web("    networks: [x]\n") }, /services\.web\.networks: expected one of the networks of this project/],
    ["two ways to a network", { "compose.yaml": web("    network_mode: host\n    networks: [default]\n") }, /expected either network_mode or networks, found both$/],
    ["services that wait for each other", { "compose.yaml": "services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, depends_on: [a]}\n" }, /found a circle$/],
    ["a list that is none", { "compose.yaml": web("    cap_drop: ALL\n") }, /^compose\.yaml:4:5: services\.web\.cap_drop: expected a list, found a single value$/],
    ["a misspelt section", { "compose.yaml": `${web()}volume: {a: {}}\n` }, /did you mean volumes\?$/],
  ] as const)("%s is refused", (_, files, expected) => {
    expect(problem(files)).toMatch(expected);
    expect(problem(files)).not.toContain("hunter2");
  });

  test("what is fetched first is not examined, and said", () => {
    const { sources } = read({ "compose.yaml": "include: ['https://example.com/app.git', 'oci://example.com/app']\nservices:\n  web: {extends: {file: 'git@example.com:app.git', service: x}, privileged: true}\n" });
    expect(sources[0]?.skipped.map(({ reason, holdsContainers }) => [reason.slice(0, 34), holdsContainers])).toEqual([["it includes a file from elsewhere,", true], ["it includes a file from elsewhere,", true]]);
    expect(sources[0]?.documents[0]?.value).toHaveProperty("services.web.extends");
  });

  test("a chain of services, and files that include much, stay small", () => {
    const chain = Array.from({ length: 199 }, (_, index) => `  s${index}: {extends: s${index + 1}}\n`).join("");
    expect(Object.keys(project({ "compose.yaml": `services:\n${chain}  s199: {image: x, cap_add: [A]}\n` })["services"] ?? {})).toHaveLength(200);
    expect(problem({ "compose.yaml": `services:\n${Array.from({ length: 300 }, (_, index) => `  s${index}: {extends: s${index + 1}}\n`).join("")}  s300: {image: x}\n` })).toMatch(/at most 200 services that extend one another/);
  });
});

describe("environment files", () => {
  test("give names, never values; one that is not there leaves the environment open", () => {
    const text = web("    environment: {A: own}\n    env_file: [app.env]\n");
    expect(service({ "compose.yaml": text, "app.env": "A=1\nDB_PASSWORD=hunter2\n" })).toEqual({ image: "app", environment: { A: "own", DB_PASSWORD: "${DB_PASSWORD}" } });
    expect(service({ "compose.yaml": text })).toEqual({ image: "app", environment: { A: "own" }, env_file: ["app.env"] });
    expect(service({ "compose.yaml": web("    env_file: [{path: app.env, required: false}]\n") })).toEqual({ image: "app", environment: {} });
  });
});

test("labels of a file stand below the service's own, with their values", () => {
  const labels = { "web.labels": "team=other\ntier='web'\n" };
  expect(service({ "compose.yaml": web("    label_file: [web.labels]\n    labels: {team: shop}\n"), ...labels })).toEqual({ image: "app", labels: { team: "shop", tier: "web" } });
  expect(service({ "compose.yaml": web("    label_file: web.labels\n    labels: [team=shop]\n"), ...labels })).toEqual({ image: "app", labels: ["team=shop", "tier=web"] });
  expect(service({ "compose.yaml": web("    label_file: none.labels\n") })).toEqual({ image: "app", label_file: "none.labels" });
});

describe("what is a project", () => {
  test("in a folder: included and merged files are judged once, parts of a project are said", () => {
    const { folder, sources } = read({
      "compose.yaml": `include: [db.yaml]\n${web()}`, "compose.override.yml": "services: {web: {user: '1'}}\n", "db.yaml": "services: {db: {image: db}}\n", "docker-compose.prod.yml": "services:\n  web:\n    restart: always\n",
      "app/services.yaml": "services:\n  _defaults:\n    autowire: true\n", "ci.yml": "services:\n  - docker:dind\n", "other.yaml": "version: '3'\nservices:\n  x:\n    image: x\n",
    }, ".");
    const name = (source: SourceFile): string => source.file.slice(folder.length + 1);
    expect(sources.flatMap(({ errors }) => errors)).toEqual([]);
    expect(sources.filter(({ documents }) => documents.length > 0).map(name)).toEqual(["compose.yaml", "other.yaml"]);
    expect(sources.flatMap((source) => source.skipped.map(({ reason }) => `${name(source)}: ${reason}`)).sort()).toEqual([
      "app/services.yaml: not a Kubernetes manifest, and no compose file", "ci.yml: not a Kubernetes manifest, and no compose file", 'docker-compose.prod.yml: a part of a project: its service "web" has no image and no build',
    ]);
  });

  test("flow style, JSON, and YAML's own scalars", () => {
    expect(read({ "a.json": '{"services": {"web": {"image": "app"}}}' }, "a.json").sources[0]?.documents).toHaveLength(1);
    expect(service({ "compose.yaml": "{services: {web: {image: app, privileged: yes, hostname: on}}}\n" })).toEqual({ image: "app", privileged: "yes", hostname: "on" });
    expect(service({ "compose.yaml": "x-base: &base\n  image: app\n  user: '1'\nservices:\n  web:\n    <<: *base\n    user: '2'\n" })).toEqual({ image: "app", user: "2" });
  });

  test("an alias bomb is refused, in no time", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `x-a${i}: &a${i} [${Array(10).fill(i === 0 ? "x" : `*a${i - 1}`).join(", ")}]`).join("\n");
    const start = performance.now();
    expect(problem({ "compose.yaml": `${levels}\n${web()}` })).toMatch(/aliases are followed/);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
