import type { YAMLMap, YAMLSeq } from "yaml";
import type { Action, Editor } from "./edit";
import { flow, flowPair, separator } from "./render";
import type { Entry } from "./tokens";
import { beginsLine, indentOf, lineEnd, lineStart, previousLineEnd, rangeOf } from "./tokens";

/** Changes the members of a mapping or list in braces or brackets, some of which stay. */
export function changeFlow(editor: Editor, node: YAMLMap | YAMLSeq, actions: readonly Action[]): void {
  const { text, style } = editor;
  const entries = actions.flatMap((action) => (action.op === "insert" ? [] : [action]));
  const close = rangeOf(node)[1] - 1;
  const last = entries.at(-1)?.entry.end ?? close;
  const comma = commaBehind(text, last, close);
  const inLines = entries.every(({ entry }) => beginsLine(text, entry.start)) && lineEnd(text, last) < close;
  let previous: Entry | undefined;
  let pending: (typeof entries)[number][] = [];
  const drop = (next: Entry | undefined): void => {
    const [first, final] = [pending[0], pending.at(-1)];
    if (first === undefined || final === undefined) return;
    if (inLines) for (const { entry } of pending) removeLines(editor, entry);
    else if (next !== undefined) editor.splice(first.entry.start, next.start, "");
    else editor.splice(previous?.end ?? first.entry.start, final.entry.end, "");
    pending = [];
  };
  for (const action of actions) {
    if (action.op === "remove") pending.push(action);
    else if (action.op === "keep") {
      drop(action.entry);
      previous = action.entry;
    }
  }
  const dropped = pending.length > 0;
  const inserted = actions.flatMap((action, index) => (action.op === "insert" ? [{ action, after: precedingKept(actions, index) }] : []));
  const atEnd = inserted.filter(({ after }) => after === previous);
  for (const { action, after } of inserted) {
    if (after === previous) continue;
    const first = after ?? entries[0]?.entry;
    if (first === undefined) continue;
    const indent = indentOf(text, first.start);
    const written = member(editor, action, indent, inLines);
    const between = inLines ? `,${style.eol}${indent}` : separator(style);
    const behind = commaBehind(text, first.end, close);
    if (after === undefined) editor.splice(first.start, first.start, `${written}${between}`);
    else if (inLines && behind !== undefined) editor.splice(lineEnd(text, behind), lineEnd(text, behind), `${style.eol}${indent}${written},`);
    else editor.splice(after.end, after.end, `${between}${written}`);
  }
  if (previous !== undefined) append(editor, previous, atEnd.map(({ action }) => action), { inLines, trailing: comma !== undefined, ownComma: dropped ? commaBehind(text, previous.end, close) : comma });
  drop(undefined);
}

interface End {
  readonly inLines: boolean;
  /** Whether the last member is followed by a comma, as it was. */
  readonly trailing: boolean;
  /** The comma behind the last member that stays. */
  readonly ownComma: number | undefined;
}

function append(editor: Editor, last: Entry, actions: readonly Action[], { inLines, trailing, ownComma }: End): void {
  const { text, style } = editor;
  if (!inLines) {
    for (const action of actions) editor.splice(last.end, last.end, `${separator(style)}${member(editor, action, undefined, false)}`);
    return;
  }
  const indent = indentOf(text, last.start);
  const written = actions.map((action) => style.eol + indent + member(editor, action, indent, true));
  if (written.length === 0) {
    if (!trailing && ownComma !== undefined) editor.splice(ownComma, ownComma + 1, "");
    return;
  }
  if (ownComma === undefined) editor.splice(last.end, last.end, ",");
  const at = lineEnd(text, ownComma === undefined ? last.end : ownComma);
  editor.splice(at, at, `${written.join(",")}${trailing ? "," : ""}`);
}

function member({ style }: Editor, action: Action, indent: string | undefined, inLines: boolean): string {
  if (action.op !== "insert") return "";
  const depth = inLines && style.json ? indent : undefined;
  return action.key === undefined ? flow(action.value, style, depth) : flowPair(action.key, action.value, style, depth);
}

function precedingKept(actions: readonly Action[], index: number): Entry | undefined {
  const before = actions.slice(0, index).findLast(({ op }) => op === "keep");
  return before?.op === "keep" ? before.entry : undefined;
}

/** The comma that follows a member; comments may stand between. */
function commaBehind(text: string, from: number, close: number): number | undefined {
  const blank = /(?:\s|#[^\n]*)*/y;
  blank.lastIndex = from;
  blank.exec(text);
  const at = blank.lastIndex;
  return at < close && text[at] === "," ? at : undefined;
}

function removeLines(editor: Editor, { start, end }: Entry): void {
  const { text } = editor;
  editor.splice(previousLineEnd(text, lineStart(text, start)) ?? 0, lineEnd(text, end), "");
}
