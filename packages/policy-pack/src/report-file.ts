import { randomBytes } from "node:crypto";
import { readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/**
 * A relative name is meant from where the user stands, the project's folder; the pack itself runs in its own folder.
 * The process that started it tells, where the system shows it; else the shell's PWD.
 */
export function resolveReport(file: string): string {
  if (isAbsolute(file)) return file;
  return join(projectFolder(), file);
}

let folder: string | undefined;

/** The folder in which the program is run. */
export function projectFolder(): string {
  return (folder ??= starterFolder() ?? process.env["PWD"] ?? process.cwd());
}

function starterFolder(): string | undefined {
  try {
    return readlinkSync(`/proc/${process.ppid}/cwd`);
  } catch {
    return undefined;
  }
}

/** Whole or not at all. Returns why it failed, or nothing. */
export function writeReport(file: string, report: unknown): string | undefined {
  const temporary = `${file}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    writeFileSync(temporary, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(temporary, file);
    return undefined;
  } catch (error) {
    rmSync(temporary, { force: true });
    return (error as NodeJS.ErrnoException).code ?? "it cannot be written";
  }
}
