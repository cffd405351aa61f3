import { existsSync } from "node:fs";
import { normalize } from "node:path";
import type { JsonBaselineEntry, JsonFinding, JsonReport, Path } from "@bulkhead/core";
import { describe, isObject, unknownKey } from "@bulkhead/core";
import { writeWhole } from "@bulkhead/image-evidence";
import { maxBytes, readText } from "./read/file";
import { readJson } from "./read/json";
import { createLocator } from "./read/locate";
import type { InputError } from "./read/problem";

/** Known findings: how many of each, by what they are. */
export type Baseline = ReadonlyMap<string, number>;

/** What was judged: only of that can be said that a finding no longer occurs. */
export interface Scope {
  /** Files that were read whole, as they were named. */
  readonly files: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
  readonly catalogue: ReadonlySet<string>;
}

const texts = ["rule", "file", "kind", "name", "namespace", "container", "urn", "path"] as const;
const needed: readonly string[] = ["rule", "file", "kind", "name"];
const keys = [...texts, "count"];

export function readBaseline(file: string): { readonly baseline: Baseline } | { readonly errors: readonly InputError[] } {
  const read = readText(file, maxBytes.json);
  if ("error" in read) return { errors: [read.error] };
  const result = readJson(read.text, file);
  if ("error" in result) return { errors: [result.error] };
  const [document] = result.documents;
  const errors: InputError[] = [];
  const locate = createLocator(read.text);
  const refuse: Refuse = (path, text, expected, found) => void errors.push({ file, ...locate(0, path), ...(text === "" ? {} : { path: text }), expected, found });
  if (!isObject(document)) return { errors: [{ file, expected: "a baseline, as --write-baseline writes it", found: describe(document) }] };
  if (document["version"] !== 1) refuse(["version"], "version", "1", typeof document["version"] === "number" ? String(document["version"]) : describe(document["version"]));
  const list = document["findings"];
  if (!Array.isArray(list)) refuse(["findings"], "findings", "a list of findings", describe(list));
  const baseline = new Map<string, number>();
  for (const [index, entry] of (Array.isArray(list) ? (list as readonly unknown[]) : []).entries()) {
    if (!isEntry(entry, index, refuse)) continue;
    const key = keyOf(entry);
    if (baseline.has(key)) refuse(["findings", index], `findings[${index}]`, "each finding once", "one that stands above already");
    baseline.set(key, entry.count ?? 1);
  }
  return errors.length > 0 ? { errors } : { baseline };
}

type Refuse = (path: Path, text: string, expected: string, found: string) => void;

function isEntry(entry: unknown, index: number, refuse: Refuse): entry is JsonBaselineEntry {
  const place = `findings[${index}]`;
  if (!isObject(entry)) {
    refuse(["findings", index], place, "a finding", describe(entry));
    return false;
  }
  let isRight = true;
  const wrong = (key: string, expected: string, found: string): void => {
    isRight = false;
    refuse(["findings", index, key], `${place}.${key}`, expected, found);
  };
  for (const key of Object.keys(entry)) {
    const { expected, found } = unknownKey("", key, keys);
    if (!keys.includes(key)) wrong(key, expected, found);
  }
  for (const key of texts) if (typeof entry[key] !== "string" && (entry[key] !== undefined || needed.includes(key))) wrong(key, "some text", describe(entry[key]));
  const count = entry["count"] ?? 1;
  if (!Number.isInteger(count) || Number(count) < 1) wrong("count", "a whole number from 1", typeof count === "number" ? String(count) : describe(count));
  return isRight;
}

/** Takes known findings out of a report. What is known and was not found, though it was looked for, is `gone`. */
export function applyBaseline(report: JsonReport, baseline: Baseline, scope: Scope): JsonReport {
  const left = new Map(baseline);
  const findings = report.findings.filter((finding) => {
    const key = keyOf(entryOf(finding));
    const known = left.get(key) ?? 0;
    if (known > 0) left.set(key, known - 1);
    return known === 0;
  });
  const gone = [...left].filter(([, count]) => count > 0).map(([key, count]) => counted(key, count)).filter((entry) => isJudged(entry, scope)).sort(inOrder);
  return { ...report, summary: { ...report.summary, findings: findings.length }, findings, baseline: { known: report.findings.length - findings.length, gone } };
}

export function baselineOf({ findings }: JsonReport): Baseline {
  const baseline = new Map<string, number>();
  for (const finding of findings) {
    const key = keyOf(entryOf(finding));
    baseline.set(key, (baseline.get(key) ?? 0) + 1);
  }
  return baseline;
}

/** What a baseline keeps once what is gone is taken out. */
export function withoutGone(baseline: Baseline, { baseline: applied }: JsonReport): Baseline {
  const rest = new Map(baseline);
  for (const { count = 1, ...entry } of applied?.gone ?? []) {
    const key = keyOf(entry);
    const kept = (rest.get(key) ?? 0) - count;
    if (kept > 0) rest.set(key, kept);
    else rest.delete(key);
  }
  return rest;
}

/** Writes a baseline, one finding a line and sorted, whole or not at all. @throws the file system's error */
export function writeBaseline(file: string, baseline: Baseline): void {
  const lines = [...baseline].map(([key, count]) => counted(key, count)).sort(inOrder).map((entry) => `\n  ${JSON.stringify(entry)}`);
  writeWhole(file, [`{\n"version": 1,\n"findings": [${lines.join(",")}${lines.length === 0 ? "" : "\n"}]\n}\n`]);
}

/** What a finding is, whatever the lines and the order of what is around it. */
function entryOf({ rule, subject, location }: JsonFinding): JsonBaselineEntry {
  const path = location.path?.replace(/\[\d+\]/g, "[]");
  return { rule, file: fileOf(location.file ?? ""), ...subject, ...(path === undefined ? {} : { path }) };
}

/** `./a.yaml` is `a.yaml`. */
export function fileOf(file: string): string {
  return file === "" ? file : normalize(file);
}

function keyOf(entry: JsonBaselineEntry): string {
  return JSON.stringify(texts.map((name) => entry[name] ?? null));
}

function counted(key: string, count: number): JsonBaselineEntry {
  const values = JSON.parse(key) as readonly (string | null)[];
  const entry = Object.fromEntries(texts.map((name, index) => [name, values[index]] as const).filter(([, value]) => value !== null));
  return { ...(entry as unknown as JsonBaselineEntry), ...(count > 1 ? { count } : {}) };
}

/** A file that was not given may hold its findings still; one that is not there any more cannot. */
function isJudged({ file, rule }: JsonBaselineEntry, { files, rules, catalogue }: Scope): boolean {
  if (catalogue.has(rule) && !rules.has(rule)) return false;
  return files.has(file) || (file !== "-" && file !== "" && !existsSync(file));
}

function inOrder(a: JsonBaselineEntry, b: JsonBaselineEntry): number {
  const [left, right] = [a, b].map((entry) => JSON.stringify([entry.file, entry.kind, entry.namespace ?? "", entry.name, entry.urn ?? "", entry.container ?? "", entry.path ?? "", entry.rule]));
  return (left ?? "") < (right ?? "") ? -1 : 1;
}
