import type { Node } from "yaml";
import { isAlias, isSeq } from "yaml";
import { isObject } from "@bulkhead/core";
import { same, Uneditable } from "./splice";

/** What anchors stand for once a document is changed; filled in the order of the text, as YAML reads them. */
export class Inheritance {
  /** Whether there are aliases at all. */
  readonly needed: boolean;
  private readonly anchors = new Map<string, unknown>();

  constructor(needed: boolean) {
    this.needed = needed;
  }

  remember(node: Node | undefined, after: unknown): void {
    const name = anchorOf(node);
    if (name !== undefined) this.anchors.set(name, after);
  }

  forget(node: Node): void {
    const name = anchorOf(node);
    if (name !== undefined) this.anchors.delete(name);
  }

  /** Whether an alias means what is wanted. */
  stillIs(name: string, wanted: unknown): boolean {
    return this.anchors.has(name) && same(this.anchors.get(name), wanted);
  }

  /** What `<<` names: an alias, or a list of them. */
  sources(node: Node | undefined): readonly { readonly [key: string]: unknown }[] {
    if (isSeq(node)) return node.items.flatMap((item) => this.sources(item as Node));
    if (!isAlias(node)) throw new Uneditable("a merge of what is no alias");
    const value = this.anchors.get(node.source);
    return [isObject(value) ? value : {}];
  }

  /** Of two sources the first one counts. */
  merged(sources: readonly { readonly [key: string]: unknown }[]): { readonly [key: string]: unknown } {
    return Object.assign({}, ...[...sources].reverse()) as { readonly [key: string]: unknown };
  }
}

function anchorOf(node: Node | undefined): string | undefined {
  return node !== undefined && "anchor" in node && typeof node.anchor === "string" ? node.anchor : undefined;
}
