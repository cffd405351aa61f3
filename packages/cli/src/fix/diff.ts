import type { Splice } from "./splice";
import { sorted } from "./splice";

const context = 3;

/** Lines that are replaced by others; line numbers are 0-based. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/** A unified diff, as `git apply` and `patch -p1` read it. */
export function* unifiedDiff(file: string, text: string, splices: readonly Splice[]): Generator<string> {
  const lines = linesOf(text);
  const name = file.startsWith("/") ? file : `/${file}`;
  const tab = /\s/.test(file) ? "\t" : "";
  yield `--- a${name}${tab}\n+++ b${name}${tab}\n`;
  let shift = 0;
  for (const hunk of hunks(blocks(text, lines, splices))) {
    const [first, last] = [hunk[0] as Block, hunk.at(-1) as Block];
    const from = Math.max(0, first.start - context);
    const to = Math.min(lines.length, last.end + context);
    const added = hunk.reduce((sum, { start, end, lines: put }) => sum + put.length - (end - start), 0);
    yield `@@ -${range(from, to - from)} +${range(from + shift, to - from + added)} @@\n`;
    let at = from;
    for (const { start, end, lines: put } of hunk) {
      for (const line of lines.slice(at, start)) yield marked(" ", line);
      for (const line of lines.slice(start, end)) yield marked("-", line);
      for (const line of put) yield marked("+", line);
      at = end;
    }
    for (const line of lines.slice(at, to)) yield marked(" ", line);
    shift += added;
  }
}

/** With their line breaks. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, line: string): string {
  return line.endsWith("\n") ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
}

function range(start: number, count: number): string {
  return `${count === 0 ? start : start + 1}${count === 1 ? "" : `,${count}`}`;
}

/** Whole lines for the splices that touch them, without those at the edges that stay the same. */
function blocks(text: string, lines: readonly string[], splices: readonly Splice[]): readonly Block[] {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length;
  }
  const lineAt = (offset: number): number => {
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const groups: { start: number; end: number; readonly splices: Splice[] }[] = [];
  for (const splice of sorted(splices)) {
    const [start, end] = [lineAt(splice.start), Math.min(lines.length, lineAt(splice.end) + 1)];
    const last = groups.at(-1);
    if (last !== undefined && start < last.end) {
      last.end = Math.max(last.end, end);
      last.splices.push(splice);
    } else groups.push({ start, end, splices: [splice] });
  }
  return groups.flatMap((group) => {
    const [from, to] = [starts[group.start] ?? text.length, starts[group.end] ?? text.length];
    let put = "";
    let position = from;
    for (const splice of group.splices) {
      put += text.slice(position, splice.start) + splice.text;
      position = splice.end;
    }
    return trimmed(lines, group.start, group.end, linesOf(put + text.slice(position, to)));
  });
}

function trimmed(lines: readonly string[], from: number, to: number, put: readonly string[]): readonly Block[] {
  let [start, end, head, tail] = [from, to, 0, put.length];
  while (start < end && head < tail && lines[start] === put[head]) [start, head] = [start + 1, head + 1];
  while (start < end && head < tail && lines[end - 1] === put[tail - 1]) [end, tail] = [end - 1, tail - 1];
  return start === end && head === tail ? [] : [{ start, end, lines: put.slice(head, tail) }];
}

/** Blocks whose contexts meet are one hunk. */
function hunks(all: readonly Block[]): readonly (readonly Block[])[] {
  const found: Block[][] = [];
  for (const block of all) {
    const last = found.at(-1)?.at(-1);
    if (last !== undefined && block.start - last.end <= 2 * context) found.at(-1)?.push(block);
    else found.push([block]);
  }
  return found;
}
