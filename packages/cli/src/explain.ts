import type { AnyRule } from "@bulkhead/core";
import { renderPage } from "@bulkhead/rules";
import { Misuse, parseArguments, suggest } from "./arguments";
import type { Io } from "./io";

export const explainHelp = `bulkhead explain [RULE]

Prints the page of a rule: what it asks for, why, what to do, and examples with their messages. Without RULE, lists the rules.
`;

/** @throws Misuse */
export async function explain(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const { positionals } = parseArguments(args, {});
  const [id, second] = positionals;
  if (second !== undefined) throw new Misuse("explain takes one rule");
  await io.out(id === undefined ? list(catalogue) : page(findRule(id, catalogue)));
  return 0;
}

/** @throws Misuse for an id that the catalogue does not have. */
export function findRule(id: string, catalogue: readonly AnyRule[]): AnyRule {
  const rule = catalogue.find((candidate) => candidate.id === id);
  if (rule !== undefined) return rule;
  throw new Misuse(`unknown rule ${JSON.stringify(id)}${suggest(id, catalogue.map((candidate) => candidate.id)) || "; `bulkhead explain` lists the rules"}`);
}

/** The page without the remark for those who would edit its file. */
function page(rule: AnyRule): string {
  return renderPage(rule).replace(/^<!--.*-->\n/, "");
}

function list(catalogue: readonly AnyRule[]): string {
  const width = Math.max(0, ...catalogue.map(({ id }) => id.length)) + 2;
  return catalogue.map(({ id, severity, preset, title }) => `${id.padEnd(width)}${severity.padEnd(10)}${preset.padEnd(12)}${title}\n`).join("");
}
