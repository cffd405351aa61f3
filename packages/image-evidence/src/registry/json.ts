import { DocumentError } from "../read/document-error";
import { parseJson } from "../read/json";

export type JsonObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that a registry sent, or nothing: for hostile JSON as well (a name twice, nesting without end, no UTF-8). */
export function readObject(bytes: Buffer): JsonObject | undefined {
  try {
    const value = parseJson(bytes, "", { maxDepth: 32 });
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof DocumentError) return undefined;
    throw error;
  }
}

/** The object that the text is, or nothing. What the parser says would quote the text. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Those members that are text; none where it is no object. */
export function textMembers(value: unknown): { readonly [key: string]: string } {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
