import * as pulumi from "@pulumi/pulumi";
import { ArgumentError, describe } from "./argument-error";

/** Reads one argument: its value in the form that is used, or an `ArgumentError`. `path` is where it stands, such as `web: args.memory`. */
export type Reader<T> = (value: unknown, path: string) => T;

/** The value that a reader gives. */
export type Read<R> = R extends Reader<infer T> ? T : never;

type Shape = { readonly [key: string]: Reader<unknown> };
type ReadShape<S extends Shape> = { readonly [K in keyof S as undefined extends Read<S[K]> ? never : K]: Read<S[K]> } & { readonly [K in keyof S as undefined extends Read<S[K]> ? K : never]?: Exclude<Read<S[K]>, undefined> };

/** An object with these keys and no others: a key that is not known is refused, also where the program is plain JavaScript. */
export function object<S extends Shape>(shape: S): Reader<ReadShape<S>> {
  const keys = Object.keys(shape);
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(path, "an object", describe(value));
    const stranger = Object.keys(value).find((key) => !keys.includes(key));
    if (stranger !== undefined) throw new ArgumentError(`${path}.${stranger}`, `one of ${keys.join(", ")}`, `the unknown argument "${stranger}"`);
    const given = value as { readonly [key: string]: unknown };
    const read: { [key: string]: unknown } = {};
    for (const key of keys) {
      const member = shape[key]?.(given[key] ?? undefined, `${path}.${key}`);
      if (member !== undefined) read[key] = member;
    }
    return read as ReadShape<S>;
  };
}

export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (value, path) => (value === undefined ? undefined : reader(value, path));
}

/** A value that may be an output: what is plain is read at once, so that a mistake stops the program before anything is created; the rest once it is known. */
export function input<T>(reader: Reader<T>): Reader<pulumi.Input<T>> {
  return (value, path) => {
    if (!isLater(value)) return reader(value, path);
    const later = pulumi.output<string>(value as pulumi.Output<string>);
    return later.apply(async (known: unknown) => {
      try {
        return reader(known, path);
      } catch (error) {
        if (error instanceof ArgumentError && (await pulumi.isSecret(later))) throw new ArgumentError(path, error.expected, "a secret that is not");
        throw error;
      }
    }) as pulumi.Output<T>;
  };
}

/** Whether a value is known only later: an output or a promise. */
export function isLater(value: unknown): value is pulumi.Output<unknown> | Promise<unknown> {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}

export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new ArgumentError(path, "a list", describe(value));
    return value.map((member, index) => reader(member, `${path}[${index}]`));
  };
}

export function mapOf<T>(reader: Reader<T>, key: Reader<string> = text): Reader<{ readonly [key: string]: T }> {
  return (value, path) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ArgumentError(path, "an object", Array.isArray(value) ? "a list" : value === undefined || value === null ? "nothing" : `a ${typeof value}`);
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [key(name, `${path}.${name.split("=", 1)[0]}`), reader(member, `${path}.${name}`)]));
  };
}

/** A text that is not empty. */
export const text: Reader<string> = (value, path) => {
  if (typeof value !== "string" || value.trim() === "") throw new ArgumentError(path, "some text", describe(value));
  return value;
};

/** Any text, of which an error never says anything: it may be a secret. */
export const anyText: Reader<string> = (value, path) => {
  if (typeof value !== "string") throw new ArgumentError(path, "a text", value === undefined || value === null ? "nothing" : `a value of type ${Array.isArray(value) ? "list" : typeof value}`);
  return value;
};

export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw new ArgumentError(path, "true or false", describe(value));
  return value;
};

export function integer(least: number, most: number): Reader<number> {
  return (value, path) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) throw new ArgumentError(path, `a whole number from ${least} to ${most}`, describe(value));
    return value;
  };
}

export function oneOf<const T extends string>(...allowed: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = allowed.find((candidate) => candidate === value);
    if (found === undefined) throw new ArgumentError(path, `one of ${allowed.join(", ")}`, describe(value));
    return found;
  };
}

export function matching(pattern: RegExp, expected: string): Reader<string> {
  return (value, path) => {
    if (typeof value !== "string" || !pattern.test(value)) throw new ArgumentError(path, expected, describe(value));
    return value;
  };
}

/** Plain where the input is, so that it can be judged and read at once. */
export function whenKnown<T, U>(value: pulumi.Input<T>, change: (known: T) => U): pulumi.Input<U> {
  if (isLater(value)) return pulumi.output(value as pulumi.Output<T>).apply((known) => change(known as T)) as pulumi.Output<U>;
  return change(value as T);
}
