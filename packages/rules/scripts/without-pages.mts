import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";
import ts from "typescript";

/** What only pages and tests read of a rule; three quarters of the catalogue's text. */
const pageOnly = new Set(["why", "whenNot", "examples", "exampleOptions"]);

/** A rule file without what only its page and its tests read: whoever judges need not load it. Lines stay where they are. */
export function withoutPageText(source: string): string {
  const file = ts.createSourceFile("rule.ts", source, ts.ScriptTarget.Latest, true);
  const cuts: (readonly [number, number])[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "defineRule" && node.arguments[0] !== undefined && ts.isObjectLiteralExpression(node.arguments[0])) {
      for (const member of node.arguments[0].properties) if (member.name !== undefined && ts.isIdentifier(member.name) && pageOnly.has(member.name.text)) cuts.push([member.getStart(), member.end]);
    } else ts.forEachChild(node, visit);
  };
  visit(file);
  let text = source;
  for (const [start, end] of cuts.reverse()) {
    const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
    text = text.slice(0, start) + text.slice(start, end + comma).replace(/[^\n]+/g, "") + text.slice(end + comma);
  }
  return text;
}

export const withoutPages: Plugin = {
  name: "without-pages",
  setup: ({ onLoad }) => onLoad({ filter: /rules[\\/]src[\\/][a-z]+[\\/][a-z][^\\/]*\.ts$/ }, ({ path }) => ({ contents: withoutPageText(readFileSync(path, "utf8")), loader: "ts" })),
};
