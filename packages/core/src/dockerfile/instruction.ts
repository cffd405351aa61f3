import { fromByte, isSpace, toBytes, trim, trimStart } from "./characters";
import { wordsOf } from "./words";

/** A document within the Dockerfile, below a RUN, a COPY or an ADD. */
export interface Heredoc {
  readonly name: string;
  /** Whether variables in it are expanded: its name is not quoted. */
  readonly expands: boolean;
  readonly chomps: boolean;
  readonly content: string;
}

/** One instruction as BuildKit's parser has it (frontend/dockerfile/parser). */
export interface Instruction {
  /** As it is written. */
  readonly name: string;
  /** In upper case: `FROM`. */
  readonly keyword: string;
  readonly flags: readonly string[];
  /** Of an ENV or a LABEL three for each: name, value, and what stands between them. */
  readonly args: readonly string[];
  /** Whether the arguments are a JSON list. */
  readonly json: boolean;
  /** The whole line, continued ones joined. */
  readonly original: string;
  readonly heredocs: readonly Heredoc[];
  /** What an ONBUILD defers. */
  readonly trigger?: Instruction;
  /** 1-based. */
  readonly startLine: number;
  readonly endLine: number;
}

export type Line = Omit<Instruction, "heredocs" | "startLine" | "endLine" | "trigger"> & { readonly trigger?: Line };

/** Why a Dockerfile cannot be read; quotes nothing of it. */
export class Unparsable extends Error {}

const blanks = /[\t\v\f\r ]+/;

type Arguments = Pick<Line, "args"> & Partial<Pick<Line, "json" | "trigger">>;
const none: Arguments = { args: [] };

/** @throws Unparsable */
export function readLine(line: string, token: string, depth = 0): Line {
  const text = trim(line);
  const end = blanks.exec(text);
  const name = end === null ? text : text.slice(0, end.index);
  const { flags, rest } = end === null ? { flags: [], rest: "" } : splitFlags(text.slice(end.index + end[0].length), token);
  const keyword = keywordOf(name);
  const { args, json = false, trigger } = argumentsOf(keyword, trim(rest), token, depth);
  return { name, keyword, flags, args, json, original: line, ...(trigger === undefined ? {} : { trigger }) };
}

/** Go's letters have one lower case each: that of the Turkish dotted I is i, and that of the sign for kelvin k. */
function keywordOf(name: string): string {
  const lower = name.replaceAll("\u0130", "i").toLowerCase();
  return /^[a-z]+$/.test(lower) ? lower.toUpperCase() : name;
}

function argumentsOf(keyword: string, rest: string, token: string, depth: number): Arguments {
  switch (keyword) {
    case "ADD": case "COPY": case "VOLUME": return jsonOf(rest) ?? { args: blankSeparated(rest) };
    case "CMD": case "ENTRYPOINT": case "RUN": case "SHELL": return rest === "" ? none : (jsonOf(rest) ?? { args: [rest] });
    case "ARG": return { args: quotedWords(rest, token) };
    case "ENV": case "LABEL": return { args: pairs(rest, keyword, token) };
    case "EXPOSE": case "FROM": return { args: blankSeparated(rest) };
    case "HEALTHCHECK": return healthcheck(rest);
    case "MAINTAINER": case "STOPSIGNAL": case "USER": case "WORKDIR": return rest === "" ? none : { args: [rest] };
    // BuildKit refuses an ONBUILD within an ONBUILD, only later.
    case "ONBUILD": return rest === "" ? none : { args: [""], trigger: readLine(rest, token, nested(depth)) };
    default: return { args: [""] };
  }
}

function nested(depth: number): number {
  if (depth > 10) throw new Unparsable("ONBUILD within ONBUILD");
  return depth + 1;
}

function blankSeparated(rest: string): readonly string[] {
  return rest === "" ? [] : rest.split(blanks);
}

/** Undefined for what is no JSON list. A list of anything but strings is refused. */
function jsonOf(rest: string): Arguments | undefined {
  const text = trimStart(rest);
  if (!text.startsWith("[")) return undefined;
  const list = parseList(text);
  if (list === undefined) return undefined;
  if (!list.every((member) => typeof member === "string")) throw new Unparsable("a JSON list of anything but strings");
  return { args: list as readonly string[], json: true };
}

