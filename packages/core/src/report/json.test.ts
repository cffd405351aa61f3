import { describe, expect, test } from "vitest";
import type { Model, Resource } from "../model/subject";
import type { Finding, Outcome } from "../outcome";
import type { AnyRule } from "../rule";
import { createReport } from "./json";

const rule = (id: string, more: Partial<AnyRule> = {}): AnyRule => ({ id, severity: "high", frameworks: {}, remediation: `Undo ${id}.`, ...more }) as AnyRule;
const resource = (name: string, more: Partial<Resource> = {}): Resource => ({ platform: "kubernetes", kind: "Pod", name, ...more });
const model = (more: Partial<Model> = {}): Model => ({ resource: resource("a"), subjects: [], holes: [], notExamined: [], holdsContainers: true, ...more });
const outcome = (more: Partial<Outcome> = {}): Outcome => ({ findings: [], exempted: [], undecided: [], notExamined: [], errors: [], ...more });
const finding = (id: string, path: Finding["paths"][number], more: Partial<Finding> = {}): Finding => ({
  rule: rule(id), resource: resource("a"), message: `must ${id}`, paths: [path], also: [], fix: () => undefined, ...more,
});
const namespaceSubject = { about: "namespace" } as Model["subjects"][number];

describe("findings", () => {
  test("carry the subject, the place and the rule, without absent values", () => {
    const report = createReport();
    const source = { file: "a.yaml", document: 2, basePath: ["items", 0], locate: () => ({ line: 7, column: 3 }) };
    const full = finding("x", ["spec", "hostPID"], {
      rule: rule("x", { frameworks: { pss: "baseline", cis: ["5.1", "5.2"] } }), container: "web",
      resource: resource("a", { namespace: "shop", urn: "urn:x" }), also: [rule("z"), rule("b")],
    });
    report.add(source, model(), outcome({ findings: [full] }));
    expect(report.finish({ files: 1 }).findings).toStrictEqual([{
      rule: "x", severity: "high", message: "must x",
      subject: { kind: "Pod", name: "a", namespace: "shop", container: "web", urn: "urn:x" },
      location: { file: "a.yaml", document: 2, path: "items[0].spec.hostPID", line: 7, column: 3 },
      frameworks: { pss: ["baseline"], cis: ["5.1", "5.2"] }, also: ["b", "z"],
    }]);
  });

  test("without a source have an empty place but the path", () => {
    const report = createReport();
    report.add({}, model(), outcome({ findings: [finding("x", ["user"])] }));
    expect(report.finish({ files: 0 }).findings[0]?.location).toStrictEqual({ path: "user" });
  });

  test("are sorted by file, document, path and rule, whatever the order they came in", () => {
    const entries = [["b.yaml", 0, "a", "r1"], ["a.yaml", 10, "a", "r1"], ["a.yaml", 2, "b", "r1"], ["a.yaml", 2, "a", "r2"], ["a.yaml", 2, "a", "r1"]] as const;
    const reportOf = (list: readonly (typeof entries)[number][]): unknown => {
      const report = createReport();
      for (const [file, document, path, id] of list) report.add({ file, document }, model(), outcome({ findings: [finding(id, [path])] }));
      return report.finish({ files: 2 });
    };
    const sorted = [...entries].reverse();
    expect(JSON.stringify(reportOf(entries))).toBe(JSON.stringify(reportOf(sorted)));
    const { findings } = reportOf(entries) as { findings: { rule: string; location: { file: string; document: number; path: string } }[] };
    expect(findings.map(({ location, rule: id }) => [location.file, location.document, location.path, id])).toEqual(sorted);
  });

  test("are located by the whole path, and nothing else is", () => {
    const asked: unknown[] = [];
    const report = createReport();
    const source = { file: "a", basePath: ["inputs"], locate: (path: unknown) => void asked.push(path) };
    report.add(source, model(), outcome());
    expect(asked).toEqual([]);
    report.add(source, model(), outcome({ findings: [finding("x", ["user"])] }));
    expect(asked).toEqual([["inputs", "user"]]);
  });
});

test("undecided verdicts are not findings", () => {
  const report = createReport();
  report.add({ file: "a" }, model(), outcome({ undecided: [{ rule: rule("x"), resource: resource("a"), message: "cannot be judged", paths: [["user"]] }] }));
  const { summary, findings, undecided } = report.finish({ files: 1 });
  expect([summary.findings, summary.undecided, findings]).toEqual([0, 1, []]);
  expect(undecided).toStrictEqual([{ rule: "x", message: "cannot be judged", subject: { kind: "Pod", name: "a" }, location: { file: "a", path: "user" } }]);
});

