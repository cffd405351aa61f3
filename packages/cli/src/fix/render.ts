import { isObject } from "@bulkhead/core";
import { Uneditable } from "./splice";

/** How a document is written, as far as something new should be written alike. */
export interface Style {
  /** JSON quotes every key and string. */
  readonly json: boolean;
  /** What one level is moved in by; empty for JSON on one line. */
  readonly unit: string;
  readonly eol: string;
  /** Whether lists stand as deep as the key that they belong to. */
  readonly shallowLists: boolean;
  /** `{ a: b }`, not `{a: b}`. */
  readonly padded: boolean;
  /** Whether a space follows `:` and `,` in JSON. */
  readonly spaced: boolean;
}

const plain = /^[A-Za-z_./][\w./-]*(:[\w./-]+)*$/;
const words = /^(true|false|yes|no|on|off|y|n|null|nan|\.nan|[-+]?\.inf)$/i;

/** A text as it may stand for a key or a value anywhere; the quotes of the one it replaces are kept. */
export function scalar(value: unknown, style: Style, quote?: "'" | '"'): string {
  if (typeof value === "string") {
    if (style.json || quote === '"') return JSON.stringify(value);
    if (quote === "'" && /^[ -~]*$/.test(value)) return `'${value.replaceAll("'", "''")}'`;
    return plain.test(value) && !words.test(value) ? value : JSON.stringify(value);
  }
  if (value === null || typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return String(value);
  throw new Uneditable("a value that cannot be written");
}

export function isEmpty(value: object): boolean {
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

/** In braces and brackets; on lines of its own, for JSON that is, where `indent` says how deep the line begins. */
export function flow(value: unknown, style: Style, indent?: string): string {
  if (typeof value !== "object" || value === null) return scalar(value, style);
  const deeper = indent === undefined || style.unit === "" ? undefined : indent + style.unit;
  const isList = Array.isArray(value);
  const [open, close] = isList ? ["[", "]"] : ["{", "}"];
  const members = isList ? value.map((member) => flow(member, style, deeper)) : Object.entries(value).map(([key, member]) => flowPair(key, member, style, deeper));
  if (members.length === 0) return open + close;
  if (deeper !== undefined) return `${open}${style.eol}${members.map((member) => deeper + member).join(`,${style.eol}`)}${style.eol}${indent}${close}`;
  const pad = !style.json && style.padded && !isList ? " " : "";
  return `${open}${pad}${members.join(separator(style))}${pad}${close}`;
}

export function separator(style: Style): string {
  return style.json && !style.spaced ? "," : ", ";
}

export function flowPair(key: string, value: unknown, style: Style, indent?: string): string {
  return `${scalar(key, style)}:${style.json && !style.spaced ? "" : " "}${flow(value, style, indent)}`;
}

/** The lines of a pair in a block mapping, the first one where the key's column begins. */
export function pairLines(key: string, value: unknown, style: Style): readonly string[] {
  const name = scalar(key, style);
  if (typeof value !== "object" || value === null || isEmpty(value)) return [`${name}: ${flow(value, style)}`];
  return [`${name}:`, ...valueLines(value, style)];
}

/** The lines of a collection below its key, relative to the key's column. */
export function valueLines(value: object, style: Style): readonly string[] {
  const depth = Array.isArray(value) && style.shallowLists ? "" : style.unit;
  return blockLines(value, style).map((line) => depth + line);
}

/** The lines of a collection, the first one at its column. */
export function blockLines(value: unknown, style: Style): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value.flatMap((member) => itemLines(member, style));
  if (isObject(value) && !isEmpty(value)) return Object.entries(value).flatMap(([key, member]) => pairLines(key, member, style));
  return [flow(value, style)];
}

export function itemLines(value: unknown, style: Style): readonly string[] {
  return blockLines(value, style).map((line, index) => (index === 0 ? "- " : "  ") + line);
}
