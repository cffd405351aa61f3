import { isSpace } from "./characters";
import { removePrefix, removeSuffix, replacePattern, Unexpandable } from "./pattern";

/** Shell words as BuildKit's frontend/dockerfile/shell reads them: quotes, escapes, and variables. */
export interface WordOptions {
  readonly escape: string;
  readonly rawQuotes?: boolean;
  readonly rawEscapes?: boolean;
  /** A variable that is not set stays as it is written. */
  readonly keepUnset?: boolean;
}

/**
 * The value of a variable; undefined where it is not set. Throw `Unexpandable` where nobody knows. `hasDefault` is whether
 * the text says what stands in the place of one that is not set.
 */
export type Environment = (name: string, hasDefault: boolean) => string | undefined;

export interface Words {
  readonly text: string;
  readonly words: readonly string[];
  /** Names of variables that were asked for and are not set. */
  readonly unset: ReadonlySet<string>;
}

/** @throws Unexpandable for what the shell refuses. */
export function expand(source: string, environment: Environment, options: WordOptions): Words {
  const lexer = new Lexer(source, environment, options);
  const { text, words } = lexer.until(undefined, options.rawEscapes === true, false);
  return { text, words, unset: lexer.unset };
}

const empty = (): undefined => undefined;

/** The words of a line, no variable expanded, or nothing where a quote is not closed. */
export function wordsOf(source: string, options: WordOptions): readonly string[] {
  try {
    return expand(source, empty, { ...options, keepUnset: true }).words;
  } catch (error) {
    if (error instanceof Unexpandable) return [];
    throw error;
  }
}

/** BuildKit has one buffer for all: what stands before a `${NAME-word}` is lost where the words are counted. */
interface Buffer {
  text: string;
}

class Collector {
  readonly words: string[] = [];
  private inWord = false;
  private readonly buffer: Buffer;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
    buffer.text = "";
  }

  character(character: string): void {
    if (!isSpace(character)) this.raw(character);
    else if (this.inWord && this.buffer.text !== "") this.end();
  }

  text(text: string): void {
    for (const character of text) this.character(character);
  }

  raw(text: string): void {
    this.buffer.text += text;
    this.inWord = true;
  }

  private end(): void {
    this.words.push(this.buffer.text);
    this.buffer.text = "";
    this.inWord = false;
  }

  all(): readonly string[] {
    if (this.buffer.text !== "") this.end();
    return this.words;
  }
}

/** Deeper than anybody nests `${A:-${B:-...}}`. */
const maxDepth = 100;

class Lexer {
  readonly unset = new Set<string>();
  private readonly characters: readonly string[];
  private position = 0;
  private depth = 0;
  private readonly buffer: Buffer = { text: "" };
  private rawEscapes: boolean;

  private readonly environment: Environment;
  private readonly options: WordOptions;

  constructor(source: string, environment: Environment, options: WordOptions) {
    this.environment = environment;
    this.options = options;
    this.characters = [...source];
    this.rawEscapes = options.rawEscapes === true;
  }

  private peek(): string | undefined {
    return this.characters[this.position];
  }

  private next(): string | undefined {
    return this.characters[this.position++];
  }

  until(stop: string | undefined, rawEscapes: boolean, keepPatternEscapes: boolean): { readonly text: string; readonly words: readonly string[] } {
    if (this.depth++ > maxDepth) throw new Unexpandable("is nested too deeply");
    const outer = this.rawEscapes;
    this.rawEscapes = rawEscapes;
    const collector = new Collector(this.buffer);
    let text = "";
    let closed = stop === undefined;
    for (let character = this.peek(); character !== undefined; character = this.peek()) {
      if (character === stop) {
        this.next();
        closed = true;
        break;
      }
      const special = this.special(character, keepPatternEscapes);
      if (special !== undefined) {
        text += special;
        if (character === "$") collector.text(special);
        else collector.raw(special);
        continue;
      }
      this.next();
      if (character === this.options.escape) {
        if (this.rawEscapes) {
          collector.raw(character);
          text += character;
        }
        const escaped = this.next();
        if (escaped === undefined) break;
        collector.raw(escaped);
        text += escaped;
      } else {
        collector.character(character);
        text += character;
      }
    }
    if (!closed) throw new Unexpandable(`has no matching ${stop}`);
    this.rawEscapes = outer;
    this.depth -= 1;
    return { text, words: collector.all() };
  }

  private special(character: string, keepPatternEscapes: boolean): string | undefined {
    if (character === "$") return this.dollar();
    if (character === "<") return this.heredoc();
    if (character === "'") return this.singleQuoted(keepPatternEscapes);
    return character === '"' ? this.doubleQuoted(keepPatternEscapes) : undefined;
  }