describe("what was not examined", () => {
  test("by a rule is said once for a reason, at the first place, with the number of resources", () => {
    const report = createReport();
    const entry = (name: string, reason: string) => outcome({ notExamined: [{ rule: rule("pids"), resource: resource(name), path: ["spec"], reason }] });
    report.add({ file: "b" }, model(), entry("b", "the kubelet's"));
    report.add({ file: "a" }, model(), entry("a", "the kubelet's"));
    report.add({ file: "c" }, model(), entry("c", "on Windows"));
    const { notExamined, summary } = report.finish({ files: 3 });
    expect(notExamined).toStrictEqual([
      { kind: "Pod", name: "a", location: { file: "a", path: "spec" }, reason: "the kubelet's", rule: "pids", resources: 2 },
      { kind: "Pod", name: "c", location: { file: "c", path: "spec" }, reason: "on Windows", rule: "pids", resources: 1 },
    ]);
    expect(summary.notExamined).toBe(2);
  });

  test("as a document is said each time, and skipped inputs are listed", () => {
    const report = createReport();
    for (const file of ["b", "a"]) report.add({ file }, model(), outcome({ notExamined: [{ resource: resource("a"), path: [], reason: "unread" }] }));
    report.skip({ location: { file: "chart/templates" }, reason: "templates", holdsContainers: true });
    const { notExamined } = report.finish({ files: 2 });
    expect(notExamined).toStrictEqual([
      { kind: "Pod", name: "a", location: { file: "a" }, reason: "unread" },
      { kind: "Pod", name: "a", location: { file: "b" }, reason: "unread" },
      { location: { file: "chart/templates" }, reason: "templates" },
    ]);
  });
});

describe("subjects and coverage", () => {
  const hole = (about: Model["holes"][number]["about"]): Model => model({ holes: [{ about, resource: resource("a"), label: "", path: [] }] });
  const unread = outcome({ notExamined: [{ resource: resource("a"), path: [], reason: "unread" }] });
  const byRule = outcome({ notExamined: [{ rule: rule("x"), resource: resource("a"), path: [], reason: "by rule" }] });
  const cases: readonly (readonly [string, Model, Outcome, readonly [number, number, number]])[] = [
    ["a pod", model(), outcome(), [1, 1, 1]],
    ["a namespace is a subject without containers", model({ holdsContainers: false, subjects: [namespaceSubject] }), outcome(), [1, 0, 0]],
    ["a Service is no subject", model({ holdsContainers: false }), outcome(), [0, 0, 0]],
    ["a document that is not examined", model(), unread, [1, 0, 1]],
    ["one rule that cannot be judged", model(), byRule, [1, 1, 1]],
    ["an unknown pod spec", hole(["pod", "container", "image", "volume"]), outcome(), [1, 0, 1]],
    ["one unknown list", hole(["volume"]), outcome(), [1, 1, 1]],
    ["an unknown list of containers", hole(["container", "image"]), outcome(), [1, 1, 1]],
  ];
  test.each(cases)("%s", (_, subject, judged, [subjects, examined, of]) => {
    const report = createReport();
    report.add({}, subject, judged);
    const { summary } = report.finish({ files: 1 });
    expect(summary).toMatchObject({ subjects, coverage: { examined, of } });
  });

  test("a skipped input lowers the coverage only where it holds containers", () => {
    const report = createReport();
    report.skip({ location: { file: "package.json" }, reason: "no manifest" });
    expect(report.finish({ files: 1 }).summary.coverage).toEqual({ examined: 0, of: 0 });
    report.skip({ location: { file: "chart" }, reason: "templates", holdsContainers: true });
    expect(report.finish({ files: 1 }).summary).toMatchObject({ subjects: 0, coverage: { examined: 0, of: 1 } });
  });
});

test("errors name the rule that failed and the place", () => {
  const report = createReport();
  report.error({ file: "z.yaml", line: 1, expected: "YAML", found: "a tab" });
  report.add({ file: "a.yaml", document: 1, locate: () => ({ line: 4, column: 1 }) }, model(), outcome({
    errors: [{ rule: rule("x"), resource: resource("a", { namespace: "shop" }), container: "web", error: "TypeError at x.js:1:2" }],
  }));
  expect(report.finish({ files: 2 }).errors).toStrictEqual([
    { file: "a.yaml", document: 1, line: 4, column: 1, rule: "x", expected: 'a verdict of x on container "web" of Pod "shop/a"', found: "a failure of the rule: TypeError at x.js:1:2" },
    { file: "z.yaml", line: 1, expected: "YAML", found: "a tab" },
  ]);
});

test("rules that are not configured are said once, by either way", () => {
  const report = createReport();
  report.notConfigured({ rule: rule("b"), option: "o" });
  report.notConfigured({ rule: rule("b"), option: "o" });
  const { notConfigured } = report.finish({ files: 0, notConfigured: [{ rule: rule("b"), option: "o" }, { rule: rule("a"), option: "p" }] });
  expect(notConfigured).toEqual([{ rule: "a", option: "p" }, { rule: "b", option: "o" }]);
});

test("an empty report has every list", () => {
  expect(createReport().finish({ files: 0 })).toStrictEqual({
    version: 1, summary: { files: 0, subjects: 0, findings: 0, undecided: 0, exempted: 0, notExamined: 0, coverage: { examined: 0, of: 0 } },
    findings: [], undecided: [], exempted: [], notExamined: [], errors: [], notConfigured: [],
  });
});
