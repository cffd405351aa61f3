import { rules } from "@bulkhead/rules";
import { describe, expect, test } from "vitest";
import { type Case, judgeCase, meaningOf, readCases } from "./cases.ts";
import { controls, type Meaning, ofTools, otherwise } from "./controls.ts";
import { type Explanation, explanations } from "./explanations.ts";

interface Scored {
  readonly row: Case;
  readonly agrees: boolean;
  readonly explanation: Explanation | undefined;
}

const rows = readCases();
if (rows.length === 0) process.stderr.write("skipped for want of ../shared/data/rule-cases: other people's cases\n");

describe.skipIf(rows.length === 0)("other people's cases", () => {
  const meanings = rows.map((row) => ({ row, meaning: meaningOf(row) }));
  const judged = meanings.flatMap(({ row, meaning }) => (meaning === undefined || typeof meaning === "string" ? [] : [{ row, ...judgeCase(row, meaning) }]));
  // Of what the Pod Security Standards define, only what its evaluator agrees with is scored.
  const scored: readonly Scored[] = judged.filter(({ row }) => row.psa_agrees !== false).map(({ row, verdict }) => {
    const agrees = verdict === row.expected;
    return { row, agrees, explanation: agrees ? undefined : explanations.find(({ cases, expected }) => expected === row.expected && cases.test(row.id)) };
  });

  test("every control is one of ours, or it is said why it is none", () => {
    expect([...new Set(meanings.filter(({ meaning }) => meaning === undefined).map(({ row }) => `${row.source} ${row.rule}`))]).toEqual([]);
    const none = new Map<string, number>();
    for (const { meaning } of meanings) if (typeof meaning === "string") none.set(meaning, (none.get(meaning) ?? 0) + 1);
    for (const [why, count] of [...none].sort(([, a], [, b]) => b - a)) process.stderr.write(`cases without a rule of ours: ${count}: ${why}\n`);
    expect(rows.length).toBeGreaterThan(4700);
  });

  test("no case makes a rule throw", () => {
    expect(judged.flatMap(({ row, errors }) => errors.map((rule) => `${row.id}: ${rule.id}`))).toEqual([]);
  });

  test("each disagreement is explained, and each explanation explains one", () => {
    for (const line of table(scored)) process.stderr.write(`${line}\n`);
    const count = (reason: string): number => scored.filter(({ explanation }) => explanation?.reason === reason).length;
    process.stderr.write(`cases: ${rows.length}, ${scored.length} scored, ${scored.filter(({ agrees }) => agrees).length} agree; ${["different control", "theirs is wrong", "their exception", "cannot be judged"].map((reason) => `${reason} ${count(reason)}`).join(", ")}; ${judged.length - scored.length} not scored, since Pod Security contradicts their label\n`);
    expect(scored.filter(({ agrees, explanation }) => !agrees && explanation === undefined).map(({ row }) => `${row.id} (${row.expected} expected)`)).toEqual([]);
    const used = new Set(scored.map(({ explanation }) => explanation));
    expect(explanations.filter((explanation) => !used.has(explanation)).map(({ cases, expected }) => `${cases} ${expected}`)).toEqual([]);
  });

  test("where Pod Security agrees with the label, so do we", () => {
    expect(scored.filter(({ row, agrees }) => row.psa_agrees === true && !agrees).map(({ row }) => row.id)).toEqual([]);
    expect(scored.filter(({ row }) => row.psa_agrees === true).length).toBeGreaterThan(1300);
  });
});

test("every rule that a control is said to be is in the catalogue", () => {
  const meanings: readonly Meaning[] = [...Object.values(controls), ...[...ofTools, ...otherwise].map(([, meaning]) => meaning)];
  const named = meanings.flatMap((meaning) => (typeof meaning === "string" ? [] : Array.isArray(meaning) ? (meaning as readonly string[]) : Object.keys(meaning)));
  expect([...new Set(named)].filter((id) => !rules.some((rule) => rule.id === id))).toEqual([]);
  expect(named.length).toBeGreaterThan(100);
});

/** Agreement by source and control, as it is printed. */
function table(scored: readonly Scored[]): readonly string[] {
  const counts = new Map<string, Map<string, { agree: number; explained: number }>>();
  for (const { row, agrees } of scored) {
    const control = row.control ?? "(none)";
    const bySource = counts.get(row.source) ?? new Map<string, { agree: number; explained: number }>();
    counts.set(row.source, bySource);
    const count = bySource.get(control) ?? { agree: 0, explained: 0 };
    bySource.set(control, count);
    count[agrees ? "agree" : "explained"] += 1;
  }
  return [...counts].sort().map(([source, controls]) => `${source}: ${[...controls].sort().map(([control, { agree, explained }]) => `${control} ${agree}/${agree + explained}`).join(", ")}`);
}
