import { readFileSync, statSync } from "node:fs";
import type { InputError } from "./problem";

export type TextResult = { readonly text: string } | { readonly error: InputError };

/** Bytes. A state of a very large stack is tens of megabytes; a manifest beyond this was not written for a reader. */
export const maxBytes = { json: 256 * 2 ** 20, yaml: 64 * 2 ** 20 } as const;

/** The text of a file, or why it has none. `file` is the name shown in errors. */
export function readText(file: string, limit: number): TextResult {
  try {
    const { size } = statSync(file);
    if (size > limit) return fail(file, `at most ${limit / 2 ** 20} MiB`, `${Math.ceil(size / 2 ** 20)} MiB`);
    return decode(file, readFileSync(file));
  } catch (error) {
    return fail(file, "a readable file", reasonOf(error));
  }
}

export function readStdin(limit: number): TextResult {
  try {
    const bytes = readFileSync(0);
    return bytes.length > limit ? fail("-", `at most ${limit / 2 ** 20} MiB`, `${Math.ceil(bytes.length / 2 ** 20)} MiB`) : decode("-", bytes);
  } catch (error) {
    return fail("-", "readable standard input", reasonOf(error));
  }
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
