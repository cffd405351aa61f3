import { describe, expect, test } from "vitest";
import type { AnyRule } from "../rule";
import type { JsonFinding, JsonReport } from "./shape";
import type { TextOptions } from "./text";
import { renderText } from "./text";

const rules = [{ id: "no-x", remediation: "Remove x from the pod, and then check that nothing else needed it." }] as unknown as readonly AnyRule[];
const finding = (more: Partial<JsonFinding> = {}): JsonFinding => ({
  rule: "no-x", severity: "critical", message: 'Pod "a" must not x', subject: { kind: "Pod", name: "a", namespace: "shop" },
  location: { file: "a.yaml", document: 0, path: "spec.x", line: 3, column: 5 }, frameworks: {}, also: [], ...more,
});
const report = (more: Partial<JsonReport> = {}): JsonReport => ({
  version: 1, summary: { files: 1, subjects: 2, findings: more.findings?.length ?? 0, undecided: more.undecided?.length ?? 0, exempted: 0, notExamined: more.notExamined?.length ?? 0, coverage: { examined: 1, of: 2 } },
  findings: [], undecided: [], exempted: [], notExamined: [], errors: [], notConfigured: [], ...more,
});
const text = (of: JsonReport, options: Partial<TextOptions> = {}): string => [...renderText(of, { color: false, ...options })].join("");

test("a finding has its resource, place, rules, advice and page", () => {
  const shown = text(report({ findings: [finding({ also: ["no-y"] })] }), { rules, url: (id) => `https://example.com/${id}` });
  expect(shown).toBe(`a.yaml
  Pod "shop/a"
    critical  Pod "a" must not x
              a.yaml:3:5  spec.x
              no-x (also no-y)  https://example.com/no-x
              Fix: Remove x from the pod, and then check that nothing else needed it.

1 file, 2 subjects (1 of 2 with containers examined): 1 finding (1 critical), 0 undecided, 0 exempted, 0 not examined, 0 not configured
`);
});

test("a file and a resource are named once for what follows each other", () => {
  const shown = text(report({ findings: [finding(), finding({ rule: "no-z" }), finding({ subject: { kind: "Pod", name: "b" }, location: { file: "a.yaml", document: 1, path: "spec.x" } })] }));
  expect(shown.match(/^a\.yaml$/gm)).toHaveLength(1);
  expect(shown.match(/^ {2}Pod "shop\/a"$/gm)).toHaveLength(1);
  expect(shown.match(/^ {2}Pod "b"$/gm)).toHaveLength(1);
});

test("what is open is listed and counted", () => {
  const shown = text(report({
    undecided: [{ rule: "no-x", message: 'Pod "a" cannot be judged by no-x: spec.x cannot be known yet', subject: { kind: "Pod", name: "a" }, location: { file: "a.yaml", path: "spec.x", line: 2, column: 1 } }],
    notExamined: [
      { rule: "pids", reason: "the kubelet's", kind: "Pod", name: "a", location: { file: "a.yaml", path: "spec" }, resources: 4 },
      { kind: "Widget", name: "w", reason: "no dialect reads it", location: { file: "w.yaml", line: 1, column: 1 } },
      { reason: "templates", location: { file: "chart/templates" } },
    ],
    notConfigured: [{ rule: "allowed", option: "registries" }],
    errors: [{ file: "bad.yaml", line: 1, column: 2, path: "spec", expected: "YAML", found: "a tab" }],
  }));
  for (const line of [
    'Pod "a" cannot be judged by no-x: spec.x cannot be known yet', "a.yaml:2:1  spec.x  no-x",
    "by pids: the kubelet's", "4 resources, the first at a.yaml  spec",
    '  no dialect reads it\n    w.yaml:1:1: Widget "w"', "  templates\n    chart/templates\n", "allowed: set registries", "bad.yaml:1:2: spec: expected YAML, found a tab",
  ]) expect(shown).toContain(line);
  expect(shown).toMatch(/: 0 findings, 1 undecided, 0 exempted, 3 not examined, 1 not configured, 1 error\n$/);
});

test("what was not examined for one reason is listed together, and cut where it is long", () => {
  const skipped = Array.from({ length: 23 }, (_, index) => ({ reason: "not a Kubernetes manifest", location: { file: `f${index}.json` } }));
  const shown = text(report({ notExamined: skipped }));
  expect(shown.match(/not a Kubernetes manifest/g)).toHaveLength(1);
  expect(shown).toContain("    f19.json\n    and 3 more; the JSON report lists them all\n");
  expect(shown).not.toContain("f20.json");
  expect(text(report({ notExamined: skipped.slice(0, 20) }))).not.toContain("more;");
});

test("errors are only counted where they are said elsewhere", () => {
  const shown = text(report({ errors: [{ file: "bad.yaml", expected: "YAML", found: "a tab" }] }), { errors: false });
  expect(shown).not.toContain("bad.yaml");
  expect(shown).toContain("1 error\n");
});

describe("terminals", () => {
  test("colour only where it is asked for", () => {
    expect(text(report({ findings: [finding()] }))).not.toContain("\u001b");
    expect(text(report({ findings: [finding()] }), { color: true })).toContain("\u001b[1;31mcritical");
  });

  test("a name cannot move the cursor or start a line", () => {
    const shown = text(report({ findings: [finding({ message: "a\u001b[2J\nb\u202ec" })] }));
    expect(shown).toContain("a\\u001b[2J\\u000ab\\u202ec");
  });

  test("long advice is wrapped at the width", () => {
    const shown = text(report({ findings: [finding()] }), { rules, width: 60 });
    expect(shown).toContain("Fix: Remove x from the pod, and then check\n              that nothing else needed it.\n");
  });
});
