import { isObject, UNKNOWN } from "@bulkhead/core";

export type Fields = { readonly [key: string]: unknown };

/** What stands below, or nothing where there is no object. */
export function below(value: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((found, key) => (isObject(found) && Object.hasOwn(found, key) ? found[key] : found === UNKNOWN ? UNKNOWN : undefined), value);
}

export function fields(value: unknown): Fields {
  return isObject(value) ? value : {};
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function integer(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}

/** Texts by key; undefined where there are other values among them, or one that is not known yet. */
export function texts(value: unknown): { readonly [key: string]: string } | undefined {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value);
  return entries.every(([, member]) => typeof member === "string") ? (Object.fromEntries(entries) as { readonly [key: string]: string }) : undefined;
}

/** Whether a value that is known only after the program has run stands anywhere inside. */
export function holdsUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true;
  if (Array.isArray(value)) return value.some(holdsUnknown);
  return isObject(value) && Object.values(value).some(holdsUnknown);
}

/** Without what is null, as the API server reads it. */
export function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, member]) => (member === null ? [] : [[key, withoutNull(member)]])));
}
