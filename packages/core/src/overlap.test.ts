import { expect, test } from "vitest";
import type { Finding, Outcome } from "./outcome";
import { collapse } from "./overlap";

const resource = { platform: "kubernetes", kind: "Pod", name: "a" };
const finding = (id: string, overlaps: readonly string[], container: string): Finding => ({ rule: { id, overlaps }, resource, container, message: id, paths: [["spec", container]], also: [] }) as unknown as Finding;
const outcome = (findings: readonly Finding[]): Outcome => ({ findings, exempted: [], undecided: [], notExamined: [], errors: [] });

test("the most specific of three stands for the others, in its own container only", () => {
  const { findings } = collapse(outcome([finding("wide", [], "a"), finding("middle", ["wide"], "a"), finding("narrow", ["middle"], "a"), finding("wide", [], "b")]));
  expect(findings.map(({ rule, container, also }) => [rule.id, container, also.map(({ id }) => id)])).toEqual([["narrow", "a", ["wide", "middle"]], ["wide", "b", []]]);
});

test("thousands of containers take no longer than their number", () => {
  const started = performance.now();
  const findings = Array.from({ length: 30_000 }, (_, index) => [finding("wide", [], `c${index}`), finding("narrow", ["wide"], `c${index}`)]).flat();
  expect(collapse(outcome(findings)).findings).toHaveLength(30_000);
  expect(performance.now() - started).toBeLessThan(5000);
});
