import type { Editor, Slot } from "./edit";
import { insertLines } from "./block";
import { blockLines, valueLines } from "./render";
import { contentEnd, isInLines, lastLineEnd, rangeOf, withoutBreak } from "./tokens";

/** Puts a collection, in lines, where something else stands or nothing. */
export function replaceWithBlock(editor: Editor, slot: Slot, after: object): void {
  const { text, style } = editor;
  const { node, valueAt, column, kind } = slot;
  const margin = " ".repeat(column);
  if (kind === "root") {
    const [start, end] = node === undefined ? [valueAt, valueAt] : [rangeOf(node)[0], withoutBreak(text, contentEnd(node, text))];
    editor.splice(start, end, blockLines(after, style).join(style.eol));
    return;
  }
  if (kind === "item") {
    const begin = node === undefined ? valueAt : rangeOf(node)[0];
    const end = node === undefined ? valueAt : withoutBreak(text, contentEnd(node, text));
    editor.splice(begin, end, (node === undefined ? " " : "") + blockLines(after, style).join(`${style.eol}${margin}  `));
    return;
  }
  const lines = valueLines(after, style).map((line) => margin + line);
  if (node === undefined) {
    insertLines(editor, valueAt, lines);
    return;
  }
  const end = contentEnd(node, text);
  if (isInLines(node)) {
    editor.splice(valueAt, lastLineEnd(text, end), lines.map((line) => style.eol + line).join(""));
    return;
  }
  editor.splice(valueAt, rangeOf(node)[1], "");
  insertLines(editor, end, lines);
}
