import type { AnyRule, ConfigProblem, Finding, JsonExempted, JsonReport, RuleError, Undecided } from "@bulkhead/core";
import { formatPath } from "@bulkhead/core";
import { rules, ruleUrl } from "@bulkhead/rules";

const catalogue = new Set(rules.map(({ id }) => id));

/** The page of a rule, where it has one. */
export function pageOf({ id, url }: AnyRule): string | undefined {
  return url ?? (catalogue.has(id) ? ruleUrl(id) : undefined);
}

/** The command line prints nothing but the message: subject, what must be, setting, remedy, rule and page. */
export function findingMessage({ message, paths, rule, also }: Finding): string {
  const others = also.length === 0 ? "" : ` (also ${also.map((general) => general.id).join(", ")})`;
  return [
    message,
    `  setting: ${paths.map(formatPath).filter((path) => path !== "").join(", ") || "the resource"}`,
    `  remedy: ${rule.remediation}`,
    `  rule: ${[rule.id + others, pageOf(rule)].filter((part) => part !== undefined).join(" ")}`,
  ].join("\n");
}

export function ruleErrorMessage({ rule, error, resource }: RuleError): string {
  return `the rule ${rule.id} failed and did not judge ${resource.kind} "${resource.name}" (${error}). This is a defect of the rule; the other rules were applied.`;
}

export function readErrorMessage(type: string, name: string, error: unknown): string {
  const kind = error instanceof Error ? error.name : typeof error;
  return `${type} "${name}" could not be read and was not judged (${kind}). This is a defect of the policy pack.`;
}

export function configurationMessage(problems: readonly ConfigProblem[]): string {
  return ["the configuration of the policy pack is refused:", ...problems.map(({ path, expected, found }) => `  ${path}: expected ${expected}, found ${found}`)].join("\n");
}

/** What several rules cannot decide for the same reason is said once. */
export function undecidedMessages(entries: readonly Undecided[]): readonly string[] {
  const groups = new Map<string, { readonly first: Undecided; readonly rules: AnyRule[] }>();
  for (const entry of entries) {
    const key = entry.paths.map(formatPath).join(" ");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: entry, rules: [entry.rule] });
    else if (!group.rules.includes(entry.rule)) group.rules.push(entry.rule);
  }
  return [...groups.values()].map(({ first, rules }) => {
    const ids = rules.map((rule) => rule.id).join(", ");
    return `${first.message.replace(`by ${first.rule.id}:`, `by ${ids}:`)}. What cannot be known yet is no pass; it is judged again at update.`;
  });
}

const listed = 10;
const named = 3;

/** What was exempted and not examined, by reason, what stands elsewhere, and what is not configured; or nothing. */
export function coverageMessage({ exempted, notExamined, notConfigured }: JsonReport, elsewhere: readonly Undecided[] = []): string | undefined {
  const reasons = new Map<string, string[]>();
  for (const { kind, name, rule, reason } of notExamined) {
    const key = rule === undefined ? reason : `${rule}: ${reason}`;
    const subjects = reasons.get(key) ?? [];
    reasons.set(key, rule === undefined ? [...subjects, `${kind} "${name}"`] : subjects);
  }
  const skipped = [...reasons].map(([reason, subjects]) => (subjects.length === 0 ? reason : `${list(subjects)}: ${reason}`));
  const options = notConfigured.map(({ rule, option }) => `${rule} needs the option ${option} and was not applied`);
  const lines = [...section("exempted:", exemptedLines(exempted)), ...section("not examined:", skipped), ...section("undecided, for what stands outside the program:", elsewhereLines(elsewhere)), ...section("not configured:", options)];
  return lines.length === 0 ? undefined : lines.join("\n");
}

/** Every use of an exemption, by exemption. */
function exemptedLines(entries: readonly JsonExempted[]): readonly string[] {
  const groups = new Map<string, Set<string>>();
  for (const { rule, owner, expires, reason, subject, source } of entries) {
    const key = `from ${rule} by ${owner} ${expires === "never" ? "without an end" : `until ${expires}`}${source === "code" ? "" : ", in the configuration"}: ${reason}`;
    const subjects = groups.get(key) ?? new Set();
    groups.set(key, subjects.add(`${subject.kind} "${subject.name}"`));
  }
  return [...groups].map(([key, subjects]) => `${list([...subjects])} ${key}`);
}

function elsewhereLines(entries: readonly Undecided[]): readonly string[] {
  const reasons = new Map<string, { readonly rules: Set<string>; readonly subjects: Set<string> }>();
  for (const { elsewhere = "", rule, resource } of entries) {
    const group = reasons.get(elsewhere) ?? { rules: new Set(), subjects: new Set() };
    reasons.set(elsewhere, group);
    group.rules.add(rule.id);
    group.subjects.add(`${resource.kind} "${resource.name}"`);
  }
  return [...reasons].map(([reason, { rules, subjects }]) => `${list([...subjects])} ${reason}: ${[...rules].sort().join(", ")}`);
}

function list(subjects: readonly string[]): string {
  const more = subjects.length > named ? ` and ${subjects.length - named} more` : "";
  return `${subjects.slice(0, named).join(", ")}${more}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > listed ? [`  and ${lines.length - listed} more`] : [];
  return [title, ...lines.slice(0, listed).map((line) => `  ${line}`), ...more];
}
