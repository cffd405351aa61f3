import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnyRule, Evaluator, Model } from "@bulkhead/core";
import { createEvaluator, inventoryPart, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { readAll } from "../../packages/cli/src/read/read";
import { sharedData } from "../e2e/support.ts";
import { controls, dockerfile, type Meaning, ofTools, otherwise } from "./controls.ts";

/** A labelled case of another checker. */
export interface Case {
  readonly id: string;
  readonly source: string;
  readonly rule: string;
  readonly expected: "pass" | "fail";
  readonly kind: string;
  readonly control: string | null;
  readonly psa_agrees: boolean | null;
  readonly objects?: readonly unknown[] | null;
  readonly context_objects?: readonly unknown[] | null;
  readonly text?: string | null;
}

export const caseFolder = join(sharedData, "rule-cases");

export function readCases(): readonly Case[] {
  const files = existsSync(caseFolder) ? readdirSync(caseFolder).filter((name) => name.endsWith(".jsonl")).sort() : [];
  return files.flatMap((name) => readFileSync(join(caseFolder, name), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Case));
}

/** What a case's control means to us; undefined where nobody has said. */
export function meaningOf({ source, rule, control, kind }: Case): Meaning | undefined {
  if (kind === "dockerfile") return dockerfile;
  const said = (list: typeof ofTools): Meaning | undefined => list.find(([pattern]) => pattern.test(`${source} ${rule}`))?.[1];
  return said(ofTools) ?? (control === null ? undefined : controls[control]) ?? said(otherwise);
}

const evaluators = new Map<string, Evaluator>();

/** Every rule with the tool's options where it has some, with the ones of its examples where it must have one, at a latest cluster that is all there is. */
function evaluatorOf(meaning: Exclude<Meaning, string>): Evaluator {
  const key = JSON.stringify(meaning);
  const options = new Map<string, { readonly [option: string]: unknown } | undefined>(Array.isArray(meaning) ? meaning.map((id: string) => [id, undefined]) : Object.entries(meaning));
  const settings = rules.filter(({ id }) => options.has(id)).flatMap((rule) => resolveRule(rule, { ...rule.exampleOptions, ...options.get(rule.id) }, rule.id).settings ?? []);
  if (settings.length !== options.size) throw new Error(`${key}: ${settings.length} of ${options.size} rules can be run`);
  const made = evaluators.get(key) ?? createEvaluator(settings, { closedWorld: true, now: 0 });
  evaluators.set(key, made);
  return made;
}

export interface Judgement {
  readonly verdict: "pass" | "fail" | "undecided";
  readonly errors: readonly AnyRule[];
}

/** What the rules say of a case: `fail` where one of them has a finding, `undecided` where none has, and one cannot tell. */
export function judgeCase(row: Case, meaning: Exclude<Meaning, string>): Judgement {
  const { raw, evaluateInventory } = evaluatorOf(meaning);
  const own = modelsOf(row);
  const around = (row.context_objects ?? []).flatMap((object) => readDocument(object));
  const partsOf = (models: readonly Model[]) => models.flatMap((model) => inventoryPart(model) ?? []);
  const ownParts = partsOf(own);
  const outcomes = [...own.map(raw), ...evaluateInventory([...ownParts, ...partsOf(around)], undefined).filter(({ part }) => ownParts.includes(part)).map(({ outcome }) => outcome)];
  // The Dockerfile that a service is built from is not among what a case has, and no control here is about it.
  const [findings, open] = [outcomes.flatMap((outcome) => outcome.findings), outcomes.flatMap(({ undecided, notExamined }) => [...undecided, ...notExamined.filter(({ resource }) => resource.platform !== "dockerfile")])];
  return { verdict: findings.length > 0 ? "fail" : open.length > 0 ? "undecided" : "pass", errors: outcomes.flatMap(({ errors }) => errors.map(({ rule }) => rule)) };
}

function modelsOf({ kind, objects, text }: Case): readonly Model[] {
  if (kind !== "compose") return (objects ?? []).flatMap((object) => readDocument(object));
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-case-"));
  try {
    writeFileSync(join(folder, "compose.yaml"), text ?? "");
    return [...readAll([join(folder, "compose.yaml")])].flatMap(({ documents }) => documents.flatMap(({ value, address }) => readDocument(value, address)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
