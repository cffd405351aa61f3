import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Model } from "@bulkhead/core";
import { createEvaluator, readDocument, resolveRule, rulesOfPreset } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import { sharedData } from "../e2e/support.ts";
import { ourVerdict } from "./pods.ts";

interface Row {
  readonly file: string;
  readonly doc: number;
  readonly kind: string;
  readonly level?: string;
  readonly allowed: boolean;
  readonly failures?: readonly { readonly check: string }[];
}

function oracle(folder: string): readonly Row[] {
  const file = join(sharedData, folder, "psa-results.jsonl");
  const rows = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Row) : [];
  return rows.filter((row) => row.level === "restricted");
}

for (const folder of ["workloads", "pulumi-resources"]) if (oracle(folder).length === 0) process.stderr.write(`skipped for want of ../shared/data/${folder}: its Pod Security verdicts\n`);

const files = new Map<string, readonly Model[]>();

/** The model of a row, or nothing where its file is not there or cannot be read (a chart's template). */
function modelOf(row: Row): Model | undefined {
  const path = join(sharedData, "workloads", row.file);
  const known = files.get(path) ?? (existsSync(path) ? [...readAll([path])] : []).flatMap((source) => source.documents.flatMap(({ value, address, document }) => readDocument(value, address).map((model) => ({ ...model, document }))));
  files.set(path, known);
  return known.find((candidate) => (candidate as { readonly document?: number }).document === row.doc && candidate.resource.kind === row.kind);
}

function disagreement(row: Row, model: Model): readonly string[] {
  const ours = ourVerdict(model, "latest");
  const theirs = [...new Set((row.failures ?? []).map((failure) => failure.check))].sort();
  return ours.checks.join() === theirs.join() && ours.restricted === row.allowed ? [] : [`${row.file}#${row.doc}: ours ${ours.checks.join()}, theirs ${theirs.join()}`];
}

describe.skipIf(oracle("workloads").length === 0)("manifests of real projects", () => {
  const rows = oracle("workloads").map((row) => ({ row, model: modelOf(row) }));
  const read = rows.flatMap(({ row, model }) => (model === undefined ? [] : [{ row, model }]));

  test("each check of Pod Security says what our rules say", () => {
    process.stderr.write(`Pod Security on workloads: ${read.length} objects compared, ${rows.length - read.length} not read (chart templates, files that are not there)\n`);
    expect(read.flatMap(({ row, model }) => disagreement(row, model))).toEqual([]);
    expect(read.length).toBeGreaterThan(150);
  });

  test("argo-cd, ingress-nginx and kube-prometheus: what Pod Security allows at restricted gives no finding of `restricted`", () => {
    const { evaluate } = createEvaluator(rulesOfPreset(rules, "restricted").flatMap((rule) => resolveRule(rule, undefined, rule.id).settings ?? []));
    const allowed = read.filter(({ row }) => row.allowed && /^(argo-cd|ingress-nginx|kube-prometheus)\//.test(row.file));
    const alarms = allowed.flatMap(({ row, model }) => evaluate(model).findings.map((finding) => `${row.file}#${row.doc}: ${finding.message}`));
    process.stderr.write(`false alarms: ${alarms.length} findings of restricted on ${allowed.length} objects that Pod Security allows at restricted\n`);
    expect(alarms).toEqual([]);
    expect(allowed.length).toBeGreaterThan(60);
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
      different.push(...disagreement(row, model));
    }
    process.stderr.write(`Pod Security on Pulumi programs: ${compared} resources compared, ${absent} of programs that are not there\n`);
    expect(different).toEqual([]);
    expect(compared).toBeGreaterThan(20);
  });
});

/** The models with a pod in the resources of a program, in order. */
function podBearing(file: string): Model[] {
  const { resources } = JSON.parse(readFileSync(file, "utf8")) as { readonly resources: readonly { readonly type: string; readonly name: string; readonly inputs: unknown }[] };
  return resources.flatMap(({ type, name, inputs }) => (type.startsWith("kubernetes:") ? readDocument(inputs, { type, name }) : [])).filter((model) => model.subjects.some((subject) => subject.about === "pod"));
}
