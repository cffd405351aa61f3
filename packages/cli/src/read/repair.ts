import { YAMLException } from "js-yaml";

/** A text that was parsed, if need be with some of its lines moved to the right. */
export type Repaired<T> =
  | { readonly value: T; /** An offset in the text that was parsed, as one in the text that was given. */ readonly original: (offset: number) => number }
  | { readonly error: unknown; /** 0-based; columns in these lines are too large by `margin`. */ readonly moved: ReadonlySet<number> };

/** Spaces put before a line that is moved. */
export const margin = 64;
const maxRepairs = 20;

/**
 * The parsers of kubectl and Docker accept a flow collection whose lines, mostly the closing bracket, stand less deep
 * than the YAML specification asks for; this one does not. Such lines are moved to the right and the text read again.
 */
export function withRepairs<T>(text: string, parse: (text: string) => T): Repaired<T> {
  const moved = new Set<number>();
  for (let repairs = 0; ; repairs++) {
    try {
      return { value: parse(indent(text, moved)), original: originalOffsets(text, moved) };
    } catch (error) {
      const shallow = error instanceof YAMLException && error.reason === "deficient indentation" ? error.mark?.line : undefined;
      if (shallow === undefined || repairs >= maxRepairs || moved.has(shallow)) return { error, moved };
      moved.add(shallow);
      if (repairs === 0) for (const line of closers(text)) moved.add(line);
    }
  }
}

function indent(text: string, moved: ReadonlySet<number>): string {
  if (moved.size === 0) return text;
  const deep = " ".repeat(margin);
  return text.split("\n").map((line, index) => (moved.has(index) ? deep + line : line)).join("\n");
}

const closer = /^\s*[\]}]+,?\s*(#.*)?$/;
const blockHeader = /[|>][-+0-9]*\s*(\s#.*)?$/;

/** Lines that only close collections, but for those that may be text of a block scalar (a JSON file in a ConfigMap). */
function closers(text: string): readonly number[] {
  const found: number[] = [];
  const open: { readonly indent: number; readonly literal: boolean }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const depth = line.length - line.trimStart().length;
    while ((open.at(-1)?.indent ?? -1) >= depth) open.pop();
    const inside = open.at(-1)?.literal ?? false;
    if (!inside && closer.test(line)) found.push(index);
    open.push({ indent: depth, literal: inside || blockHeader.test(line) });
  }
  return found;
}

function originalOffsets(text: string, moved: ReadonlySet<number>): (offset: number) => number {
  if (moved.size === 0) return (offset) => offset;
  const starts: number[] = [];
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    if (moved.has(index)) starts.push(start);
    start += line.length + 1;
  }
  return (offset) => {
    let shift = 0;
    for (const at of starts) {
      if (at + shift + margin > offset) break;
      shift += margin;
    }
    return offset - shift;
  };
}
