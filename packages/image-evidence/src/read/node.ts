import type { Digest } from "@bulkhead/core";
import { formatPath } from "@bulkhead/core";
import { isDigest } from "../digest";
import { parseInstant } from "../instant";
import { DocumentError } from "./document-error";

const maxText = 4096;

/**
 * A value of a document with the place that it stands at: each question either has an answer of the right type or is a
 * `DocumentError` that names file, path, what was expected and what is there. Only an object's own properties are seen.
 */
export class Node {
  readonly value: unknown;
  readonly file: string;
  readonly #parent: Node | undefined;
  readonly #key: string | number;

  constructor(value: unknown, file: string, parent?: Node, key: string | number = "") {
    this.value = value;
    this.file = file;
    this.#parent = parent;
    this.#key = key;
  }

  get path(): string {
    return formatPath(this.#steps());
  }

  #steps(): readonly (string | number)[] {
    return this.#parent === undefined ? [] : [...this.#parent.#steps(), this.#key];
  }

  error(expected: string): DocumentError {
    return new DocumentError({ file: this.file, path: this.path, expected, found: describe(this.value) });
  }

  /** Neither left out nor null. */
  get present(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isObject(): boolean {
    return typeof this.value === "object" && this.value !== null && !Array.isArray(this.value);
  }

  get isList(): boolean {
    return Array.isArray(this.value);
  }

  has(name: string): boolean {
    return this.isObject && Object.hasOwn(this.value as object, name);
  }

  /** A property; of null or nothing, nothing. */
  at(name: string): Node {
    if (!this.present) return new Node(undefined, this.file, this, name);
    if (!this.isObject) throw this.error("an object");
    return new Node(Object.hasOwn(this.value as object, name) ? (this.value as Record<string, unknown>)[name] : undefined, this.file, this, name);
  }

  get names(): readonly string[] {
    if (!this.present) return [];
    if (!this.isObject) throw this.error("an object");
    return Object.keys(this.value as object);
  }

  /** The members of a list; none where there is no list. */
  items(): readonly Node[] {
    if (!this.present) return [];
    if (!Array.isArray(this.value)) throw this.error("a list");
    return this.value.map((member, index) => new Node(member, this.file, this, index));
  }

  object(): Node {
    if (!this.isObject) throw this.error("an object");
    return this;
  }

  /** Text that says something: nothing for one that is empty or left out. */
  text(): string | undefined {
    if (!this.present || this.value === "") return undefined;
    if (typeof this.value !== "string") throw this.error("text");
    if (this.value.length > maxText) throw this.error(`text of at most ${maxText} characters`);
    return this.value;
  }

  requiredText(): string {
    const text = this.text();
    if (text === undefined) throw this.error("text");
    return text;
  }

  /** The text, or nothing for what is no text: for fields that nothing depends on. */
  textIfAny(): string | undefined {
    return typeof this.value === "string" && this.value !== "" && this.value.length <= maxText ? this.value : undefined;
  }

  flag(): boolean | undefined {
    if (!this.present) return undefined;
    if (typeof this.value !== "boolean") throw this.error("true or false");
    return this.value;
  }

  /** Milliseconds since 1970 of an RFC 3339 date; nothing for one that is left out, empty, or Go's zero time. */
  instant(): number | undefined {
    const text = this.text();
    if (text === undefined || text.startsWith("0001-01-01T00:00:00")) return undefined;
    const at = parseInstant(text);
    if (at === undefined) throw this.error("a date with time and zone (RFC 3339)");
    return at;
  }

  /** Milliseconds since 1970 of seconds since 1970. */
  epoch(): number | undefined {
    if (!this.present || this.value === 0) return undefined;
    if (typeof this.value !== "number" || !(this.value > 0) || this.value > 253_402_300_799) throw this.error("seconds since 1970");
    return Math.trunc(this.value * 1000);
  }

  digest(): Digest {
    const text = this.requiredText();
    if (!isDigest(text)) throw this.error("sha256: and 64 hexadecimal digits");
    return text;
  }
}

/** Of texts only the beginning: enough to find it, not enough to repeat what should not be repeated. */
function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (typeof value === "object") {
    const names = Object.keys(value);
    const shown = names.slice(0, 6).map((name) => JSON.stringify(name.slice(0, 40)));
    return names.length === 0 ? "an empty object" : `an object with ${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
  }
  if (typeof value === "string") return value.length > 48 ? `a text of ${value.length} characters` : JSON.stringify(value);
  return String(value);
}
