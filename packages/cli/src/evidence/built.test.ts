import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const digest = `sha256:${"a".repeat(64)}`;
const resolved = { digest, resolvedAt: "2026-05-20T04:00:00Z" };
const lock = JSON.stringify({ schemaVersion: 1, references: { "registry.example.com/team/old:1": resolved }, images: { [digest]: {} } });
const manifest = (name: string, image: string): string => `${JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers: [{ name, image }] } })}\n`;
const compose = "services:\n  app: { image: registry.example.com/team/app:1, build: . }\n  worker: { image: registry.example.com/team/app:1 }\n  old: { image: registry.example.com/team/old:1 }\n";
const state = JSON.stringify({
  version: 3, deployment: {
    manifest: { time: "2026-05-20T04:00:00Z", magic: "", version: "" },
    resources: [{ urn: "urn:pulumi:dev::test::docker-build:index:Image::image", type: "docker-build:index:Image", custom: true, inputs: { tags: ["registry.example.com/team/state:1"], push: true } }],
  },
});
const files = { "bulkhead.evidence.json": lock, "a/compose.yaml": compose, "a/Dockerfile": "FROM scratch\n", "a/apps.yaml": [manifest("app", "registry.example.com/team/app:1"), manifest("state", "registry.example.com/team/state:1"), manifest("other", "registry.example.com/team/app:2")].join("---\n"), "a/stack.json": state };
const judge = (folder: string, ...args: readonly string[]) => {
  const { findings, undecided } = cli.json(folder, ["--rule", "require-scan-evidence", ...args]);
  return { findings: findings.map(({ subject }) => subject.name).sort(), undecided: undecided.map(({ subject }) => subject.name).sort() };
};

test("images that a compose file or a state builds are undecided wherever they are used, in whatever order they are given", () => {
  const folder = cli.folder(files);
  const expected = { findings: ["old", "other"], undecided: ["app", "state", "worker"] };
  expect(judge(folder, "a")).toEqual(expected);
  expect(judge(folder, "a/apps.yaml", "a/stack.json", "a/compose.yaml")).toEqual(expected);
  expect(judge(folder, "-f", "a/compose.yaml", "a/stack.json", "a/apps.yaml")).toEqual(expected);
  expect(judge(folder, "a/apps.yaml")).toEqual({ findings: ["app", "other", "state"], undecided: [] });
});

test("a build that comes by standard input counts too", () => {
  const folder = cli.folder({ "bulkhead.evidence.json": lock, "apps.yaml": manifest("app", "registry.example.com/team/app:1") });
  const { stdout } = cli.run(folder, ["check", "--format", "json", "--rule", "require-scan-evidence", "apps.yaml", "-"], { stdin: compose });
  const report = JSON.parse(stdout) as { readonly undecided: readonly { readonly message: string }[]; readonly findings: readonly unknown[] };
  expect(report.findings).toHaveLength(1);
  expect(report.undecided.map(({ message }) => message)).toEqual([expect.stringContaining("is built here"), expect.stringContaining("is built here")]);
});

test("evidence sync does not ask for what is built here, and prune keeps it", () => {
  const folder = cli.folder({ "compose.yaml": "services:\n  app: { image: registry.invalid/team/app:1, build: . }\n  worker: { image: registry.invalid/team/app:1 }\n", "bulkhead.evidence.json": JSON.stringify({ schemaVersion: 1, references: { "registry.invalid/team/app:1": resolved }, images: { [digest]: {} } }) });
  expect(cli.run(folder, ["evidence", "sync"])).toMatchObject({ code: 0, stderr: expect.stringContaining("registry.invalid/team/app:1: not asked for: it is built here") });
  expect(cli.run(folder, ["evidence", "prune", "compose.yaml"]).stdout).toBe("0 references, 0 images and 0 documents taken out\n");
});
