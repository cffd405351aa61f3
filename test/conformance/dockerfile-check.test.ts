import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createEvaluator, dockerfileDocument, dockerfileType, readDocument, resolveRule } from "@bulkhead/core";
import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { sharedData } from "../e2e/support.ts";

const cases = join(sharedData, "buildkit-dockerfile/lint-cases.jsonl");

interface Row {
  readonly id: string;
  readonly warnings: readonly { readonly rule: string; readonly line: number }[];
  readonly text: string;
}

/** The rules here that ask for what a check of `docker build --check` asks for. */
const counterparts: { readonly [check: string]: readonly [string, ...string[]] } = {
  DuplicateStageName: ["distinct-stage-names"], ReservedStageName: ["distinct-stage-names"], JSONArgsRecommended: ["list-form-command"],
  MaintainerDeprecated: ["no-deprecated-form"], LegacyKeyValueFormat: ["no-deprecated-form"], UndefinedArgInFrom: ["declared-base-arguments"],
  WorkdirRelativePath: ["absolute-workdir"], MultipleInstructionsDisallowed: ["single-command"], SecretsUsedInArgOrEnv: ["no-image-secrets", "no-secret-build-args"],
};

const skipped = "a comment check=skip= is BuildKit's own: an exemption here needs an owner, a reason and an end";
const another = "the table's text is not the one that its warning is of";
const unwarned = "BuildKit's own test expects a warning for each; the table has lost them";
/** Why a verdict differs, by the case. */
const explained: { readonly [id: string]: string } = {
  "buildkit/testSecretsUsedInArgOrEnv/0": `${skipped}; and an empty variable holds no credential, while a public_token may be one`,
  "buildkit/testMaintainerDeprecated/3": skipped,
  "buildkit/testMaintainerDeprecated/4": skipped,
  "buildkit/testUndeclaredArg/7": another,
  "buildkit/testUndeclaredArg/8": another,
  "buildkit/testMultipleInstructionsDisallowed/0": unwarned,
  "buildkit/testMultipleInstructionsDisallowed/1": unwarned,
  "buildkit/testLegacyKeyValueFormat/2": "a stage that the target does not need is not built, and not judged",
};

describe.skipIf(!existsSync(cases))("docker build --check", () => {
  const rows = existsSync(cases) ? readFileSync(cases, "utf8").trim().split("\n").map((line): Row => JSON.parse(line)) : [];
  const ours = new Set(Object.values(counterparts).flat());
  const evaluator = createEvaluator(rules.filter(({ id }) => ours.has(id)).flatMap((rule) => resolveRule(rule, undefined, rule.id).settings ?? []));
  const first = (id: string): string => Object.values(counterparts).find((ids) => ids.includes(id))?.[0] ?? id;

  function found(text: string): readonly string[] {
    const result = dockerfileDocument(text);
    if ("error" in result) return [`line ${result.error.line} cannot be read: ${result.error.reason}`];
    const findings = readDocument(result.document, { type: dockerfileType, name: "Dockerfile" }).flatMap((model) => evaluator.evaluate(model).findings);
    return [...new Set(findings.map(({ rule, paths }) => `${first(rule.id)} ${result.lines[Number(paths[0]?.[1])]}`))].sort();
  }

  test("says of every case what the rules here say, or it is known why not", () => {
    const differences = rows.flatMap(({ id, warnings, text }) => {
      const expected = [...new Set(warnings.flatMap(({ rule, line }) => (counterparts[rule] === undefined ? [] : [`${counterparts[rule]?.[0]} ${line}`])))].sort();
      const here = found(text);
      return JSON.stringify(expected) === JSON.stringify(here) ? [] : [{ id, expected, here }];
    });
    const unexplained = differences.filter(({ id }) => explained[id] === undefined);
    const warned = rows.filter(({ warnings }) => warnings.some(({ rule }) => counterparts[rule] !== undefined)).length;
    process.stderr.write(`docker build --check: ${rows.length} cases, ${warned} with a warning that has a rule here; ${rows.length - differences.length} agree, ${differences.length} differ: ${differences.map(({ id }) => `${id.slice("buildkit/".length)} (${explained[id] ?? "unexplained"})`).join(", ")}\n`);
    expect(unexplained).toEqual([]);
    expect(Object.keys(explained).filter((id) => !differences.some((difference) => difference.id === id)), "explanations of what does not differ").toEqual([]);
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });
});
