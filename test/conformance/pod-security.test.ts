import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "@bulkhead/core";
import { readDocument } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import { goodContainer, goodPod, merge, placeOf } from "../../packages/rules/src/example-documents";
import { roles } from "../../packages/rules/src/_testing/kinds";
import { missing, root, sharedData } from "../e2e/support.ts";
import { generatePods } from "./generator.ts";
import { compareWithEvaluator, known, type NamedPod, ourChecks, podOf, type Verdicts } from "./pods.ts";

interface Row {
  readonly file: string;
  readonly doc: number;
  readonly kind: string;
  readonly level?: string;
  readonly failures?: readonly { readonly check: string }[];
}

function oracle(folder: string): readonly Row[] {
  const file = join(sharedData, folder, "psa-results.jsonl");
  const rows = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
  return rows.filter((row) => row.level === "restricted");
}

describe.skipIf(oracle("workloads").length === 0)("manifests of real projects", () => {
  test("each check of Pod Security says what our rules say", () => {
    const rows = oracle("workloads");
    const files = new Map<string, readonly Model[]>();
    const models = (name: string): readonly Model[] => {
      const known = files.get(name);
      if (known !== undefined) return known;
      const found = [...readAll([join(sharedData, "workloads", name)])].flatMap((source) => source.documents.flatMap(({ value, address, document }) => readDocument(value, address).map((model) => ({ ...model, document }))));
      files.set(name, found);
      return found;
    };
    let compared = 0;
    let absent = 0;
    const different: string[] = [];
    for (const row of rows) {
      if (!existsSync(join(sharedData, "workloads", row.file)) || models(row.file).length === 0) {
        absent += 1;
        continue;
      }
      const model = models(row.file).find((candidate) => (candidate as { readonly document?: number }).document === row.doc && candidate.resource.kind === row.kind);
      if (model === undefined) {
        absent += 1;
        continue;
      }
      compared += 1;
      const [ours, theirs] = [ourChecks(model), known((row.failures ?? []).map((failure) => failure.check))];
      if (ours.join() !== theirs.join()) different.push(`${row.file}#${row.doc}: ours ${ours.join()}, theirs ${theirs.join()}`);
    }
    process.stderr.write(`Pod Security on workloads: ${compared} objects compared, ${absent} not read (chart templates, files that are not there)\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(150);
  });
});

describe.skipIf(oracle("pulumi-resources").length === 0)("resources of real Pulumi programs", () => {
  test("each check of Pod Security says what our rules say", () => {
    let compared = 0;
    let absent = 0;
    const different: string[] = [];
    // The rows of a program stand in the order of its resources; the index that they give is that of the document, always 0.
    const programs = new Map<string, Model[]>();
    const next = (row: Row): Model | undefined => {
      const file = join(sharedData, "pulumi-resources", row.file.replace(/^resources\//, ""));
      if (!programs.has(file)) programs.set(file, existsSync(file) ? podBearing(file) : []);
      return programs.get(file)?.shift();
    };
    for (const row of oracle("pulumi-resources")) {
      const model = next(row);
      if (model === undefined) {
        absent += 1;
        continue;
      }
      expect(model.resource.kind, row.file).toBe(row.kind);
      // The evaluator took the Patch for a whole Deployment; what a Patch leaves out is not examined by us.
      if (row.file.includes("field-manager-patch-resources")) continue;
      compared += 1;
      const [ours, theirs] = [ourChecks(model), known((row.failures ?? []).map((failure) => failure.check))];
      if (ours.join() !== theirs.join()) different.push(`${row.file}#${row.doc}: ours ${ours.join()}, theirs ${theirs.join()}`);
    }
    process.stderr.write(`Pod Security on Pulumi programs: ${compared} resources compared, ${absent} of programs that are not there\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(20);
  });
});

describe.skipIf(missing("psa-evaluator"))("the Pod Security evaluator itself", () => {
  const agree = async (what: string, pods: readonly NamedPod[], least: number): Promise<Verdicts> => {
    const verdicts = await compareWithEvaluator(pods);
    process.stderr.write(`the Pod Security evaluator on ${what}: ${verdicts.compared} pods compared, ${verdicts.different.length} differ, ${verdicts.unreadable} not readable\n`);
    expect(verdicts.different.slice(0, 10)).toEqual([]);
    expect(verdicts.compared).toBeGreaterThan(least);
    return verdicts;
  };

  test("judges every example, in every role, as the rules do", async () => {
    await agree("examples", examplePods(), 250);
  });

  test("judges its own fixtures as the rules do", async () => {
    await agree("its own fixtures", fixturePods(), 100);
  });

  test.skipIf(!existsSync(join(sharedData, "rule-cases")))("judges the pods of other checkers' cases as the rules do", async () => {
    await agree("other checkers' cases", casePods(), 1000);
  });

  test("judges generated pods as the rules do, each check often enough both ways", async () => {
    const seed = Number(process.env["BULKHEAD_SEED"] ?? 20260101);
    const { counts } = await agree(`generated pods (seed ${seed})`, generatePods(100_000, seed), 99_999);
    for (const [check, { forbidden, allowed }] of counts) {
      process.stderr.write(`  ${check}: ${forbidden} forbidden, ${allowed} allowed\n`);
      expect(forbidden, check).toBeGreaterThan(1000);
      expect(allowed, check).toBeGreaterThan(1000);
    }
  });
});

/** The pods that the evaluator's own tests hold, as far as they are written out: those of the newest version. */
function fixturePods(): readonly NamedPod[] {
  const folder = join(toolchainModule(), "test/testdata");
  if (!existsSync(folder)) return [];
  const newest = (level: string): string => readdirSync(join(folder, level)).filter((name) => name.startsWith("v1.")).sort((a, b) => Number(a.slice(3)) - Number(b.slice(3))).at(-1) ?? "";
  return ["baseline", "restricted"].flatMap((level) => [...readAll([join(folder, level, newest(level))])].flatMap((source) => source.documents.flatMap(({ value }) => podOf(source.file, value) ?? [])));
}

function toolchainModule(): string {
  const { stdout } = spawnSync("go", ["list", "-m", "-f", "{{.Dir}}", "k8s.io/pod-security-admission"], { cwd: join(root, "test/toolchain/go/psa-evaluator"), encoding: "utf8", env: { ...process.env, GOFLAGS: "-mod=mod -buildvcs=false" } });
  return stdout.trim();
}

function casePods(): readonly NamedPod[] {
  const folder = join(sharedData, "rule-cases");
  return readdirSync(folder).filter((name) => name.endsWith(".jsonl")).flatMap((name) => readFileSync(join(folder, name), "utf8").trim().split("\n").flatMap((line) => {
    const { id, objects = [] } = JSON.parse(line) as { readonly id: string; readonly objects?: readonly unknown[] | null };
    return (objects ?? []).flatMap((object) => podOf(id, object) ?? []);
  }));
}

/** The models with a pod in the resources of a program, in order. */
function podBearing(file: string): Model[] {
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { readonly resources: readonly { readonly type: string; readonly name: string; readonly inputs: unknown }[] };
  return resources.flatMap(({ type, name, inputs }) => (type.startsWith("kubernetes:") ? readDocument(inputs, { type, name }) : [])).filter((model) => model.subjects.some((subject) => subject.about === "pod"));
}

/** Each Kubernetes example of each rule, in a pod that is good otherwise; and combinations of the pod's and the container's own settings. */
function examplePods(): readonly { readonly name: string; readonly spec: object }[] {
  const pods: { readonly name: string; readonly spec: object }[] = [];
  for (const rule of rules) {
    for (const pair of [rule.examples.kubernetes ?? []].flat()) {
      for (const fragment of [pair.bad, pair.good].flat()) {
        const place = placeOf(rule, pair);
        if (place === "document") continue;
        if (place === "pod") pods.push({ name: rule.id, spec: { ...(merge(goodPod, fragment) as object), containers: [goodContainer] } });
        else for (const [role, build] of Object.entries(roles)) pods.push({ name: `${rule.id} ${role}`, spec: { ...goodPod, ...build(merge(goodContainer, fragment) as never, goodContainer) } });
      }
    }
  }
  const settings: readonly object[] = [{ runAsNonRoot: true }, { runAsNonRoot: false }, { runAsUser: 0 }, { runAsUser: 1 }, { seccompProfile: { type: "RuntimeDefault" } }, { seccompProfile: { type: "Unconfined" } }, {}];
  const bare = { name: "a", image: "x", securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
  for (const [index, pod] of settings.entries()) {
    for (const own of settings) {
      const container = { ...bare, securityContext: { ...bare.securityContext, ...own } };
      pods.push({ name: `pod ${JSON.stringify(pod)}, container ${JSON.stringify(own)}`, spec: { securityContext: pod, containers: [container], ...(index % 2 === 0 ? { initContainers: [{ ...bare, name: "init" }] } : {}) } });
    }
  }
  for (const procMount of ["Default", "Unmasked"]) for (const hostUsers of [true, false]) pods.push({ name: `procMount ${procMount}, hostUsers ${hostUsers}`, spec: { hostUsers, securityContext: { runAsUser: 0 }, containers: [{ ...bare, securityContext: { ...bare.securityContext, procMount } }] } });
  for (const os of ["linux", "windows"]) pods.push({ name: `os ${os}`, spec: { os: { name: os }, containers: [{ name: "a", image: "x" }] } });
  return pods;
}
