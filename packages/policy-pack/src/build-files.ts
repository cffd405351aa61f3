import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ReadBuildFile } from "@bulkhead/core";

/** Bytes. Nobody writes a longer Dockerfile by hand. */
const maxBytes = 2 ** 20;

/** Reads the Dockerfiles that builds name, from the folder of the program: regular files only. What they hold is in no reason. */
export function buildFiles(folder: string): ReadBuildFile {
  return (name) => {
    let descriptor: number;
    try {
      // A pipe that nobody writes to would be waited for.
      descriptor = openSync(resolve(folder, name), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === "ENOENT" || code === "ENOTDIR" ? undefined : { reason: `cannot be read (${code ?? "unknown"})` };
    }
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) return { reason: "is no regular file, and is not read" };
      if (stat.size > maxBytes) return { reason: "is larger than one mebibyte, and is not read" };
      return { text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(descriptor)) };
    } catch (error) {
      return { reason: error instanceof TypeError ? "is not text in UTF-8" : `cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})` };
    } finally {
      closeSync(descriptor);
    }
  };
}
