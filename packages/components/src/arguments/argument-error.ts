/** An argument that cannot be used: where it stands, what was expected there, and what was found. Never holds the value of an environment variable. */
export class ArgumentError extends Error {
  readonly path: string;
  readonly expected: string;
  readonly found: string;

  constructor(path: string, expected: string, found: string) {
    super(`${path}: expected ${expected}, found ${found}`);
    this.name = "ArgumentError";
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}

/** A value as an error may name it: its kind, and only a short text or number as it is. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (value === "") return "an empty text";
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "function" ? "a function" : "an object";
}
