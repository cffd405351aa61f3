import { randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file whole or not at all: a reader never sees half of it, and what was there stays until the new one is
 * complete. Its mode stays, and a link is followed. What is no ordinary file (a pipe, /dev/stdout) is written to directly.
 * `confirm` is called when all is written, just before it takes the place of what was there: what it throws prevents that.
 *
 * @throws the file system's error, or that of `confirm` or of the pieces, after the temporary file is gone.
 */
export function writeWhole(file: string, pieces: Iterable<string | Uint8Array>, confirm: () => void = () => undefined): void {
  const before = statSync(file, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) {
    writePieces(file, "w", pieces);
    return;
  }
  const target = before === undefined ? file : realpathSync(file);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    writePieces(temporary, "wx", pieces);
    if (before !== undefined) chmodSync(temporary, before.mode);
    confirm();
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writePieces(file: string, flags: "w" | "wx", pieces: Iterable<string | Uint8Array>): void {
  const descriptor = openSync(file, flags);
  try {
    for (const piece of pieces) writeFully(descriptor, typeof piece === "string" ? Buffer.from(piece) : piece);
    if (flags === "wx") fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
}
