import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { platforms } from "@bulkhead/core";
import { controlsOf, coverageOf, findFrameworks, frameworks, rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { root } from "./e2e/support.ts";

/** What each package may import at run time; relative files and Node's own modules go without saying. */
const allowed: { readonly [name: string]: readonly string[] } = {
  core: [],
  rules: ["@bulkhead/core"],
  "policy-pack": ["@bulkhead/core", "@bulkhead/image-evidence", "@bulkhead/network-policy", "@bulkhead/rules", "@pulumi/policy"],
  cli: ["@bulkhead/core", "@bulkhead/image-evidence", "@bulkhead/network-policy", "@bulkhead/rules", "js-yaml", "yaml"],
  "image-evidence": ["@bulkhead/core"],
  "network-policy": ["@bulkhead/core"],
  components: ["@pulumi/docker", "@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/pulumi/provider"],
};

function sources(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts")).map((file) => join(folder, file));
}

describe("packages", () => {
  test.each(Object.keys(allowed))("%s imports only what is below it", (name) => {
    const foreign = sources(join(root, "packages", name, "src")).flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from "([^."][^"]*)"/gms)].map((match) => match[1] ?? "").filter((module) => !module.startsWith("node:") && !allowed[name]?.includes(module)));
    expect(foreign).toEqual([]);
  });

  test("core and rules do no input or output", () => {
    const modules = ["core", "rules"].flatMap((name) => sources(join(root, "packages", name, "src")).flatMap((file) => [...readFileSync(file, "utf8").matchAll(/from "(node:[^"]+)"/g)].map((match) => match[1])));
    // node:assert is the test kit's, which nothing else imports.
    expect(new Set(modules)).toEqual(new Set(["node:path", "node:assert/strict"]));
    const importers = ["core", "rules", "policy-pack", "cli"].flatMap((name) => sources(join(root, "packages", name, "src")).filter((file) => !file.includes("_testing") && /from "[^"]*(_testing|node:assert)/.test(readFileSync(file, "utf8"))));
    expect(importers).toEqual([]);
  });

  test("the pack never loads the SDKs of what it judges", () => {
    const bundle = readFileSync(join(root, "packages/policy-pack/dist/main.js"), "utf8");
    // Four libraries in one file, which is loaded with the first signed document, and what evaluates policies in another.
    const signatures = ["./network.js", "./signatures.js", "./signatures.js", "./signatures.js", "./signatures.js"];
    expect([...bundle.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]).filter((module) => !module?.startsWith("node:")).sort()).toEqual([...signatures, "@pulumi/policy", "@pulumi/pulumi/proto/analyzer_pb"]);
  });

  test("no source file is longer than 300 lines, the generated list of rules aside", () => {
    const long = ["packages", "test"].flatMap((folder) => sources(join(root, folder)).filter((file) => !file.includes("node_modules") && !file.includes("/dist/") && file !== join(root, "packages/rules/src/index.ts"))).filter((file) => readFileSync(file, "utf8").split("\n").length > 301);
    expect(long).toEqual([]);
  });
});

