import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { EvidenceLock, EvidenceSettings, EvidenceSource, EvidenceStatus } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";
import { documentStore } from "../lockfile/documents";
import { emptyLock, readLock } from "../lockfile/shape";
import { DocumentError } from "../read/document-error";
import { createAsker } from "./asker";
import { compactIndex } from "./compact-index";
import { liveEvidence } from "./live";
import type { OpenProblem } from "./signers";
import { loadSigners, trustOf } from "./signers";
import { createVerifiers } from "./verify-records";

export interface OpenOptions {
  readonly settings: EvidenceSettings;
  /** What file names of the settings are relative to. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const maxLock = 64 * 1024 * 1024;

/**
 * The evidence that rules ask. The lockfile is read when it is first asked for anything; keys and the trusted root at
 * once, as what is wrong with them is a mistake in the configuration. With `live` registries are asked, and what they say is
 * kept in memory: nothing is written.
 */
export function openEvidence({ settings, folder, now }: OpenOptions): { readonly source: EvidenceSource; readonly problems: readonly OpenProblem[] } {
  const loaded = loadSigners(settings, folder);
  const { signers, trustedRoot, problems } = loaded;
  const file = resolve(folder, settings.lockfile);
  let opened: { readonly status: EvidenceStatus; readonly index: ReturnType<typeof indexLock> } | undefined;
  const open = () => (opened ??= openLock(file, settings.lockfile));
  const kept = documentStore(file);
  const trust = trustOf(loaded, settings, now);
  const live = settings.live === undefined ? undefined : liveEvidence({ asker: createAsker({ trust, ...settings.live }), kept: { trust, read: kept.read }, lock: open, now });
  const index = () => live ?? open().index;
  const source: EvidenceSource = {
    get status() {
      return open().status;
    },
    resolve: (reference) => index().resolve(reference),
    image: (digest) => index().image(digest),
    indexesOf: (manifest) => index().indexesOf(manifest),
    manifestOfConfig: (config) => index().manifestOfConfig(config),
    signers: Object.keys(signers),
    ...(live === undefined ? {} : { ask: live.ask, expect: live.expect, refusals: live.refusals }),
    ...createVerifiers({ index, store: { read: (document) => live?.document(document) ?? kept.read(document) }, signers, vexAuthors: settings.vexAuthors, trustedRoot, now }),
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
  return { status: { kind: "loaded", file: shown }, index: compactIndex(lock) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "an unknown failure";
}
