import type { Event, Schema } from "js-yaml";
import { boolYaml11Tag, constructFromEvents, CORE_SCHEMA, defineScalarTag, EVENT_ALIAS, mergeTag, NOT_RESOLVED, parseEvents, YAMLException } from "js-yaml";
import type { Nodes } from "./nodes";
import { packNodes } from "./nodes";
import type { InputError } from "./problem";
import { margin, withRepairs } from "./repair";

const integer = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;

/**
 * Integers as Kubernetes reads them (goyaml.v2 resolve.go: every `_` is dropped, then strconv.ParseInt with base 0):
 * `0644` and `0o644` are 420, `1_000` is 1000, and `0_` is 0.
 */
export const kubernetesInt = defineScalarTag("tag:yaml.org,2002:int", {
  implicit: true,
  implicitFirstChars: [..."+-0123456789"],
  resolve: (source) => {
    const plain = source.replaceAll("_", "");
    if (!integer.test(plain)) return NOT_RESOLVED;
    const negative = plain.startsWith("-");
    const digits = plain.replace(/^[-+]/, "");
    const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits.toLowerCase());
    return negative ? -value : value;
  },
  identify: () => false,
});

/** `yes`, `on` and `y` are true as in YAML 1.1; dates and `12:30:45` stay text; `<<` merges. */
const kubernetesSchema = CORE_SCHEMA.withTags(boolYaml11Tag, kubernetesInt, mergeTag);

const maxDepth = 200;
const limits = { maxAliases: 20_000, maxTotalMergeKeys: 200_000 } as const;
/** Values in one document once aliases are followed. */
const maxValues = 4_000_000;

/** A text as the parser took it, with what it saw there. */
export interface Parsed {
  readonly text: string;
  readonly nodes: Nodes;
  /** An offset in `text` as one in the text that was given. */
  readonly original: (offset: number) => number;
}

/** `text` is what was given, for looking up positions; `parsed` spares parsing it again, where it was parsed in one piece. */
export type DocumentsResult = { readonly documents: readonly unknown[]; readonly text: string; readonly parsed?: Parsed } | { readonly error: InputError };

/** A document's part of a text. */
export interface Part {
  readonly text: string;
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
}

/**
 * A text cut at its `---` lines, so that a large one need not be parsed as a whole; `---` at the start of a line ends
 * every block. Undefined where the text uses directives or `...`, which reach beyond one part.
 */
export function splitDocuments(text: string): readonly Part[] | undefined {
  if (/^(%|\.\.\.(\s|$))/m.test(text)) return undefined;
  const parts: Part[] = [];
  let line = 0;
  let start = 0;
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$)/gm)) {
    add(marker.index);
    start = marker.index;
  }
  add(text.length);
  return parts;

  function add(end: number): void {
    const part = text.slice(start, end);
    // What stands before the first marker is a document only where it is more than comments.
    if (start > 0 || text.startsWith("---") || /^[ \t\ufeff]*[^#\s]/m.test(part)) if (end > start) parts.push({ text: part, offset: start, line });
    for (let at = part.indexOf("\n"); at >= 0; at = part.indexOf("\n", at + 1)) line += 1;
  }
}

/** Characters beyond which a text is parsed document by document. */
const largeText = 1_000_000;

/** The documents of a YAML text, with Kubernetes' scalars unless another schema is given. Duplicate keys and alias bombs are refused. */
export function readYaml(text: string, file: string, large: number = largeText, schema: Schema = kubernetesSchema): DocumentsResult {
  const parts = (text.length < large ? undefined : splitDocuments(text)) ?? [{ text, line: 0 }];
  const documents: unknown[] = [];
  let size = 0;
  let parsed: Parsed | undefined;
  for (const part of parts) {
    const result = readPart(part.text, file, schema);
    if ("error" in result) return { error: result.error.line === undefined ? result.error : { ...result.error, line: result.error.line + part.line } };
    const limit = Math.min(maxValues, budget(part.text.length));
    if (result.size > limit) return tooLarge(result.size, limit, file);
    size += result.size;
    if (size > budget(text.length)) return tooLarge(size, budget(text.length), file);
    for (const document of result.documents) documents.push(document);
    if (parts.length > 1 || part.text.length !== text.length) continue;
    parsed = { text: result.text, nodes: packNodes(result.events), original: result.original };
  }
  return { documents, text, ...(parsed === undefined ? {} : { parsed }) };
}

interface PartResult {
  readonly documents: readonly unknown[];
  /** How many values they have. */
  readonly size: number;
  readonly text: string;
  readonly events: readonly Event[];
  readonly original: (offset: number) => number;
}

/** The documents of one text. */
function readPart(text: string, file: string, schema: Schema): PartResult | { readonly error: InputError } {
  const result = withRepairs(text, (repaired) => {
    const events = parseEvents(repaired, { maxDepth });
    const documents = constructFromEvents(events, { source: repaired, schema, ...limits });
    // Without an alias the text has fewer values than characters.
    return { documents, size: hasAlias(repaired, events) ? expandedSize(documents) : 0, text: repaired, events };
  });
  if ("error" in result) return { error: yamlError(result.error, result.moved, file) };
  return { ...result.value, original: result.original };
}

/** Whether a text has an alias, and not only an `&` in a shell's command or an anchor that nothing refers to. */
function hasAlias(text: string, events: readonly Event[]): boolean {
  return mayAnchor(text) && events.some(({ type }) => type === EVENT_ALIAS);
}

/** Whether anything in a text may be an anchor, which stands at the start of a node; `&` inside words is none. */
function mayAnchor(text: string): boolean {
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    if (at === 0 || " \t\r\n[{,".includes(text[at - 1] ?? "")) return true;
  }
  return false;
}

/** Values that a text of so many characters may have. One that is written out has fewer than characters. */
function budget(characters: number): number {
  return 200_000 + 10 * characters;
}

function tooLarge(size: number, limit: number, file: string): { readonly error: InputError } {
  return { error: { file, expected: `at most ${limit} values`, found: size === Infinity ? "an alias inside what it stands for, or an alias bomb" : `${size} once aliases are followed` } };
}

/** The exception's own text quotes the source; only its reason is kept, and what the reason quotes is cut. */
function yamlError(error: unknown, moved: ReadonlySet<number>, file: string): InputError {
  if (!(error instanceof YAMLException)) return { file, expected: "YAML", found: "text that cannot be parsed" };
  const found = error.reason.replace(/ ?!<.*>/s, "").replace(/(["'`<]|: ).*$/s, "").trim().replace(/(,? but found)?[:(,]?$/, "");
  const { mark } = error;
  const column = mark === undefined ? 0 : mark.column - (moved.has(mark.line) ? margin : 0);
  return { file, expected: "YAML", found: found === "" ? "a syntax error" : found, ...(mark === undefined ? {} : { line: mark.line + 1, column: Math.max(column, 0) + 1 }) };
}

/** How many values a walk would meet; aliases make a graph of what is written once. Infinite for a cycle. */
function expandedSize(root: unknown): number {
  const sizes = new Map<object, number>();
  const measure = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return 1;
    const seen = sizes.get(value);
    if (seen !== undefined) return seen;
    sizes.set(value, Infinity);
    let size = 1;
    for (const child of Object.values(value)) size += measure(child);
    sizes.set(value, size);
    return size;
  };
  return measure(root);
}
