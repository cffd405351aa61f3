import type { AnyRule } from "@bulkhead/core";
import type { Framework } from "@bulkhead/rules";
import { networkOf } from "@bulkhead/network-policy";
import { coverageOf, exampleFlows, findFrameworks, frameworks, renderPage, rules as catalogue, ruleUrl } from "@bulkhead/rules";
import { choiceOf, Misuse, parseArguments, stringOf, suggest } from "./arguments";
import { findRule } from "./find-rule";
import type { Io } from "./io";

export const explainHelp = `bulkhead explain [RULE] [--framework NAME] [--format text|json]

Prints the page of a rule: what it asks for, why, when not to use it, and examples with their messages and fixes. Without RULE,
lists the rules.

  --framework NAME  the controls of a standard, and the rules that ask for them: ${frameworks.map(({ id }) => id).join(", ")};
                    the beginning of a name is enough
  --format FORMAT   text (default) or json
`;

const formats = ["text", "json"] as const;

/**
 * Loaded only when it is asked for: the pages, the examples and the standards are most of the catalogue.
 *
 * @throws Misuse
 */
export async function explain(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { framework: { type: "string" }, format: { type: "string" } });
  const format = choiceOf(parsed, "format", formats) ?? "text";
  const name = stringOf(parsed, "framework");
  const [id, second] = parsed.positionals;
  if (second !== undefined) throw new Misuse("explain takes one rule");
  if (name !== undefined && id !== undefined) throw new Misuse("explain takes a rule or --framework, not both");
  if (name !== undefined) await io.out(matrix(findFramework(name), format));
  else if (format === "json") await io.out(json(id === undefined ? catalogue.map(metadata) : metadata(findRule(id, catalogue))));
  else await io.out(id === undefined ? list() : page(findRule(id, catalogue)));
  return 0;
}

/** @throws Misuse for a name that means no framework, or several. */
function findFramework(name: string): Framework {
  const [framework, another] = findFrameworks(name);
  const ids = frameworks.map(({ id }) => id);
  if (framework === undefined) throw new Misuse(`unknown framework ${JSON.stringify(name)}${suggest(name, ids.flatMap((id) => [id, id.replace(/-[\d.]+$/, "")])) || `; there are ${ids.join(", ")}`}`);
  if (another !== undefined) throw new Misuse(`--framework ${JSON.stringify(name)} may be ${findFrameworks(name).map(({ id }) => id).join(" or ")}`);
  return framework;
}

function matrix(framework: Framework, format: (typeof formats)[number]): string {
  const controls = coverageOf(framework, catalogue);
  const { id, title, version } = framework;
  if (format === "json") return json({ framework: id, title, version, controls });
  const covered = controls.filter(({ rules }) => rules.length > 0).length;
  const width = Math.max(...controls.map(({ control }) => control.length)) + 2;
  const lines = controls.flatMap(({ control, title: name, rules, reason }) => [
    `${control.padEnd(width)}${name}`,
    `${" ".repeat(width)}${rules.length > 0 ? rules.join(", ") : `no rule${reason === undefined ? "" : `: ${reason}`}`}`,
  ]);
  return [`${title}, ${version}: ${covered} of ${controls.length} controls have rules`, "", ...lines, ""].join("\n");
}

function metadata(rule: AnyRule): object {
  const { id, title, severity, since, challenge, preset, frameworks: cited, why, remediation, whenNot } = rule;
  return { id, title, severity, since, challenge, preset, frameworks: cited, why, remediation, whenNot, fix: rule.fix !== undefined, url: ruleUrl(id) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The page without the remark for those who would edit its file. */
function page(rule: AnyRule): string {
  return renderPage(rule, networkOf(exampleFlows)).replace(/^<!--.*-->\n/, "");
}

function list(): string {
  const width = Math.max(0, ...catalogue.map(({ id }) => id.length)) + 2;
  return catalogue.map(({ id, severity, preset, title }) => `${id.padEnd(width)}${severity.padEnd(10)}${preset.padEnd(12)}${title}\n`).join("");
}
