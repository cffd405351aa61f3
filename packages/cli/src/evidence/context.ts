import { existsSync, readFileSync, statSync } from "node:fs";
import type { AnyRule, Digest, EvidenceLock, EvidenceSettings, RuleSettings } from "@bulkhead/core";
import type { LoadedSigners, Trust } from "@bulkhead/image-evidence";
import { DocumentError, documentStore, emptyLock, exclusively, FileHeldError, formatLock, loadSigners, readLock, readTrustedRoot, trustOf, writeLock } from "@bulkhead/image-evidence";
import type { Arguments, OptionTypes } from "../arguments";
import { choiceOf, flagOf, stringOf, timeOf } from "../arguments";
import { selectRules } from "../config";
import type { Io } from "../io";
import { reasonOf } from "../read/file";
import type { InputError } from "../read/problem";
import { formatInputError } from "../read/problem";

/** Options that every command about evidence has. */
export const commonOptions: OptionTypes = {
  config: { type: "string" }, lockfile: { type: "string" }, now: { type: "string" }, format: { type: "string" }, "require-signed": { type: "boolean" },
};

export const commonHelp = `  --lockfile FILE   the lockfile (default: evidence.lockfile of the configuration, else bulkhead.evidence.json)
  --config FILE     the configuration of bulkhead check, of which evidence counts: { lockfile, signers, vexAuthors, trustedRoot };
                    evidence.live is for bulkhead check and the policy pack
  --require-signed  only signed evidence counts
  --now DATE        judge as of that day (or time, as 2027-03-31T12:00:00Z) instead of now
  --format FORMAT   text (default) or json
`;

export interface EvidenceContext {
  readonly settings: EvidenceSettings;
  readonly rules: readonly RuleSettings[];
  readonly loaded: LoadedSigners;
  readonly trust: Trust;
  readonly lockfile: string;
  readonly requireSigned: boolean;
  readonly now: number;
  readonly format: "text" | "json";
}

/** What the command line and the configuration say, or 2 after what is wrong was said. @throws Misuse */
export function readContext(parsed: Arguments, catalogue: readonly AnyRule[], io: Io): EvidenceContext | 2 {
  const config = stringOf(parsed, "config");
  const now = timeOf(parsed, "now") ?? Date.now();
  const format = choiceOf(parsed, "format", ["text", "json"] as const) ?? "text";
  const selected = selectRules(catalogue, { only: [], ...(config === undefined ? {} : { file: config }) });
  if ("errors" in selected) return refuse(selected.errors, io);
  const { evidence, settings: rules, locate } = selected.selection;
  const loaded = loadSigners(evidence, process.cwd());
  const problems = [...loaded.problems, ...rootProblems(loaded.trustedRoot)];
  if (problems.length > 0) return refuse(problems.map((problem) => ({ file: config ?? "", ...locate(["evidence", ...problem.path.split(".")]), ...problem, path: `evidence.${problem.path}` })), io);
  const lockfile = stringOf(parsed, "lockfile") ?? evidence.lockfile;
  // These commands are about the lockfile; sync alone asks registries.
  const { live: _, ...settings } = { ...evidence, lockfile };
  return { settings, rules, loaded, trust: trustOf(loaded, evidence, now), lockfile, requireSigned: flagOf(parsed, "require-signed"), now, format };
}

function rootProblems(text: string | undefined): LoadedSigners["problems"] {
  if (text === undefined) return [];
  try {
    readTrustedRoot(text);
    return [];
  } catch (error) {
    const { expected, found } = error instanceof DocumentError ? error.problem : { expected: "the trusted root of a Sigstore instance", found: "something else" };
    return [{ path: "trustedRoot", expected, found }];
  }
}

export function refuse(errors: readonly InputError[], io: Io): 2 {
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  return 2;
}

const maxLock = 64 * 1024 * 1024;

type LoadedLock = { readonly lock: EvidenceLock } | { readonly error: InputError };

/** As `loadLock`, of a file that has to be there. */
export function loadExisting(file: string): LoadedLock {
  return existsSync(file) ? loadLock(file) : { error: { file, expected: "a lockfile", found: "no such file" } };
}

/** The lock in a file; an empty one where there is none. */
export function loadLock(file: string): LoadedLock {
  try {
    const { size } = statSync(file);
    if (size > maxLock) return { error: { file, expected: `at most ${maxLock} bytes`, found: `${size}` } };
    return { lock: readLock(readFileSync(file), file) };
  } catch (error) {
    if (error instanceof DocumentError) return { error: inputError(error.problem) };
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { lock: emptyLock };
    return { error: { file, expected: "a readable lockfile", found: reasonOf(error) } };
  }
}

export function inputError({ file, path, expected, found }: DocumentError["problem"]): InputError {
  return { file, ...(path === "" ? {} : { path }), expected, found };
}

export interface Change {
  readonly apply: (lock: EvidenceLock) => EvidenceLock;
  readonly documents: ReadonlyMap<Digest, Buffer>;
}

/**
 * Writes changes to the lock that the file holds now, which another command may have written meanwhile: documents first,
 * so that the lock never speaks of one that is not there. What is the same already is not written.
 */
export function saveLock(file: string, changes: readonly Change[]): InputError | undefined {
  return whileHeld(file, (confirm) => {
    const loaded = loadLock(file);
    if ("error" in loaded) return loaded.error;
    const lock = changes.reduce((before, { apply }) => apply(before), loaded.lock);
    const store = documentStore(file);
    for (const { documents } of changes) for (const bytes of documents.values()) store.keep(bytes);
    if (formatLock(lock) !== formatLock(loaded.lock)) writeLock(file, lock, confirm);
    return undefined;
  });
}

/** What `change` gives while no other command writes the lockfile, or why it cannot be written. */
export function whileHeld<T>(file: string, change: (confirm: () => void) => T): T | InputError {
  try {
    return exclusively(file, change);
  } catch (error) {
    if (error instanceof FileHeldError) return { file, expected: "a lockfile that no other process is writing", found: error.message };
    return { file, expected: "a lockfile that can be written", found: reasonOf(error) };
  }
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** As in the messages of rules. */
export function short(digest: Digest): string {
  return `${digest.slice(0, "sha256:".length + 12)}...`;
}