function parseList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function healthcheck(rest: string): Arguments {
  const bytes = toBytes(rest);
  let end = 0;
  while (end < bytes.length && !isSpace(bytes.charAt(end))) end++;
  if (end === 0) return none;
  let next = end;
  while (next < bytes.length && isSpace(bytes.charAt(next))) next++;
  const command = fromByte(rest, next);
  const type = rest.slice(0, rest.length - fromByte(rest, end).length);
  const { args, json = false } = command === "" ? none : (jsonOf(command) ?? { args: [command] });
  return { args: [type, ...args], json };
}

/** `name=value ...`, or the old `name value`. */
function pairs(rest: string, keyword: string, token: string): readonly string[] {
  const words = quotedWords(rest, token);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.includes("=")) {
    const blank = blanks.exec(rest);
    if (blank === null) throw new Unparsable(`${keyword} with a name and no value`);
    return [rest.slice(0, blank.index), rest.slice(blank.index + blank[0].length), ""];
  }
  return words.flatMap((word) => {
    const equals = word.indexOf("=");
    if (equals < 0) throw new Unparsable(`${keyword} with a word that is not name=value`);
    return [word.slice(0, equals), word.slice(equals + 1), "="];
  });
}

/** Words with their quotes and escapes as they are written. */
function quotedWords(rest: string, token: string): readonly string[] {
  const characters = [...rest];
  const words: string[] = [];
  let word = "";
  let began = false;
  let quote = "";
  const end = (): void => {
    if (word !== "") words.push(word);
    word = "";
    began = false;
  };
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? "";
    if (!began && quote === "" && isSpace(character)) continue;
    began = true;
    const last = index + 1 === characters.length;
    if (quote === "") {
      if (isSpace(character)) {
        end();
        continue;
      }
      if (character === "'" || character === '"') quote = character;
      if (character === token && last) continue;
      word += character === token ? character + (characters[++index] ?? "") : character;
    } else {
      if (character === quote) quote = "";
      if (character === token && quote !== "'") {
        if (last) continue;
        word += character + (characters[++index] ?? "");
      } else word += character;
    }
  }
  end();
  return words;
}

/** Flags that stand before the arguments, without their quotes; BuildKit goes byte by byte. */
function splitFlags(text: string, token: string): { readonly flags: readonly string[]; readonly rest: string } {
  const bytes = toBytes(text);
  const flags: string[] = [];
  let index = 0;
  while (index < bytes.length) {
    if (isSpace(bytes.charAt(index))) {
      index++;
      continue;
    }
    if (!bytes.startsWith("--", index)) return { flags, rest: fromByte(text, index) };
    const { flag, end, quoted } = flagAt(bytes, index, token);
    if (flag === "--") return { flags, rest: fromByte(text, end) };
    if (quoted || flag !== "") flags.push(flag);
    index = end;
  }
  return { flags, rest: "" };
}

function flagAt(bytes: string, start: number, token: string): { readonly flag: string; readonly end: number; readonly quoted: boolean } {
  let flag = "";
  let quote = "";
  let quoted = false;
  let index = start;
  for (; index < bytes.length; index++) {
    const character = bytes.charAt(index);
    if (quote === "" && isSpace(character)) break;
    if (quote === "" && (character === "'" || character === '"')) {
      quote = character;
      quoted = true;
    } else if (character === quote) quote = "";
    else if (character !== token) flag += character;
    else if (index + 1 < bytes.length) flag += bytes.charAt(++index);
  }
  return { flag, end: index, quoted };
}

const heredocWord = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;

/** The heredocs that a line begins, in their order. */
export function heredocsOf(line: string): readonly Omit<Heredoc, "content">[] {
  return wordsOf(line, { escape: "\\", rawQuotes: true, rawEscapes: true }).flatMap((word) => {
    const heredoc = heredocOf(word);
    return heredoc === undefined ? [] : [heredoc];
  });
}

/** Whether a word begins a heredoc, such as `<<EOF` or `<<-"END"`. */
export function heredocOf(word: string): Omit<Heredoc, "content"> | undefined {
  const [, , dash, rest = ""] = heredocWord.exec(word) ?? [];
  if (rest === "") return undefined;
  const [name, ...others] = wordsOf(rest, { escape: "\\" });
  if (name === undefined || others.length > 0) return undefined;
  const [raw = ""] = wordsOf(rest, { escape: "\\", rawQuotes: true });
  return { name, chomps: dash === "-", expands: quotes(name) === quotes(raw) };
}

function quotes(text: string): number {
  return text.split(/['"]/).length;
}