  private singleQuoted(keepPatternEscapes: boolean): string {
    this.next();
    const quote = this.options.rawQuotes === true ? "'" : "";
    let text = quote;
    for (;;) {
      const character = this.next();
      if (character === undefined) throw new Unexpandable("has a single quote that is not closed");
      if (character === "'") return text + quote;
      if (keepPatternEscapes && character === this.options.escape) text += character;
      text += character;
    }
  }

  private doubleQuoted(keepPatternEscapes: boolean): string {
    const { escape: token, rawQuotes } = this.options;
    this.next();
    const quote = rawQuotes === true ? '"' : "";
    let text = quote;
    for (;;) {
      const character = this.peek();
      if (character === undefined) throw new Unexpandable("has a double quote that is not closed");
      if (character === "$") {
        text += this.dollar();
        continue;
      }
      this.next();
      if (character === '"') return text + quote;
      if (character !== token) {
        text += character;
        continue;
      }
      const escaped = this.peek();
      if (escaped === undefined) continue;
      if (escaped === '"' || escaped === "$" || escaped === token) {
        if (this.rawEscapes) text += character;
        text += this.next() ?? "";
      } else {
        if (this.rawEscapes && (rawQuotes !== true || keepPatternEscapes)) text += character;
        text += character;
      }
    }
  }

  private heredoc(): string {
    this.next();
    if (this.peek() !== "<") return "<";
    this.next();
    let text = "<<";
    for (let character = this.peek(); character === "\t" || character === "\r" || character === " "; character = this.peek()) text += this.next() ?? "";
    return text;
  }

  private valueOf(name: string, hasDefault = false): string | undefined {
    const value = this.environment(name, hasDefault);
    if (value === undefined) this.unset.add(name);
    return value;
  }

  private dollar(): string {
    this.next();
    if (this.peek() !== "{") {
      const name = this.name();
      if (name === "") return "$";
      return this.valueOf(name) ?? (this.options.keepUnset === true ? `$${name}` : "");
    }
    this.next();
    const first = this.peek();
    if (first === undefined) throw new Unexpandable("has no matching }");
    if (first === "{" || first === "}" || first === ":") throw new Unexpandable("has a bad substitution");
    const name = this.name();
    const operator = this.next();
    if (operator === "}") return this.valueOf(name) ?? (this.options.keepUnset === true ? `\${${name}}` : "");
    if (operator === "/") return this.replaced(name);
    const nullIsUnset = operator === ":";
    const modifier = nullIsUnset ? this.next() : operator;
    const isPattern = modifier === "#" || modifier === "%";
    if (modifier === undefined || !"+-?#%".includes(modifier) || (nullIsUnset && isPattern)) throw new Unexpandable("has an unsupported modifier");
    const word = this.until("}", isPattern, isPattern).text;
    const value = this.valueOf(name, modifier === "-" || modifier === "+");
    if (value === undefined && this.options.keepUnset === true) return `\${${name}${nullIsUnset ? ":" : ""}${modifier}${word}}`;
    const missing = value === undefined || (nullIsUnset && value === "");
    if (modifier === "-") return missing ? word : value;
    if (modifier === "+") return missing ? "" : word;
    if (modifier === "?") {
      if (missing) throw new Unexpandable("needs a variable that is not set");
      return value;
    }
    const greedy = word.startsWith(modifier);
    const pattern = greedy ? word.slice(1) : word;
    return (modifier === "#" ? removePrefix : removeSuffix)(pattern, value ?? "", greedy);
  }

  private replaced(name: string): string {
    const all = this.peek() === "/";
    if (all) this.next();
    const pattern = this.until("/", true, true).text;
    const replacement = this.until("}", true, false).text;
    const value = this.valueOf(name);
    if (value === undefined && this.options.keepUnset === true) return `\${${name}/${pattern}/${replacement}}`;
    return replacePattern(pattern, value ?? "", replacement, all);
  }

  private name(): string {
    let name = "";
    const first = this.peek();
    if (first === undefined) return "";
    if (isDigit(first)) {
      for (let character = this.peek(); character !== undefined && isDigit(character); character = this.peek()) name += this.next() ?? "";
      return name;
    }
    if ("@*#?-$!".includes(first)) return this.next() ?? "";
    for (let character = this.peek(); character !== undefined && /[\p{L}\p{Nd}_]/u.test(character); character = this.peek()) name += this.next() ?? "";
    return name;
  }
}

function isDigit(character: string): boolean {
  return /\p{Nd}/u.test(character);
}
