import { StringDecoder } from "node:string_decoder";
import type { Tally } from "./tally";

/** Bytes of UTF-8, or text, in pieces of any size. */
export type Input = AsyncIterable<Uint8Array | string>;

/** One line, or one entry of a JSON document. `line` is where it begins, from 1. */
export interface TextRecord {
  readonly text: string;
  readonly line: number;
  /** Whether the input ended within it: a last line without its line break. */
  readonly last: boolean;
}

/** Characters of the longest record that is read: longer ones are malformed, and never kept whole. */
export const longest = 16 * 1024 * 1024;

/**
 * Splits the input into lines, blank ones left out, one list for each piece of the input. A document that does not keep to one record a line (an indented
 * one, a list, a list below `items` or `flows`) is split into its entries.
 */
export async function* splitRecords(input: Input, name: string, tally: Tally): AsyncGenerator<readonly TextRecord[]> {
  // Several times as fast as a TextDecoder of pieces.
  const decoder = new StringDecoder("utf8");
  let splitter: LineSplitter | DocumentSplitter | undefined;
  let head = "";
  const tooLong = (line: number): void => tally.refuse(`${name}:${line}`, { expected: "a record of at most 16 MiB", found: "a longer one" });
  for await (const piece of input) {
    let text = typeof piece === "string" ? piece : decoder.write(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    if (splitter === undefined) {
      head += text;
      if (head.charCodeAt(0) === 0xfeff) head = head.slice(1);
      const kind = shape(head);
      if (kind === undefined && head.length < longest) continue;
      splitter = kind === "document" ? new DocumentSplitter(tooLong) : new LineSplitter(tooLong);
      text = head;
      head = "";
    }
    const records = splitter.push(text);
    if (records.length > 0) yield records;
  }
  splitter ??= shape(`${head}\n`) === "document" ? new DocumentSplitter(tooLong) : new LineSplitter(tooLong);
  const records = [...splitter.push(head + decoder.end()), ...splitter.end()];
  if (records.length > 0) yield records;
}

/** By the first line that is not blank; undefined while it is not whole. */
function shape(head: string): "lines" | "document" | undefined {
  const start = head.search(/\S/);
  if (start === -1) return undefined;
  if (head[start] !== "{" && head[start] !== "[") return "lines";
  const end = head.indexOf("\n", start);
  if (end === -1) return head[start] === "[" && !/^\[\d/.test(head.slice(start)) && head.length > start + 1 ? "document" : undefined;
  const line = head.slice(start, end).trim();
  // `[2026-01-01T00:00:00Z]` begins a line of an access log, `[1700000000.12]` one of conntrack.
  if (line.startsWith("[")) return /^\[\d[^,\]]*\]/.test(line) || /^\[[A-Z]+\]/.test(line) ? "lines" : "document";
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray((value as { readonly items?: unknown }).items) || Array.isArray((value as { readonly flows?: unknown }).flows) ? "document" : "lines";
  } catch {
    return /^\{$|^\{\s*"[^"]*"\s*:\s*[[{]?$|,$/.test(line) ? "document" : "lines";
  }
}

class LineSplitter {
  #rest: string[] = [];
  #restLength = 0;
  #skipping = false;
  #line = 1;
  readonly #tooLong: (line: number) => void;

  constructor(tooLong: (line: number) => void) {
    this.#tooLong = tooLong;
  }

  push(text: string): readonly TextRecord[] {
    const records: TextRecord[] = [];
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const piece = text.slice(start, end);
      const whole = this.#rest.length === 0 ? piece : this.#rest.join("") + piece;
      if (this.#skipping || whole.length > longest) this.#tooLong(this.#line);
      else if (/\S/.test(whole)) records.push({ text: whole, line: this.#line, last: false });
      this.#rest = [];
      this.#restLength = 0;
      this.#skipping = false;
      this.#line++;
      start = end + 1;
    }
    if (start < text.length && !this.#skipping) {
      this.#rest.push(text.slice(start));
      this.#restLength += text.length - start;
      if (this.#restLength > longest) {
        this.#skipping = true;
        this.#rest = [];
      }
    }
    return records;
  }

  end(): readonly TextRecord[] {
    if (this.#skipping) this.#tooLong(this.#line);
    const text = this.#rest.join("");
    return this.#skipping || !/\S/.test(text) ? [] : [{ text, line: this.#line, last: true }];
  }
}

/** Finds the entries of a JSON document by its brackets, without keeping the document. */
class DocumentSplitter {
  /** Depth at which entries begin: 0 for documents one after the other, 1 in a list, 2 in the list of an object. */
  #level = 0;
  #depth = 0;
  #string = false;
  #escaped = false;
  #entry: string[] | undefined;
  #length = 0;
  #line = 1;
  #start = 1;
  /** The last text at depth 1, a key perhaps. */
  #key = "";
  readonly #tooLong: (line: number) => void;

  constructor(tooLong: (line: number) => void) {
    this.#tooLong = tooLong;
  }

  push(text: string): readonly TextRecord[] {
    const records: TextRecord[] = [];
    let from = 0;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code === 10) this.#line++;
      if (this.#string) {
        if (this.#escaped) this.#escaped = false;
        else if (code === 92) this.#escaped = true;
        else if (code === 34) this.#string = false;
        if (this.#string && this.#depth === 1 && this.#key.length < 20) this.#key += text[index];
        continue;
      }
      if (code === 34) {
        this.#string = true;
        if (this.#depth === 1) this.#key = "";
        continue;
      }
      if (code === 123 || code === 91) {
        if (code === 91 && this.#depth === 0) this.#level = 1;
        else if (code === 91 && this.#depth === 1 && this.#level === 0 && (this.#key === "items" || this.#key === "flows")) {
          // What was begun as an entry is the document around its entries.
          this.#level = 2;
          this.#entry = undefined;
        } else if (code === 123 && this.#depth === this.#level) {
          this.#entry = [];
          this.#length = 0;
          this.#start = this.#line;
          from = index;
        }
        this.#depth++;
      } else if ((code === 125 || code === 93) && this.#depth > 0) {
        this.#depth--;
        if (this.#depth === this.#level && this.#entry !== undefined) {
          this.#keep(text.slice(from, index + 1));
          if (this.#length > longest) this.#tooLong(this.#start);
          else records.push({ text: this.#entry.join(""), line: this.#start, last: false });
          this.#entry = undefined;
        }
        if (this.#depth < this.#level) this.#level = 0;
      }
    }
    if (this.#entry !== undefined) this.#keep(text.slice(from));
    return records;
  }

  #keep(piece: string): void {
    this.#length += piece.length;
    if (this.#length > longest) this.#entry = [];
    else this.#entry?.push(piece);
  }

  end(): readonly TextRecord[] {
    if (this.#entry !== undefined) return [{ text: this.#entry.join(""), line: this.#start, last: true }];
    return this.#depth > 0 ? [{ text: "", line: this.#line, last: true }] : [];
  }
}
