import type { AnyRule, UnknownMode } from "@bulkhead/core";
import { builtReferences, composeType, createEvaluator, inventoryPart, readDocument, resolveRule } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { digest, exampleEvidence, exampleSource, imageOf } from "../src/example-evidence";
import { rules } from "../src/index";

const byDigest = ["require-scan-evidence", "no-severe-vulnerabilities", "require-image-signature", "require-provenance", "max-image-age", "no-moved-tag", "allowed-base-images"];
const now = Date.parse("2026-06-01T00:00:00Z");
const nothing = exampleSource({ schemaVersion: 1, references: {}, images: {} }, { release: { kind: "key", key: digest } });
const pod = (image: string): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "a", image, ports: [{ containerPort: 80, hostPort: 80 }] }] } });

function settingsOf(id: string, unknown: UnknownMode = "report") {
  const rule = rules.find((candidate): candidate is AnyRule => candidate.id === id);
  if (rule === undefined) throw new Error(`no rule ${id}`);
  const { settings } = resolveRule(rule, rule.exampleOptions as never, id, unknown);
  if (settings === undefined) throw new Error("not configured");
  return settings;
}

function judge(id: string, image: string, { builds = [] as readonly string[], evidence = exampleEvidence, unknown = "report" as UnknownMode } = {}) {
  const evaluator = createEvaluator([settingsOf(id, unknown)], { now, evidence, builtImages: new Set(builds) });
  const models = readDocument(pod(image));
  const outcomes = [...models.map(evaluator.evaluate), ...evaluator.evaluateInventory(models.flatMap((model) => inventoryPart(model) ?? [])).map(({ outcome }) => outcome), evaluator.evaluateConfiguration()];
  return { findings: outcomes.flatMap(({ findings }) => findings.map(({ message }) => message)), undecided: outcomes.flatMap((outcome) => outcome.undecided.map(({ message }) => message)) };
}

describe.each([...byDigest, "exposed-vulnerable-workload"])("%s, of an image that the program builds", (id) => {
  test("is undecided, with the advice; also where the lock knows the tag", () => {
    for (const image of ["registry.example.com/team/new:1", "registry.example.com/app:1.2.3", "registry.example.com/app:moved"]) {
      const { findings, undecided } = judge(id, image, { builds: [image] });
      expect(findings).toEqual([]);
      expect(undecided).toEqual([expect.stringContaining("names an image that is built here")]);
      expect(undecided[0]).toContain("once it is named by its digest");
    }
  });

  test("is a finding where what cannot be known is refused", () => {
    expect(judge(id, "registry.example.com/app:1.2.3", { builds: ["registry.example.com/app:1.2.3"], unknown: "deny" }).findings).toHaveLength(1);
  });

  test("is judged as ever by a digest, and by another tag", () => {
    const builds = ["registry.example.com/app:1"];
    for (const image of [`registry.example.com/app:1@${digest}`, "registry.example.com/app:2"]) expect(judge(id, image, { builds })).toEqual(judge(id, image));
    expect(judge(id, `registry.example.com/app@${digest}`, { builds }).undecided).toEqual([]);
  });
});

test.each(["require-scan-evidence", "require-image-signature", "require-provenance"])("%s refuses what is neither built nor in the lockfile", (id) => {
  expect(judge(id, "registry.example.com/app:1", { evidence: nothing }).findings).toHaveLength(1);
  expect(judge(id, "registry.example.com/app:1", { evidence: nothing, builds: ["registry.example.com/app:2", "registry.example.com/app"] }).findings).toHaveLength(1);
});

test("a tag that is left out is latest, and docker.io is filled in", () => {
  expect(judge("require-scan-evidence", "app", { evidence: nothing, builds: ["docker.io/library/app:latest"] }).findings).toEqual([]);
});

test("a program of which every image is built here misses no lockfile", () => {
  const evidence = { ...nothing, status: { kind: "missing", file: "bulkhead.evidence.json" } as const };
  const outcome = (builds: readonly string[]) => {
    const evaluator = createEvaluator([settingsOf("require-evidence-lockfile"), settingsOf("require-scan-evidence")], { now, evidence, builtImages: new Set(builds) });
    for (const model of readDocument(pod("registry.example.com/app:1"))) evaluator.evaluate(model);
    return evaluator.evaluateConfiguration().findings.length;
  };
  expect([outcome(["registry.example.com/app:1"]), outcome([])]).toEqual([0, 1]);
});

describe("what a document builds", () => {
  const of = (type: string, inputs: object): readonly string[] => builtReferences(readDocument(inputs, { type, name: "app" }));
  test.each([
    ["docker:index/image:Image", { imageName: "registry.example.com/app:1", build: { context: "." } }, ["registry.example.com/app:1"]],
    ["docker:index/remoteImage:RemoteImage", { name: "app", build: { context: ".", tags: ["app:2"] } }, ["docker.io/library/app:latest", "docker.io/library/app:2"]],
    ["docker:index/remoteImage:RemoteImage", { name: "app:1" }, []],
    ["docker:index/registryImage:RegistryImage", { name: "registry.example.com/app:1" }, ["registry.example.com/app:1"]],
    ["docker-build:index:Image", { tags: ["registry.example.com/app:1", "registry.example.com/app"], push: true }, ["registry.example.com/app:1", "registry.example.com/app:latest"]],
    ["docker-build:index:Index", { tag: "registry.example.com/app:1", sources: ["registry.example.com/app:1-arm64"] }, ["registry.example.com/app:1"]],
    ["docker:index/image:Image", { imageName: imageOf("x") }, []],
    [composeType, { services: { a: { image: "app:1", build: "." }, b: { image: "app:2" }, c: { build: "." } } }, ["docker.io/library/app:1"]],
  ])("%s %j", (type, inputs, references) => {
    expect(of(type, inputs)).toEqual(references);
  });
});
