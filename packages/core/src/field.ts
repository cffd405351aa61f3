/** Marks a value that is not known yet (a Pulumi output at preview, an unset interpolation variable). */
export const UNKNOWN: unique symbol = Symbol.for("bulkhead.unknown");

export type Path = readonly (string | number)[];

/** One change to a document: the value that must stand at a path, or its removal. */
export type Patch =
  | { readonly op: "set"; readonly path: Path; readonly value: unknown }
  | { readonly op: "remove"; readonly path: Path };

/**
 * One setting of the model. `path` is where it stands in the source, or where it would stand.
 *
 * - `value`: known. `partial` is true for a list of which some members are unknown; `value` holds the known ones.
 * - `unset`: the document leaves it out and the platform's default applies.
 * - `unknown`: it cannot be known yet; never a pass. With `elsewhere`, what decides stands outside what was read.
 * - `unsupported`: this kind of document cannot say it (a Patch that leaves it out, a Swarm service's seccomp
 *   profile): not examined, with the reason.
 */
export type Field<T> = FieldState<T> & {
  readonly path: Path;
  /** The patches that write `value` here, or undefined where it cannot be written (an unknown parent, no such input). */
  to(value: T | undefined): readonly Patch[] | undefined;
  /** Why it cannot be written although nothing here is unknown: another setting of the document forbids it. */
  readonly forbidden?: string;
};

export type FieldState<T> =
  | { readonly state: "value"; readonly value: T; readonly partial?: boolean; readonly reason?: string }
  | { readonly state: "unset" }
  | { readonly state: "unknown"; readonly reason?: string; readonly elsewhere?: boolean; readonly value?: undefined }
  | { readonly state: "unsupported"; readonly reason: string };

export type PlainObject = { readonly [key: string]: unknown };

export function isObject(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `spec.containers[0].image`; keys that are no identifiers are quoted: `labels["a/b"]`. */
export function formatPath(path: Path): string {
  let text = "";
  for (const part of path) {
    if (typeof part === "number") text += `[${part}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(part)) text += text === "" ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

const cannotWrite = (): undefined => undefined;

export function known<T>(value: T, path: Path, to: Field<T>["to"] = cannotWrite): Field<T> {
  return { state: "value", value, path, to };
}

export function unset<T>(path: Path, to: Field<T>["to"] = cannotWrite): Field<T> {
  return { state: "unset", path, to };
}

export function unknown<T>(path: Path, reason?: string): Field<T> {
  return { state: "unknown", path, to: cannotWrite, ...(reason === undefined ? {} : { reason }) };
}

/** Unknown because what decides stands outside what was read. */
export function elsewhere<T>(path: Path, reason: string): Field<T> {
  return { state: "unknown", path, to: cannotWrite, reason, elsewhere: true };
}

export function unsupported<T>(path: Path, reason: string): Field<T> {
  return { state: "unsupported", reason, path, to: cannotWrite };
}

/** The known value, or undefined for every other state. */
export function knownValue<T>(field: Field<T>): T | undefined {
  return field.state === "value" ? field.value : undefined;
}

/** The same field seen through a function of its value; it can be written only where `to` is given. */
export function mapField<A, B>(field: Field<A>, map: (value: A) => B, to?: Field<B>["to"]): Field<B> {
  const write = to ?? cannotWrite;
  if (field.state !== "value") return { ...field, to: write } as Field<B>;
  const partial = field.partial === true ? { partial: true } : {};
  return { state: "value", value: map(field.value), path: field.path, to: write, ...partial };
}
