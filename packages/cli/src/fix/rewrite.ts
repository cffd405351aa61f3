import { accessSync, chmodSync, chownSync, closeSync, constants, fsyncSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { decode } from "../read/file";

/** A file as it was read, to be written again in the same encoding. */
export interface Original {
  /** Behind all links. */
  readonly target: string;
  readonly bytes: Uint8Array;
  readonly text: string;
}

type Encoding = "utf-8" | "utf-16le" | "utf-16be";

/** Undefined where the file is not what it was when `text` was read, or cannot be written back as it is. */
export function original(file: string, text: string): Original | undefined {
  const target = realpathSync(file);
  const bytes = readFileSync(target);
  const decoded = decode(file, bytes);
  if ("error" in decoded || decoded.text !== text || !Buffer.from(bytes).equals(encode(text, bytes))) return undefined;
  return { target, bytes, text };
}

/** The text as bytes, with the byte order mark that stands at the beginning of others. */
function encode(text: string, like: Uint8Array): Uint8Array {
  const encoding: Encoding = like[0] === 0xff && like[1] === 0xfe ? "utf-16le" : like[0] === 0xfe && like[1] === 0xff ? "utf-16be" : "utf-8";
  const mark = encoding !== "utf-8" || (like[0] === 0xef && like[1] === 0xbb && like[2] === 0xbf) ? "\ufeff" : "";
  if (encoding === "utf-8") return Buffer.from(mark + text, "utf8");
  const units = Buffer.from(mark + text, "utf16le");
  return encoding === "utf-16be" ? units.swap16() : units;
}

/**
 * Writes a file whole or not at all, with its mode and owner. Returns why it was not written, or nothing.
 *
 * A file that may not be written is left alone, although its folder would let it be replaced.
 */
export function rewrite({ target, bytes }: Original, text: string): string | undefined {
  const temporary = `${target}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const stat = statSync(target);
    if ((stat.mode & 0o222) === 0) return "one that is read-only";
    accessSync(target, constants.W_OK);
    const descriptor = openSync(temporary, "wx", 0o600);
    try {
      writeFileSync(descriptor, encode(text, bytes));
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    try {
      chownSync(temporary, stat.uid, stat.gid);
    } catch {
      // Only a privileged user may give a file away; then it is the writer's, as after any editor.
    }
    chmodSync(temporary, stat.mode & 0o7777);
    if (!readFileSync(target).equals(bytes)) return "one that was changed meanwhile";
    renameSync(temporary, target);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "EACCES" || code === "EPERM" || code === "EROFS" ? "one that may not be written" : (code ?? "a failure");
  } finally {
    rmSync(temporary, { force: true });
  }
}
