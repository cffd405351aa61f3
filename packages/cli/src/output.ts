import type { JsonReport } from "@bulkhead/core";

/**
 * The report as JSON text in pieces: one entry a line, so that two reports can be compared by line, and a report of
 * any size never has to be one string.
 */
export function* renderJson(report: JsonReport): Generator<string> {
  let separator = "{\n";
  for (const [key, value] of Object.entries(report)) {
    yield `${separator}${JSON.stringify(key)}: `;
    if (Array.isArray(value)) yield* renderList(value);
    else yield JSON.stringify(value);
    separator = ",\n";
  }
  yield "\n}\n";
}

function* renderList(list: readonly unknown[]): Generator<string> {
  let separator = "[\n  ";
  for (const entry of list) {
    yield `${separator}${JSON.stringify(entry)}`;
    separator = ",\n  ";
  }
  yield list.length === 0 ? "[]" : "\n]";
}
