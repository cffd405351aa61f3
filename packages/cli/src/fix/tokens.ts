import type { CST, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isAlias, isCollection, isMap, isScalar } from "yaml";
import { Uneditable } from "./splice";

/** A member of a mapping or a list, and where its parts stand in the text. */
export interface Entry {
  /** Of the key with what belongs to it, or of the dash. */
  readonly start: number;
  /** Behind the colon or the dash, and behind an anchor and a tag: where a value that is left out would begin. */
  readonly valueAt: number;
  /** Behind the last character of the value. */
  readonly end: number;
  readonly tag: { readonly start: number; readonly end: number } | undefined;
  /** Undefined for a value that is left out. */
  readonly node: Node | undefined;
  readonly key: Node | undefined;
}

type Tokens = readonly CST.SourceToken[];
type Items = readonly { readonly start: Tokens; readonly key?: CST.Token | null; readonly sep?: Tokens; readonly value?: CST.Token }[];

const isSpace = ({ type }: CST.SourceToken): boolean => type === "space" || type === "newline" || type === "comment" || type === "comma";
const endOf = ({ offset, source }: CST.SourceToken): number => offset + source.length;

export function entriesOf(collection: YAMLMap | YAMLSeq, text: string): readonly Entry[] {
  const { srcToken } = collection;
  if (srcToken === undefined || !("items" in srcToken)) throw new Uneditable("a collection without brackets inside another one");
  const inBlock = srcToken.type === "block-seq";
  // What holds only comments or a comma is no member.
  const items = (srcToken.items as Items).filter(({ start, key, sep, value }) => (inBlock ? start.some(({ type }) => type === "seq-item-ind") : value !== undefined || sep !== undefined || (key ?? undefined) !== undefined));
  if (items.length !== collection.items.length) throw new Uneditable("a collection of a form that is not known");
  return items.map((item, index) => (isMap(collection) ? pairEntry(collection.items[index] as Pair<Node, Node | null>, item, text) : itemEntry(collection.items[index] as Node, item, text)));
}

function pairEntry({ key, value }: Pair<Node, Node | null>, { start, sep = [] }: Items[number], text: string): Entry {
  const first = start.find((token) => !isSpace(token));
  const from = first?.offset ?? (key.range === null || key.range === undefined ? sep[0]?.offset : key.range[0]);
  const last = sep.findLast((token) => !isSpace(token));
  return finish(from, last === undefined ? undefined : endOf(last), value, key, sep, text);
}

function itemEntry(node: Node, { start }: Items[number], text: string): Entry {
  const first = start.find((token) => !isSpace(token));
  const last = start.findLast((token) => !isSpace(token));
  const from = first?.offset ?? node.range?.[0];
  return finish(from, last === undefined ? from : endOf(last), node, undefined, start, text);
}

function finish(start: number | undefined, valueAt: number | undefined, value: Node | null, key: Node | undefined, properties: Tokens, text: string): Entry {
  const tag = properties.find(({ type }) => type === "tag");
  const node = value === null || isLeftOut(value) ? undefined : value;
  const behind = valueAt ?? key?.range?.[1];
  if (start === undefined || behind === undefined) throw new Uneditable("a member whose place is not known");
  return { start, valueAt: behind, end: node === undefined ? behind : contentEnd(node, text), node, key, tag: tag === undefined ? undefined : { start: tag.offset, end: endOf(tag) } };
}

/** A value that has no text, apart perhaps from an anchor. */
export function isLeftOut(node: Node): boolean {
  return isScalar(node) && node.range !== null && node.range !== undefined && node.range[0] === node.range[1];
}

/** Behind the last character that belongs to a value; comments and blank lines that follow do not. */
export function contentEnd(node: Node, text: string): number {
  const [start, end] = rangeOf(node);
  if (isAlias(node) || (isCollection(node) && node.flow === true)) return end;
  if (isCollection(node)) return entriesOf(node as YAMLMap | YAMLSeq, text).at(-1)?.end ?? end;
  if (isBlockText(node)) {
    const keeps = /^[|>]\d?\+/.test(text.slice(start, start + 3));
    return keeps ? end : start + text.slice(start, end).trimEnd().length;
  }
  return end;
}

export function rangeOf(node: Node): readonly [number, number] {
  if (node.range === null || node.range === undefined) throw new Uneditable("a value whose place is not known");
  return [node.range[0], node.range[1]];
}

function isBlockText(node: Node): boolean {
  return isScalar(node) && (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED");
}

/** Whether a value takes lines of its own, as opposed to quotes, brackets or a plain word. */
export function isInLines(node: Node): boolean {
  return isBlockText(node) || (isCollection(node) && node.flow !== true);
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Before the line break, or the end of the text. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf("\n", at);
  if (found < 0) return text.length;
  return found > at && text[found - 1] === "\r" ? found - 1 : found;
}

/** The end of the line in which something ends; a text whose last line breaks count ends where the next line begins. */
export function lastLineEnd(text: string, end: number): number {
  return text[end - 1] === "\n" ? withoutBreak(text, end) : lineEnd(text, end);
}

/** The end of a value, without the line breaks that count. */
export function withoutBreak(text: string, end: number): number {
  return text[end - 1] === "\n" ? (previousLineEnd(text, end) ?? end) : end;
}

/** The end of the line before the one that begins at `start`; undefined for the first line. */
export function previousLineEnd(text: string, start: number): number | undefined {
  if (start === 0) return undefined;
  return text[start - 2] === "\r" ? start - 2 : start - 1;
}

/** Whether only blanks stand before it in its line. */
export function beginsLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === "";
}

export function indentOf(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? "";
}
