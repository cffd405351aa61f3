import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { Path, ReadBuildFile } from "@bulkhead/core";
import { dockerfileDocument } from "@bulkhead/core";
import { decode, maxBytes, reasonOf } from "./file";
import type { Position } from "./problem";

/** The Dockerfiles that the builds of a document name. */
export interface BuildFiles {
  readonly read: ReadBuildFile;
  /** Where an instruction of one stands, by its path below the build. */
  readonly locate: (path: Path) => (Position & { readonly file: string }) | undefined;
}

/** A relative name is meant from the folder that a path stands in. What is read is added to `built`, absolute. */
export function buildFiles(folderOf: (path: Path) => string, built: Set<string> = new Set()): BuildFiles {
  const texts = new Map<string, { readonly file: string; readonly text: string }>();
  return {
    read: (name, path) => {
      const file = resolve(folderOf(path), name);
      const result = readRegular(file);
      if (result === undefined || "reason" in result || file.endsWith(".dockerignore")) return result;
      built.add(file);
      texts.set(JSON.stringify(path), { file: isAbsolute(name) ? name : relative(process.cwd(), file), text: result.text });
      return result;
    },
    locate: (path) => {
      const index = path.at(-1);
      const found = typeof index === "number" ? texts.get(JSON.stringify(path.slice(0, -1))) : undefined;
      const document = found === undefined ? undefined : dockerfileDocument(found.text);
      if (found === undefined || document === undefined || "error" in document) return undefined;
      return { file: found.file, line: document.lines[Number(index)] ?? 1, column: document.columns[Number(index)] ?? 1 };
    },
  };
}

/** A regular file of at most one mebibyte; what it holds is in no reason. */
function readRegular(file: string): ReturnType<ReadBuildFile> {
  let descriptor: number;
  try {
    // A pipe that nobody writes to would be waited for.
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : { reason: `cannot be read: ${reasonOf(error)}` };
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { reason: "is no regular file, and is not read" };
    if (stat.size > maxBytes.dockerfile) return { reason: "is larger than one mebibyte, and is not read" };
    const result = decode(file, readFileSync(descriptor));
    return "error" in result ? { reason: "is not text in UTF-8" } : result;
  } catch (error) {
    return { reason: `cannot be read: ${reasonOf(error)}` };
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file says what of a build context is left out, where the context is the folder of the Dockerfile. */
export function hasIgnoreFile(file: string): boolean {
  return [`${file}.dockerignore`, join(dirname(file), ".dockerignore")].some((name) => readRegular(name) !== undefined);
}
