import type { Document, Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { isAlias, isCollection, isMap, isScalar, isSeq, parseAllDocuments, visit } from "yaml";
import type { Path } from "@bulkhead/core";
import { isObject } from "@bulkhead/core";
import { changeBlock } from "./block";
import { changeFlow } from "./flow";
import { Inheritance } from "./inheritance";
import { steps } from "./lists";
import type { Style } from "./render";
import { flow, isEmpty, scalar } from "./render";
import { replaceWithBlock } from "./replace";
import type { Splice } from "./splice";
import { same, Uneditable } from "./splice";
import { styleOf } from "./style";
import type { Entry } from "./tokens";
import { contentEnd, entriesOf, isInLines, rangeOf, withoutBreak } from "./tokens";

/** What a value in a text is, as the reader gives it, and what it shall be. */
export interface Change {
  /** 0-based. */
  readonly document: number;
  readonly path: Path;
  readonly before: unknown;
  readonly after: unknown;
}

/** What becomes of the members of a collection. */
export type Action =
  | { readonly op: "keep"; readonly entry: Entry }
  | { readonly op: "remove"; readonly entry: Entry }
  | { readonly op: "insert"; readonly key?: string; readonly value: unknown };

/** A place that holds a value. */
export interface Slot {
  readonly node: Node | undefined;
  readonly valueAt: number;
  /** Column of the key or the dash. */
  readonly column: number;
  readonly kind: "root" | "pair" | "item";
  readonly inFlow: boolean;
  readonly tag: Entry["tag"];
}

/**
 * The splices that turn what a YAML or JSON text says into what it shall say. Nothing else is touched: comments, order,
 * quotes and line breaks stay. An alias whose target changes otherwise than itself is written out. `overrides` says whether
 * a value that the text has from elsewhere, such as an extended service, is said otherwise here.
 *
 * @throws Uneditable
 */
export function edit(text: string, changes: readonly Change[], overrides = true): readonly Splice[] {
  const documents = parseAllDocuments<Node>(text, { keepSourceTokens: true, uniqueKeys: false, strict: false, schema: "failsafe", logLevel: "silent" });
  if (!Array.isArray(documents)) throw new Uneditable("a text without documents");
  const splices: Splice[] = [];
  for (const change of changes) {
    const document = documents[change.document];
    if (document === undefined) throw new Uneditable("fewer documents than were read");
    new Editor(text, document, splices, overrides).change(change);
  }
  return splices;
}

export class Editor {
  readonly text: string;
  readonly style: Style;
  private readonly splices: Splice[];
  private readonly root: Node | null;
  private readonly overrides: boolean;
  private readonly inheritance: Inheritance;

  constructor(text: string, document: Document<Node>, splices: Splice[], overrides: boolean) {
    this.overrides = overrides;
    this.text = text;
    this.splices = splices;
    this.root = document.contents;
    this.style = styleOf(text, document.contents);
    this.inheritance = new Inheritance(hasAliases(document));
  }

  change({ path, before, after }: Change): void {
    if (path.length > 0 && this.inheritance.needed) throw new Uneditable("aliases in a list of documents");
    let slot: Slot = { node: this.root ?? undefined, valueAt: this.root?.range?.[0] ?? 0, column: 0, kind: "root", inFlow: false, tag: undefined };
    for (const key of path) {
      const { node } = slot;
      if (typeof key !== "number" || !isSeq(node)) throw new Uneditable("a path that is not in the text");
      slot = this.slotOf(entriesOf(node, this.text)[key] as Entry, node, "item");
    }
    this.value(slot, before, after);
  }

  splice(start: number, end: number, text: string): void {
    this.splices.push({ start, end, text });
  }

  private slotOf({ node, valueAt, tag }: Entry, parent: YAMLMap | YAMLSeq, kind: "pair" | "item"): Slot {
    return { node, valueAt, column: columnOf(parent), kind, inFlow: parent.flow === true, tag };
  }

  private value(slot: Slot, before: unknown, after: unknown): void {
    const { node } = slot;
    const unchanged = same(before, after);
    if (unchanged && !this.inheritance.needed) return;
    if (isAlias(node)) {
      if (!this.inheritance.stillIs(node.source, after)) this.replace(slot, after);
      return;
    }
    if (isMap(node) && isObject(before) && isObject(after)) this.mapping(slot, node, before, after);
    else if (isSeq(node) && Array.isArray(before) && Array.isArray(after)) this.list(slot, node, before, after);
    else if (!unchanged) {
      this.forget(node);
      this.replace(slot, after);
    }
    this.inheritance.remember(node, after);
  }

  private mapping(slot: Slot, node: YAMLMap, before: { readonly [key: string]: unknown }, after: { readonly [key: string]: unknown }): void {
    const entries = entriesOf(node, this.text);
    const names = entries.map((entry, index) => this.nameOf(entry, (node.items[index] as Pair<Node>).key));
    const own = new Set(names.filter((name) => name !== merge));
    const merged = names.flatMap((name, index) => (name === merge ? this.inheritance.sources(entries[index]?.node) : []));
    const inherited = this.inheritance.merged(merged);
    const expand = merged.length > 0 && Object.keys(inherited).some((key) => !Object.hasOwn(after, key));
    const actions = entries.map((entry, index): Action => {
      const name = names[index] as string;
      return { op: (name === merge ? !expand : Object.hasOwn(after, name) || !Object.hasOwn(before, name)) ? "keep" : "remove", entry };
    });
    for (const [index, { op }] of actions.entries()) {
      const [entry, name] = [entries[index] as Entry, names[index] as string];
      if (op === "remove") this.forget(entry.node);
      else if (name !== merge && Object.hasOwn(before, name)) this.value(this.slotOf(entry, node, "pair"), before[name], after[name]);
    }
    const added = Object.keys(after).filter((key) => {
      if (own.has(key)) return false;
      if (Object.hasOwn(inherited, key)) return expand || !same(inherited[key], after[key]);
      // What is neither here nor merged by an alias was read from elsewhere, where it may be changed as well.
      return !Object.hasOwn(before, key) || (this.overrides && !same(before[key], after[key]));
    });
    this.collection(slot, node, [...actions, ...added.map((key): Action => ({ op: "insert", key, value: after[key] }))], after);
  }

  private list(slot: Slot, node: YAMLSeq, before: readonly unknown[], after: readonly unknown[]): void {
    const entries = entriesOf(node, this.text);
    if (entries.length !== before.length) throw new Uneditable("a list of another length than was read");
    const actions = steps(before, after).map((step): Action => {
      if (step.op === "insert") return { op: "insert", value: after[step.to] };
      const entry = entries[step.from] as Entry;
      if (step.op === "remove") this.forget(entry.node);
      else this.value(this.slotOf(entry, node, "item"), before[step.from], after[step.to]);
      return { op: step.op, entry };
    });
    this.collection(slot, node, actions, after);
  }

  private collection(slot: Slot, node: YAMLMap | YAMLSeq, actions: readonly Action[], after: object): void {
    if (actions.every(({ op }) => op === "keep")) return;
    const isNew = !actions.some(({ op }) => op === "keep") && (node.flow === true || actions.length === 0);
    if (isNew) this.replace(slot, after);
    else if (node.flow === true) changeFlow(this, node, actions);
    else changeBlock(this, slot, actions, columnOf(node), isSeq(node));
  }

  private replace(slot: Slot, after: unknown): void {
    const { node, valueAt, inFlow, kind, tag } = slot;
    // A tag that says what the old value is would make something else of the new one.
    if (tag !== undefined && typeof after !== "string") this.splice(this.text[tag.start - 1] === " " ? tag.start - 1 : tag.start, tag.end, "");
    const isBlock = typeof after === "object" && after !== null && !isEmpty(after);
    const oldFlow = isCollection(node) && node.flow === true;
    if (isBlock && !inFlow && !this.style.json && !oldFlow) {
      replaceWithBlock(this, slot, after);
      return;
    }
    const quote = isScalar(node) ? (node.type === "QUOTE_DOUBLE" ? '"' : node.type === "QUOTE_SINGLE" ? "'" : undefined) : undefined;
    const written = typeof after === "object" ? flow(after, this.style, this.style.json ? this.lineIndent(valueAt) : undefined) : scalar(after, this.style, quote);
    if (node === undefined) this.splice(valueAt, valueAt, ` ${written}`);
    else if (isInLines(node)) this.splice(kind === "root" ? rangeOf(node)[0] : valueAt, withoutBreak(this.text, contentEnd(node, this.text)), kind === "root" ? written : ` ${written}`);
    else this.splice(...rangeOf(node), written);
  }

  private lineIndent(at: number): string {
    return /^[ \t]*/.exec(this.text.slice(this.text.lastIndexOf("\n", at - 1) + 1))?.[0] ?? "";
  }

  /** The anchors inside what is removed name nothing any more. */
  private forget(node: Node | undefined): void {
    if (node === undefined || !this.inheritance.needed) return;
    visit(node, { Node: (_, member) => this.inheritance.forget(member) });
  }

  private nameOf({ key }: Entry, node: Node): string {
    if (isAlias(node)) throw new Uneditable("an alias for a key");
    const name = isScalar(key) ? key.value : undefined;
    if (typeof name !== "string") throw new Uneditable("a key that is no text");
    this.inheritance.remember(node, name);
    return name;
  }
}

const merge = "<<";

function columnOf(collection: YAMLMap | YAMLSeq): number {
  const { srcToken } = collection;
  return srcToken !== undefined && "indent" in srcToken ? srcToken.indent : 0;
}

function hasAliases(document: Document<Node>): boolean {
  let found = false;
  visit(document, {
    Alias: () => {
      found = true;
      return visit.BREAK;
    },
  });
  return found;
}
