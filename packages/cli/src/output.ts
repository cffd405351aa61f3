import { chmodSync, closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import type { Stats } from "node:fs";
import type { JsonReport } from "@bulkhead/core";
import { chunked } from "./io";

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

/**
 * Writes a file whole or not at all: a reader never sees half a report, and an earlier one stays until the new one is
 * complete. What is no ordinary file (a pipe, /dev/stdout) is written to directly.
 *
 * @throws the file system's error, after the temporary file is gone.
 */
export function writeWhole(file: string, pieces: Iterable<string>): void {
  const before = statOf(file);
  if (before !== undefined && !before.isFile()) {
    writePieces(file, "w", pieces);
    return;
  }
  const target = before === undefined ? file : realpathSync(file);
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    writePieces(temporary, "wx", pieces);
    if (before !== undefined) chmodSync(temporary, before.mode);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function statOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false });
}

function writePieces(file: string, flags: "w" | "wx", pieces: Iterable<string>): void {
  const descriptor = openSync(file, flags);
  try {
    for (const chunk of chunked(pieces)) writeFully(descriptor, Buffer.from(chunk));
    if (flags === "wx") fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
}
