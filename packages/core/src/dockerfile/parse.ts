import { byteLength, trim, trimStart } from "./characters";
import type { Heredoc, Instruction, Line } from "./instruction";
import { heredocsOf, readLine, Unparsable } from "./instruction";

export interface Comment {
  /** Without the sign. */
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** A Dockerfile as BuildKit's parser reads it; a port of frontend/dockerfile/parser (parser.go, directives.go). */
export interface ParsedDockerfile {
  readonly escape: string;
  /** The parser directives at the top: syntax, escape and check. */
  readonly directives: ReadonlyMap<string, Comment>;
  readonly instructions: readonly Instruction[];
  readonly comments: readonly Comment[];
  /** Last lines of the instructions that have an empty line within. */
  readonly emptyContinuations: readonly number[];
}

export type DockerfileResult = ParsedDockerfile | { readonly error: { readonly line: number; readonly reason: string } };

const directiveForm = /^([a-zA-Z][a-zA-Z0-9]*)[\t\f\r ]*=([^\n]*)$/;
const directiveNames = new Set(["syntax", "escape", "check"]);
/** Bytes of a line, its end included (bufio.MaxScanTokenSize). */
const maxLine = 65536;

/** Reads the text of a Dockerfile. What BuildKit's parser refuses is an error that quotes nothing of the text. */
export function parseDockerfile(text: string): DockerfileResult {
  const reader = new Reader(text);
  try {
    return reader.read();
  } catch (error) {
    if (error instanceof Unparsable) return { error: { line: Math.max(1, reader.line), reason: error.message } };
    throw error;
  }
}

class Reader {
  /** Lines that were read. */
  line = 0;
  private escape = "\\";
  private continuation = continuationOf("\\");
  private atTop = true;
  private position = 0;
  private readonly directives = new Map<string, Comment>();
  private readonly comments: Comment[] = [];
  private readonly emptyContinuations: number[] = [];

  private readonly text: string;

  constructor(text: string) {
    this.text = text;
    if (text.startsWith("\ufeff")) this.position = 1;
  }

  read(): ParsedDockerfile {
    const instructions: Instruction[] = [];
    for (let raw = this.next(); raw !== undefined; raw = this.next()) {
      const { text, ends } = this.trimmed(this.process(raw, true));
      if (ends && text === "") continue;
      instructions.push(this.instruction(text, ends));
    }
    if (instructions.length === 0) throw new Unparsable("no instruction");
    const { directives, comments, emptyContinuations } = this;
    return { escape: this.escape, directives, instructions, comments, emptyContinuations };
  }

  private next(): string | undefined {
    const { text, position } = this;
    if (position >= text.length) return undefined;
    const end = text.indexOf("\n", position);
    const line = end < 0 ? text.slice(position) : text.slice(position, end + 1);
    this.line += 1;
    if (line.length * 3 >= maxLine && byteLength(line) + (end < 0 ? 1 : 0) > maxLine) throw new Unparsable(`a line longer than ${maxLine - 1} bytes`);
    this.position += line.length;
    return line;
  }

  /** Without its end, and without what is a comment; directives are taken notice of. */
  private process(raw: string, isFirst: boolean): string {
    const unended = withoutEnd(raw, "\r\n");
    const line = isFirst ? trimStart(unended) : unended;
    if (this.atTop) this.directive(line);
    if (!isComment(line)) return line;
    this.comments.push({ text: trim(trimStart(line).slice(1)), line: this.line });
    return "";
  }

  private directive(line: string): void {
    const [, name = "", rest = ""] = line.startsWith("#") ? (directiveForm.exec(trimStart(line.slice(1))) ?? []) : [];
    const key = name.toLowerCase();
    const value = withoutEnd(rest, "\t\f\r ").replace(/^[\t\f\r ]+/, "") || rest.slice(-1);
    if (!directiveNames.has(key) || value === "") {
      this.atTop = false;
      return;
    }
    if (this.directives.has(key)) throw new Unparsable(`a second parser directive ${key}`);
    this.directives.set(key, { text: value, line: this.line });
    if (key !== "escape") return;
    if (value !== "\\" && value !== "`") throw new Unparsable("an escape token other than \\ or `");
    this.escape = value;
    this.continuation = continuationOf(value);
  }

  private trimmed(line: string): { readonly text: string; readonly ends: boolean } {
    const [, before = ""] = this.continuation.exec(line) ?? [];
    if (!this.continuation.test(line)) return { text: line, ends: true };
    return { text: line.replace(this.continuation, before), ends: false };
  }

  private instruction(first: string, endsFirst: boolean): Instruction {
    const startLine = this.line;
    const parts = [first];
    let ends = endsFirst;
    let hasEmpty = false;
    while (!ends) {
      const raw = this.next();
      if (raw === undefined) break;
      const processed = this.process(raw, false);
      if (isComment(raw)) continue;
      if (trimStart(processed) === "") {
        hasEmpty = true;
        continue;
      }
      const { text, ends: last } = this.trimmed(processed);
      ends = last;
      parts.push(text);
    }
    if (hasEmpty) this.emptyContinuations.push(this.line);
    const line = readLine(parts.join(""), this.escape);
    const heredocs = this.heredocs(line);
    return complete(line, heredocs, startLine, this.line);
  }

  private heredocs(line: Line): readonly Heredoc[] {
    const { keyword, json } = line.trigger ?? line;
    const holds = (keyword === "RUN" || keyword === "COPY" || keyword === "ADD") && !json && !(line.trigger !== undefined && line.keyword !== "ONBUILD");
    return holds && line.original.includes("<<") ? heredocsOf(line.original).map((heredoc) => this.heredoc(heredoc)) : [];
  }

  private heredoc(heredoc: Omit<Heredoc, "content">): Heredoc {
    const lines: string[] = [];
    for (let raw = this.next(); raw !== undefined; raw = this.next()) {
      const line = withoutEnd(raw, "\r\n");
      if ((heredoc.chomps ? line.replace(/^\t+/, "") : line) === heredoc.name) return { ...heredoc, content: lines.join("") };
      lines.push(raw);
    }
    throw new Unparsable("a heredoc that is not terminated");
  }
}

function complete({ trigger, ...line }: Line, heredocs: readonly Heredoc[], startLine: number, endLine: number): Instruction {
  const where = { heredocs, startLine, endLine };
  return { ...line, ...where, ...(trigger === undefined ? {} : { trigger: complete(trigger, heredocs, startLine, endLine) }) };
}

function continuationOf(character: string): RegExp {
  const token = character === "\\" ? "\\\\" : "`";
  return new RegExp(`(?:([^${token}])${token}|^${token})[ \\t]*$`);
}

function withoutEnd(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

function isComment(line: string): boolean {
  return trimStart(line).startsWith("#");
}
