import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { InputError } from "./problem";

export type BytesResult = { readonly bytes: Uint8Array } | { readonly error: InputError };
export type TextResult = { readonly text: string } | { readonly error: InputError };

/** Bytes. A state of a very large stack is tens of megabytes; a manifest beyond this was not written for a reader. */
export const maxBytes = { json: 256 * 2 ** 20, yaml: 64 * 2 ** 20, dockerfile: 2 ** 20 } as const;

/** The text of a file, or why it has none. `file` is the name shown in errors, `limit` is in bytes. */
export function readText(file: string, limit: number): TextResult {
  return decoded(file, readNamed(file, limit));
}

let standardInput: TextResult | undefined;

/** Standard input can be read once: what it held is kept for whoever asks again. */
export function readStdin(limit: number): TextResult {
  return (standardInput ??= decoded("-", readBytes("-", limit)));
}

/** The bytes of a file, or of standard input for `-`. Of what is too large nothing is read, or of a pipe no more than `limit`. */
export function readBytes(file: string, limit: number): BytesResult {
  if (file !== "-") return readNamed(file, limit);
  try {
    return readOpen("-", 0, limit);
  } catch (error) {
    return fail("-", "readable standard input", reasonOf(error));
  }
}

function readNamed(file: string, limit: number): BytesResult {
  try {
    const descriptor = openSync(file, "r");
    try {
      return readOpen(file, descriptor, limit);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return fail(file, "a readable file", reasonOf(error));
  }
}

function decoded(file: string, read: BytesResult): TextResult {
  return "error" in read ? read : decode(file, read.bytes);
}

function readOpen(file: string, descriptor: number, limit: number): BytesResult {
  const expected = `at most ${mebibytes(limit)}`;
  const stat = fstatSync(descriptor);
  if (stat.isFile() && stat.size > limit) return fail(file, expected, mebibytes(stat.size));
  const bytes = stat.isFile() ? readFileSync(descriptor) : readStream(descriptor, limit);
  return bytes === undefined ? fail(file, expected, "more") : { bytes };
}

/** All that a pipe or a device gives, which does not say its size beforehand; undefined for more than `limit` bytes. */
function readStream(descriptor: number, limit: number): Uint8Array | undefined {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(2 ** 16);
    const count = readChunk(descriptor, chunk);
    if (count === 0) return Buffer.concat(chunks, total);
    total += count;
    if (total > limit) return undefined;
    chunks.push(chunk.subarray(0, count));
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Waits where a pipe was made non-blocking and has nothing yet; on Windows the end of a pipe is an error. */
function readChunk(descriptor: number, chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(descriptor, chunk);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return 0;
      if (code !== "EAGAIN") throw error;
      Atomics.wait(sleeper, 0, 0, 10);
    }
  }
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** UTF-8, or UTF-16 with a byte order mark; anything with a NUL or an invalid sequence is binary. */
export function decode(file: string, bytes: Uint8Array): TextResult {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    const nul = text.indexOf("\0");
    return nul < 0 ? { text } : fail(file, "text", `a binary file (a NUL at offset ${nul})`);
  } catch {
    return fail(file, "text in UTF-8", "a binary file, or text in another encoding");
  }
}

function fail(file: string, expected: string, found: string): { readonly error: InputError } {
  return { error: { file, expected, found } };
}

export function reasonOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "no such file";
  if (code === "EACCES" || code === "EPERM") return "one that may not be read";
  if (code === "EISDIR") return "a folder";
  return code ?? "an unreadable one";
}
