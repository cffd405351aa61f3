import type { Exemptions } from "./exemptions";
import { copyOf, isKnown, isUnset, revealed } from "./known";

/** What became of one setting. */
export type StackOutcome =
  /** Set, or taken out, by `hardenStack`. */
  | "changed"
  /** Weak, and left: what it should be is for the program's author to say. */
  | "left"
  /** Weak, and exempted. */
  | "exempted"
  /** Not known: an output, so that nothing was done. */
  | "unknown";

/** One setting of a resource, and what became of it. Never holds a value of the program's. */
export interface StackChange {
  readonly resource: string;
  readonly outcome: StackOutcome;
  /** Such as `spec.template.spec.containers[0].securityContext.privileged`. */
  readonly path: string;
  /** The rules that find it as it was. */
  readonly rules: readonly string[];
  readonly what: string;
}

export type Mutable = { [key: string]: unknown };

/** The inputs of one resource while they are hardened: a copy, of which outputs and the like are the same. */
export class Draft {
  readonly entries: Omit<StackChange, "resource">[] = [];
  readonly inputs: Mutable;
  readonly exemptions: Exemptions;
  /** Whether what is unset is filled. In a custom resource it is not: its schema need not have the field. */
  readonly fills: boolean;

  constructor(inputs: Mutable, exemptions: Exemptions, fills: boolean) {
    this.inputs = inputs;
    this.exemptions = exemptions;
    this.fills = fills;
  }

  get isChanged(): boolean {
    return this.entries.some(({ outcome }) => outcome === "changed");
  }

  note(outcome: StackOutcome, path: string, rules: readonly string[], what: string): void {
    this.entries.push({ outcome, path, rules, what });
  }
}

/** An object of a draft; one that is not there yet is made by the first thing that is written to it. */
export class Place {
  readonly draft: Draft;
  readonly path: string;
  /** The container that it belongs to. */
  readonly container: string | undefined;
  readonly #own: () => Mutable | undefined;
  readonly #make: () => Mutable;

  constructor(draft: Draft, path: string, own: () => Mutable | undefined, make: () => Mutable, container?: string) {
    this.draft = draft;
    this.path = path;
    this.container = container;
    this.#own = own;
    this.#make = make;
  }

  static of(draft: Draft, object: Mutable, path: string, container?: string): Place {
    return new Place(draft, path, () => object, () => object, container);
  }

  get(key: string): unknown {
    return this.#own()?.[key];
  }

  keys(): readonly string[] {
    return Object.keys(this.#own() ?? {});
  }

  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** What stands in an object below; undefined where that is not known, which is noted. */
  section(key: string): Place | undefined {
    const value = revealed(this.get(key));
    if (!isUnset(value) && !isObject(value)) {
      this.draft.note("unknown", this.at(key), [], "not known");
      return undefined;
    }
    const make = (): Mutable => {
      const own = this.#make();
      if (isUnset(own[key])) own[key] = {};
      return revealed(own[key]) as Mutable;
    };
    return new Place(this.draft, this.at(key), () => revealed(this.get(key)) as Mutable | undefined, make, this.container);
  }

  /** The members of a list that are objects; others are noted. */
  members(key: string, nameOf: (member: Mutable) => string | undefined = () => this.container): readonly Place[] {
    const list = this.get(key);
    if (isUnset(list)) return [];
    if (!Array.isArray(list)) {
      this.draft.note("unknown", this.at(key), [], "not known");
      return [];
    }
    return list.flatMap((member: unknown, index) => {
      const path = `${this.at(key)}[${index}]`;
      if (isObject(member)) return [Place.of(this.draft, member, path, nameOf(member))];
      this.draft.note("unknown", path, [], "not known");
      return [];
    });
  }

  /** Sets what is unset. */
  fill(key: string, value: unknown, rules: readonly string[]): void {
    const before = this.get(key);
    if (!isUnset(before)) return void (isKnown(before) || this.draft.note("unknown", this.at(key), rules, "not known"));
    if (this.draft.fills) this.set(key, value, rules, `set to ${said(value)}`);
    else if (!this.isExempted(key, rules)) this.draft.note("left", this.at(key), rules, "not set, in a custom resource whose controller may set it");
  }

  /** Whether a value is weak; one that is not known is noted, and is not. */
  isWeak(key: string, weak: (value: unknown) => boolean, rules: readonly string[]): boolean {
    const value = this.get(key);
    if (isUnset(value)) return false;
    if (isKnown(value)) return weak(value);
    this.draft.note("unknown", this.at(key), rules, "not known");
    return false;
  }

  /** Puts a value in place of one that is weak; undefined takes it out. */
  strengthen(key: string, weak: (value: unknown) => boolean, value: unknown, rules: readonly string[], what?: string): void {
    if (this.isWeak(key, weak, rules)) this.set(key, value, rules, what ?? (value === undefined ? "taken out" : `set to ${said(value)}`));
  }

  set(key: string, value: unknown, rules: readonly string[], what: string): void {
    if (!this.isExempted(key, rules)) this.replace(key, value, rules, what);
  }

  /** Sets it, exempted or not. Members of a list may be outputs. */
  replace(key: string, value: unknown, rules: readonly string[], what: string): void {
    const own = this.#make();
    if (value === undefined) delete own[key];
    else own[key] = copyOf(value);
    this.draft.note("changed", this.at(key), rules, what);
  }

  /** Names what is weak and stays; of its rules some may be exempted. */
  leave(key: string, rules: readonly string[], what: string): void {
    const found = rules.filter((rule) => !this.isExempted(key, [rule]));
    if (found.length > 0 || rules.length === 0) this.draft.note("left", this.at(key), found, what);
  }

  isExempted(key: string, rules: readonly string[]): boolean {
    const found = this.draft.exemptions.of(rules, this.container);
    if (found === undefined) return false;
    this.draft.note(found.outcome, this.at(key), found.rules, found.what);
    return true;
  }
}

export function isObject(value: unknown): value is Mutable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

function said(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
