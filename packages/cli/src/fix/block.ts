import type { Action, Editor, Slot } from "./edit";
import { itemLines, pairLines } from "./render";
import { beginsLine, lastLineEnd, lineStart, previousLineEnd } from "./tokens";

type Removal = Extract<Action, { readonly op: "remove" }>;

/** Changes the members of a mapping or list that is written in lines. `column` is where its keys or dashes stand. */
export function changeBlock(editor: Editor, slot: Slot, actions: readonly Action[], column: number, isList: boolean): void {
  const { text } = editor;
  const removed = actions.filter((action): action is Removal => action.op === "remove");
  const inserted = actions.filter((action) => action.op === "insert");
  if (actions.some(({ op }) => op === "keep")) {
    insertAll(editor, actions, column, isList);
    removeAll(editor, actions);
    return;
  }
  const [first, ...rest] = removed;
  if (first === undefined) return;
  const { start, end } = first.entry;
  const last = lastLineEnd(text, end);
  if (inserted.length > 0) editor.splice(start, last, inserted.flatMap((action) => linesOf(editor, action, isList)).join(editor.style.eol + " ".repeat(column)));
  else if (slot.kind === "root" || !beginsLine(text, start)) editor.splice(start, last, isList ? "[]" : "{}");
  else {
    editor.splice(slot.valueAt, slot.valueAt, isList ? " []" : " {}");
    removeLines(editor, first);
  }
  for (const action of rest) removeLines(editor, action);
}

function linesOf({ style }: Editor, action: Action, isList: boolean): readonly string[] {
  if (action.op !== "insert") return [];
  return isList ? itemLines(action.value, style) : pairLines(action.key ?? "", action.value, style);
}

/** Behind the member before them that stays, or before the first one. */
function insertAll(editor: Editor, actions: readonly Action[], column: number, isList: boolean): void {
  const { style } = editor;
  const margin = " ".repeat(column);
  let previous: number | undefined;
  for (const [index, action] of actions.entries()) {
    if (action.op === "keep") previous = action.entry.end;
    if (action.op !== "insert") continue;
    const lines = linesOf(editor, action, isList);
    if (previous !== undefined) insertLines(editor, previous, lines.map((line) => margin + line));
    else {
      const next = actions.slice(index).find(({ op }) => op === "keep");
      if (next?.op === "keep") editor.splice(next.entry.start, next.entry.start, lines.map((line) => line + style.eol + margin).join(""));
    }
  }
}

/** Below the line that ends at or behind `end`. */
export function insertLines(editor: Editor, end: number, lines: readonly string[]): void {
  const { text, style } = editor;
  const at = lastLineEnd(text, end);
  editor.splice(at, at, lines.map((line) => style.eol + line).join(""));
}

function removeAll(editor: Editor, actions: readonly Action[]): void {
  const { text } = editor;
  const entries = actions.filter((action) => action.op !== "insert");
  const kept = entries.findIndex(({ op }) => op === "keep");
  const [first, next] = [entries[0], entries[kept]];
  let from = 0;
  if (kept > 0 && first?.op === "remove" && next?.op === "keep" && !beginsLine(text, first.entry.start)) {
    const between = entries.slice(0, kept).some((action, index) => action.op === "remove" && text.slice(lastLineEnd(text, action.entry.end), entries[index + 1]?.op === undefined ? undefined : startOf(entries[index + 1])).includes("#"));
    if (between) removeText(editor, first as Removal);
    else editor.splice(first.entry.start, next.entry.start, "");
    from = between ? 1 : kept;
  }
  const leading = first !== undefined && lineStart(text, first.entry.start) === 0;
  for (const [index, action] of entries.entries()) {
    if (index >= from && action.op === "remove") removeLines(editor, action, leading && index < kept);
  }
}

function startOf(action: Action | undefined): number | undefined {
  return action === undefined || action.op === "insert" ? undefined : action.entry.start;
}

/** Leaves the dash, and the next member in a line of its own. */
function removeText(editor: Editor, { entry }: Removal): void {
  const { text } = editor;
  const before = text.slice(lineStart(text, entry.start), entry.start);
  editor.splice(entry.start - (before.length - before.trimEnd().length), lastLineEnd(text, entry.end), "");
}

/**
 * With the line break before them, so that what is inserted behind them has its own; the first lines of a text have
 * none, and go with the one behind them.
 */
function removeLines(editor: Editor, { entry }: Removal, leading = false): void {
  const { text } = editor;
  const begin = lineStart(text, entry.start);
  const end = lastLineEnd(text, entry.end);
  if (leading) editor.splice(begin, text.startsWith("\r\n", end) ? end + 2 : end + 1, "");
  else editor.splice(previousLineEnd(text, begin) ?? 0, end, "");
}
