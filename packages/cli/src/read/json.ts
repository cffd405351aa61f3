import type { DocumentsResult } from "./yaml";
import { positions } from "./problem";

interface Fault {
  readonly offset: number;
  readonly expected: string;
  readonly found: string;
}

/** A JSON text as one document. Syntax errors and duplicate keys are refused, with their position. */
export function readJson(text: string, file: string): DocumentsResult {
  const fault = scan(text);
  if (fault !== undefined) {
    const { line, column } = positions(text)(fault.offset);
    return { error: { file, line, column, expected: fault.expected, found: fault.found } };
  }
  return { documents: [JSON.parse(text) as unknown], text };
}

const literal = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const space = /[ \t\r\n]*/y;
const maxDepth = 1000;

type Frame = { readonly keys: Set<string> | undefined; state: "open" | "value" };

/** The first fault of a text, in one pass (RFC 8259). JSON.parse's own messages quote the text and do not always say where. */
function scan(text: string): Fault | undefined {
  const stack: Frame[] = [];
  let at = skip(text, 0);
  let done = false;
  for (;;) {
    at = skip(text, at);
    const frame = stack.at(-1);
    if (frame === undefined && done) return at >= text.length ? undefined : fault(text, at, "the end of the file");
    if (frame !== undefined) {
      const close = frame.keys === undefined ? "]" : "}";
      if (text[at] === close) {
        stack.pop();
        at += 1;
        done = stack.length === 0;
        continue;
      }
      if (frame.state === "value") {
        if (text[at] !== ",") return fault(text, at, `, or ${close}`);
        at = skip(text, at + 1);
        if (text[at] === close) return fault(text, at, frame.keys === undefined ? "a value" : "a key");
      }
      if (frame.keys !== undefined) {
        const end = stringEnd(text, at);
        if (end < 0) return fault(text, at, "a key in double quotes");
        const quoted = text.slice(at, end);
        const key = keyOf(quoted);
        if (frame.keys.has(key)) return { offset: at, expected: "each key once", found: "a duplicate key" };
        frame.keys.add(key);
        at = skip(text, end);
        if (text[at] !== ":") return fault(text, at, ":");
        at = skip(text, at + 1);
      }
      frame.state = "value";
    }
    if (text[at] === "{" || text[at] === "[") {
      if (stack.length >= maxDepth) return { offset: at, expected: `at most ${maxDepth} levels`, found: "more" };
      stack.push({ keys: text[at] === "{" ? new Set() : undefined, state: "open" });
      at += 1;
      continue;
    }
    const end = text[at] === '"' ? stringEnd(text, at) : match(literal, text, at);
    if (end <= at) return fault(text, at, "a value");
    at = end;
    done = stack.length === 0;
  }
}

function skip(text: string, at: number): number {
  return match(space, text, at);
}

const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where a string ends, or -1. A loop: a regular expression overflows its stack on a string of some megabytes. */
function stringEnd(text: string, start: number): number {
  if (text[start] !== '"') return -1;
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at + 1;
    if (code < 0x20) return -1;
    at = code === 0x5c ? match(escaped, text, at) : at + 1;
    if (at < 0) return -1;
  }
  return -1;
}

function keyOf(quoted: string): string {
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

function fault(text: string, at: number, expected: string): Fault {
  const found = at >= text.length ? "the end of the file" : /[{}[\]:,"]/.test(text[at] ?? "") ? `${text[at]}` : "something else";
  return { offset: Math.min(at, text.length), expected, found };
}