describe("the catalogue", () => {
  const ids = rules.map((rule) => rule.id);
  const files = readdirSync(join(root, "packages/rules/src"), { recursive: true, encoding: "utf8" });

  test("each file's name is its rule's id", () => {
    const names = files.filter((file) => /^[^/_]+\/[^_/]+\.ts$/.test(file)).map((file) => file.replace(/^.*\/|\.ts$/g, ""));
    expect(names.sort()).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(rules.map((rule) => [rule.id, rule] as const))("%s is worded and complete", (_, rule) => {
    expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
    expect(rule.why).toMatch(/^[A-Z].*\.$/s);
    expect(rule.remediation).toMatch(/^[A-Z].*\.$/s);
    expect(rule.whenNot).toMatch(/^[A-Z].*\.$/s);
    // What is about the run stands in no document.
    if (!rule.about.includes("evidenceStore")) for (const platform of rule.platforms ?? platforms) {
      // A Dockerfile has no containers, and none of what stands around them.
      if (platform === "dockerfile" && !rule.about.some((about) => about === "image" || about === "buildStep" || about === "builtImage")) continue;
      expect(rule.examples[platform], `examples for ${platform}`).toBeDefined();
    }
  });

  test("every control that a rule cites is one of a framework, and is cited once", () => {
    for (const rule of rules) {
      for (const id of Object.keys(rule.frameworks)) {
        const framework = frameworks.find((candidate) => candidate.id === id);
        const cited = controlsOf(rule, id);
        expect(Object.keys(framework?.controls ?? {}), `${rule.id}: ${id}`).toEqual(expect.arrayContaining([...cited]));
        expect(new Set(cited).size, `${rule.id}: ${id}`).toBe(cited.length);
      }
    }
  });

  test.each(frameworks.map((framework) => [framework.id, framework] as const))("every control of %s has rules, a reason or neither, and is listed", (_, framework) => {
    const coverage = coverageOf(framework, rules);
    expect(coverage.map(({ control }) => control)).toEqual(Object.keys(framework.controls));
    for (const { control, rules: citing, reason } of coverage) if (citing.length > 0) expect(reason, control).toBeUndefined();
    for (const [prefix] of framework.reasons) expect(coverage.some(({ control }) => control === prefix || control.startsWith(`${prefix}.`)), prefix).toBe(true);
    expect(coverage.some(({ rules: citing }) => citing.length > 0)).toBe(true);
  });

  test("a control that was renumbered has the rules that cite its number before", () => {
    const rule = rules.find(({ id }) => id === "no-windows-host-process");
    if (rule === undefined) throw new Error("no rule no-windows-host-process");
    expect([controlsOf(rule, "cis-kubernetes-1.10"), controlsOf(rule, "cis-kubernetes-1.12")]).toEqual([["5.2.11"], ["5.2.10"]]);
    const [before, after] = ["cis-kubernetes-1.10", "cis-kubernetes-1.12"].map((id) => frameworks.find((framework) => framework.id === id)?.controls ?? {});
    expect(after?.["5.2.9"]).toBe(before?.["5.2.10"]);
    expect(after?.["5.6.4"]).toBe("The default namespace should not be used");
    expect(Object.values(after ?? {})).not.toContain(before?.["5.2.9"]);
    expect(Object.keys(after ?? {})).toHaveLength(13 + 12 + 2 + 2 + 1 + 4);
  });

  test("a framework is found by its name, the beginning of it, or another name", () => {
    const found = (name: string): readonly string[] => findFrameworks(name).map(({ id }) => id);
    expect(found("cis-docker")).toEqual(["cis-docker-1.6"]);
    expect(found("CIS-K8s")).toEqual(["cis-kubernetes-1.12"]);
    expect(found("cis-kubernetes-1.10")).toEqual(["cis-kubernetes-1.10"]);
    expect(found("owasp")).toEqual(["owasp-docker", "owasp-kubernetes-2025"]);
    expect(found("iso")).toEqual([]);
    expect(found("")).toEqual([]);
  });

  test("overlaps name rules, and never go round in a circle", () => {
    const overlaps = new Map(rules.map((rule) => [rule.id, rule.overlaps ?? []]));
    for (const named of [...overlaps.values()].flat()) expect(ids).toContain(named);
    const below = (id: string, path: readonly string[]): readonly string[] => {
      expect(path, `${path.join(" > ")} > ${id}`).not.toContain(id);
      return (overlaps.get(id) ?? []).flatMap((next) => [next, ...below(next, [...path, id])]);
    };
    for (const id of ids) below(id, []);
  });

  test("rules of the Pod Security Standards are in the preset of their level", () => {
    for (const rule of rules) if (rule.frameworks["pss"] !== undefined) expect(rule.preset, rule.id).toBe(rule.frameworks["pss"]);
  });
});
