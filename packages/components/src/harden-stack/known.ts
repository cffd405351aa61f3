/** How the SDK hands a secret to a transform. A secret deep in an input marks the whole input: what stands below is plain. */
const signature = "4dabf18193072939515e22adb298388d";

export function isUnset(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

/** Whether a value and everything in it is plain data: no output, no unknown, no secret. */
export function isKnown(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isKnown);
  if (typeof value !== "object" || value === null) return typeof value !== "function";
  return isPlain(value) && !(signature in value) && Object.values(value).every(isKnown);
}

/** A copy of what is plain; an output and the like is the same. */
export function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (typeof value !== "object" || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copyOf(member)]));
}

/** What stands in a secret, or the value itself. */
export function revealed(value: unknown): unknown {
  return typeof value === "object" && value !== null && isPlain(value) && signature in value && "value" in value ? value.value : value;
}

function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}
