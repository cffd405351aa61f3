import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { AcceptedSigner, EvidenceLock, EvidenceSettings, EvidenceSource, EvidenceStatus, SignerSetting } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";
import { documentStore } from "../lockfile/documents";
import { emptyLock, readLock } from "../lockfile/shape";
import { DocumentError } from "../read/document-error";
import { createVerifiers } from "./verify-records";

export interface OpenOptions {
  readonly settings: EvidenceSettings;
  /** What file names of the settings are relative to. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A setting that names a file which cannot be used. `path` is within the settings: `signers.ci.keyFile`. */
export interface OpenProblem {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

const maxKey = 64 * 1024;
const maxRoot = 1024 * 1024;
const maxLock = 64 * 1024 * 1024;

/**
 * The evidence that rules ask. The lockfile is read when it is first asked for anything; keys and the trusted root at
 * once, as what is wrong with them is a mistake in the configuration.
 */
export function openEvidence({ settings, folder, now }: OpenOptions): { readonly source: EvidenceSource; readonly problems: readonly OpenProblem[] } {
  const problems: OpenProblem[] = [];
  const signers = Object.fromEntries(Object.entries(settings.signers).flatMap(([name, signer]) => {
    const accepted = acceptedSigner(signer, folder, `signers.${name}`, problems);
    return accepted === undefined ? [] : [[name, accepted] as const];
  }));
  const root = settings.trustedRoot === undefined ? undefined : readSmall(resolve(folder, settings.trustedRoot), maxRoot, "trustedRoot", problems);
  const file = resolve(folder, settings.lockfile);
  let opened: { readonly status: EvidenceStatus; readonly index: ReturnType<typeof indexLock> } | undefined;
  const open = () => (opened ??= openLock(file, settings.lockfile));
  const source: EvidenceSource = {
    get status() {
      return open().status;
    },
    resolve: (reference) => open().index.resolve(reference),
    image: (digest) => open().index.image(digest),
    indexesOf: (manifest) => open().index.indexesOf(manifest),
    manifestOfConfig: (config) => open().index.manifestOfConfig(config),
    signers: Object.keys(signers),
    ...createVerifiers({ index: () => open().index, store: documentStore(file), signers, vexAuthors: settings.vexAuthors, trustedRoot: root, now }),
  };
  return { source, problems };
}

/** The file is named as it is configured: an absolute path differs from machine to machine. */
function openLock(file: string, shown: string): { readonly status: EvidenceStatus; readonly index: ReturnType<typeof indexLock> } {
  const failed = (status: EvidenceStatus) => ({ status, index: indexLock(emptyLock) });
  let lock: EvidenceLock;
  try {
    const { size } = statSync(file);
    if (size > maxLock) return failed({ kind: "unreadable", file: shown, problem: `it has ${size} bytes; at most ${maxLock} are read` });
    lock = readLock(readFileSync(file), shown);
  } catch (error) {
    if (error instanceof DocumentError) return failed({ kind: "unreadable", file: shown, problem: `${error.problem.path === "" ? "" : `${error.problem.path}: `}expected ${error.problem.expected}, found ${error.problem.found}` });
    const code = codeOf(error);
    return failed(code === "ENOENT" ? { kind: "missing", file: shown } : { kind: "unreadable", file: shown, problem: code });
  }
  return { status: { kind: "loaded", file: shown }, index: indexLock(lock) };
}

function acceptedSigner(signer: SignerSetting, folder: string, path: string, problems: OpenProblem[]): AcceptedSigner | undefined {
  if (signer.kind !== "keyFile") return signer;
  const key = readSmall(resolve(folder, signer.keyFile), maxKey, `${path}.keyFile`, problems);
  return key === undefined ? undefined : { kind: "key", key, ...(signer.requireLog === undefined ? {} : { requireLog: signer.requireLog }) };
}

function readSmall(file: string, limit: number, path: string, problems: OpenProblem[]): string | undefined {
  try {
    const { size } = statSync(file);
    if (size <= limit) return readFileSync(file, "utf8");
    problems.push({ path, expected: `a file of at most ${limit} bytes`, found: `${size} bytes` });
  } catch (error) {
    problems.push({ path, expected: "a file that can be read", found: codeOf(error) });
  }
  return undefined;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "an unknown failure";
}
