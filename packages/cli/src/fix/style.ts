import type { Node } from "yaml";
import { isMap, isSeq, visit } from "yaml";
import type { Style } from "./render";

/** How a document is written, told from the first place that shows it. */
export function styleOf(text: string, root: Node | null): Style {
  const eol = /\r\n|\n/.exec(text)?.[0] === "\r\n" ? "\r\n" : "\n";
  const json = /^[{[]\s*([}\]"{[]|$)/.test(text.slice(root?.range?.[0] ?? 0).trimStart()) && /"\s*:/.test(text);
  if (json) return { json, unit: /[{[]\r?\n([ \t]+)/.exec(text)?.[1] ?? "", eol, shallowLists: false, padded: false, spaced: !/"\s*:(?=[^\s])/.test(text) || /"\s*:\s/.test(text) };
  let unit: number | undefined;
  let shallowLists: boolean | undefined;
  let padded: boolean | undefined;
  if (root !== null) {
    visit(root, {
      Map: (_, node) => {
        if (node.flow === true) {
          padded ??= node.items.length === 0 ? undefined : text[(node.range?.[0] ?? 0) + 1] === " ";
          return undefined;
        }
        const indent = indentOf(node);
        for (const { value } of node.items) {
          if (isMap(value) && value.flow !== true && unit === undefined) unit = indentOf(value) - indent;
          if (isSeq(value) && value.flow !== true) shallowLists ??= indentOf(value) === indent;
        }
        return unit !== undefined && shallowLists !== undefined && padded !== undefined ? visit.BREAK : undefined;
      },
    });
  }
  return { json, unit: " ".repeat(unit !== undefined && unit > 0 ? unit : 2), eol, shallowLists: shallowLists ?? false, padded: padded ?? true, spaced: true };
}

function indentOf(node: { readonly srcToken?: unknown }): number {
  const { srcToken } = node;
  return typeof srcToken === "object" && srcToken !== null && "indent" in srcToken && typeof srcToken.indent === "number" ? srcToken.indent : 0;
}
