import type { EvidenceLock, ImageScan } from "@bulkhead/core";
import { createEvaluator, readDocument, resolveRule } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { digest, exampleSource } from "../src/example-evidence";
import { rules } from "../src/index";

const scannedAt = "2026-04-02T10:30:15Z";
const day = 86_400_000;
const at = Date.parse(scannedAt);
const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { containers: [{ name: "a", image: `registry.example.com/app@${digest}` }] } };

function judge(now: number, scan: Partial<ImageScan> = {}, options: object = {}): readonly string[] {
  const rule = rules.find(({ id }) => id === "require-scan-evidence");
  if (rule === undefined) throw new Error("no such rule");
  const { settings } = resolveRule(rule, options as never, rule.id);
  if (settings === undefined) throw new Error("not configured");
  const scans: readonly ImageScan[] = [{ scanner: { name: "trivy", version: "0.70.0" }, scannedAt, vulnerabilities: {}, origin: { format: "trivy-json", name: "report.json", document: digest, trust: "local" }, ...scan }];
  const lock: EvidenceLock = { schemaVersion: 1, references: {}, images: { [digest]: { scans } } };
  const evaluator = createEvaluator([settings], { now, evidence: exampleSource(lock, {}) });
  return readDocument(pod).flatMap((model) => evaluator.evaluate(model).findings.map(({ message }) => message));
}

describe("the clock of require-scan-evidence", () => {
  test.each([
    ["60 days to the second", 60 * day, 0], ["less than a second more", 60 * day + 999, 0], ["one second more", 60 * day + 1000, 1], ["61 days", 61 * day, 1],
    ["at the scan", 0, 0], ["within the skew of the clocks, before it", -5 * 60_000, 0], ["a second more before it", -5 * 60_000 - 1000, 1], ["a day before it", -day, 1],
  ])("%s", (_, after, count) => {
    expect(judge(at + after)).toHaveLength(count);
  });

  test("one day with the option, and a skew of none", () => {
    expect(judge(at + day, {}, { maxAgeDays: 1 })).toHaveLength(0);
    expect(judge(at + day + 1000, {}, { maxAgeDays: 1 })).toHaveLength(1);
    expect(judge(at - 1000, {}, { clockSkewMinutes: 0 })).toHaveLength(1);
  });

  test.each(["2026-04-02T10:30:15Z", "2026-04-02T10:30:15.000Z", "2026-04-02T12:30:15+02:00", "2026-04-01T22:30:15-12:00", "2026-04-03T00:30:15+14:00"])("the same instant in any zone: %s", (instant) => {
    expect(judge(at + 60 * day, { scannedAt: instant })).toHaveLength(0);
    expect(judge(at + 60 * day + 1000, { scannedAt: instant })).toHaveLength(1);
  });

  test("a fraction of a second neither saves a scan nor costs it", () => {
    expect(judge(at + 60 * day, { scannedAt: "2026-04-02T10:30:15.999Z" })).toHaveLength(0);
    expect(judge(at + 60 * day + 1000, { scannedAt: "2026-04-02T10:30:15.999Z" })).toHaveLength(1);
  });

  test("the database is as old as it was when the image was scanned", () => {
    const built = (milliseconds: number): Partial<ImageScan> => ({ databaseBuiltAt: new Date(at - milliseconds).toISOString() });
    expect(judge(at + day, built(7 * day))).toHaveLength(0);
    expect(judge(at + day, built(7 * day + 1000))).toHaveLength(1);
    expect(judge(at + 59 * day, built(day))).toHaveLength(0);
  });

  test("a scan that is out of date does not count for a newer one that is from the future", () => {
    expect(judge(at, { scannedAt: new Date(at + day).toISOString() })[0]).toContain("dated in the future");
  });
});
