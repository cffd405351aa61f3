import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { AcceptedSigner, EvidenceSettings, SignerSetting } from "@bulkhead/core";
import type { Trust } from "../gather/items";
import { prepareSigners, SignerError } from "../verify/signers";

/** A setting that names a file which cannot be used, or a signer who cannot be. `path` is within the settings: `signers.ci.keyFile`. */
export interface OpenProblem {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/** Who may have signed evidence, with the files that the settings name. What could not be read is left out, and is a problem. */
export interface LoadedSigners {
  readonly signers: { readonly [name: string]: AcceptedSigner };
  /** Contents of `trusted_root.json`. */
  readonly trustedRoot: string | undefined;
  readonly problems: readonly OpenProblem[];
}

const maxKey = 64 * 1024;
const maxRoot = 1024 * 1024;

/** @param folder what file names of the settings are relative to */
export function loadSigners(settings: EvidenceSettings, folder: string): LoadedSigners {
  const problems: OpenProblem[] = [];
  const signers = Object.fromEntries(Object.entries(settings.signers).flatMap(([name, setting]) => {
    const path = `signers.${name}`;
    const signer = acceptedSigner(setting, folder, path, problems);
    return signer === undefined || !isUsable(signer, setting.kind, path, problems) ? [] : [[name, signer] as const];
  }));
  const trustedRoot = settings.trustedRoot === undefined ? undefined : readSmall(resolve(folder, settings.trustedRoot), maxRoot, "trustedRoot", problems);
  return { signers, trustedRoot, problems };
}

/** Whose signatures count while evidence is gathered. @param now milliseconds since 1970 */
export function trustOf({ signers, trustedRoot }: LoadedSigners, { vexAuthors }: EvidenceSettings, now: number): Trust {
  return { signers: Object.values(signers), vexAuthors: vexAuthors.flatMap((name) => signers[name] ?? []), now, ...(trustedRoot === undefined ? {} : { trustedRoot }) };
}

function acceptedSigner(signer: SignerSetting, folder: string, path: string, problems: OpenProblem[]): AcceptedSigner | undefined {
  if (signer.kind !== "keyFile") return signer;
  const key = readSmall(resolve(folder, signer.keyFile), maxKey, `${path}.keyFile`, problems);
  return key === undefined ? undefined : { kind: "key", key, ...(signer.requireLog === undefined ? {} : { requireLog: signer.requireLog }) };
}

function isUsable(signer: AcceptedSigner, kind: SignerSetting["kind"], path: string, problems: OpenProblem[]): boolean {
  try {
    prepareSigners([signer]);
    return true;
  } catch (error) {
    if (!(error instanceof SignerError)) throw error;
    const within = error.path.replace(/^\[0\]/, "").replace(/^\.key$/, `.${kind}`).replace(".identity.exact", ".identity").replace(".identity.pattern", ".identityPattern");
    problems.push({ path: `${path}${within}`, expected: within.startsWith(".key") ? "a public key in PEM" : "an identity that can be compared", found: `a text that ${error.message.slice(error.path.length).trim()}` });
    return false;
  }
}

function readSmall(file: string, limit: number, path: string, problems: OpenProblem[]): string | undefined {
  try {
    const { size } = statSync(file);
    if (size <= limit) return readFileSync(file, "utf8");
    problems.push({ path, expected: `a file of at most ${limit} bytes`, found: `${size} bytes` });
  } catch (error) {
    problems.push({ path, expected: "a file that can be read", found: error instanceof Error && "code" in error ? String(error.code) : "an unknown failure" });
  }
  return undefined;
}
