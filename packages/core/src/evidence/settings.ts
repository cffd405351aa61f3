import type { PlainObject } from "../field";
import { isObject } from "../field";
import type { ConfigProblem } from "../settings";
import { describe, unknownKey } from "../settings";

/** A signer as a configuration defines it, by a name that options of rules use. Files are read by whoever opens the evidence. */
export type SignerSetting =
  | { readonly kind: "key"; readonly key: string; readonly requireLog?: boolean }
  | { readonly kind: "keyFile"; readonly keyFile: string; readonly requireLog?: boolean }
  | { readonly kind: "certificate"; readonly issuer: string; readonly identity: { readonly exact: string } | { readonly pattern: string } };

/** What the configuration says of evidence (`evidence`). Files are relative to the program, or on the command line to the working directory. */
export interface EvidenceSettings {
  /** Default `bulkhead.evidence.json`. */
  readonly lockfile: string;
  readonly signers: { readonly [name: string]: SignerSetting };
  /** Names of the signers whose VEX documents count; none by default. */
  readonly vexAuthors: readonly string[];
  /** `trusted_root.json` of a Sigstore instance: needed for certificates and for `requireLog`. */
  readonly trustedRoot?: string;
  /** Registries are asked during the run; without it nothing is asked. */
  readonly live?: LiveSettings;
}

/**
 * Each image that is judged by evidence is asked for at its registry, once a run, and judged by what its tag names now and by
 * what is attached to it now, beside what the lockfile has of that digest. What could not be asked, or not in time, is no
 * evidence, whatever the lockfile has: the rules that need some are broken. No lockfile is needed.
 */
export interface LiveSettings {
  /** Seconds that a run waits for registries, all its images together; default 30. */
  readonly timeoutSeconds: number;
}

export const defaultLockfile = "bulkhead.evidence.json";
const defaultTimeout = 30;
const maxTimeout = 3600;
const keys = ["lockfile", "signers", "vexAuthors", "trustedRoot", "live"];
const signerKeys = ["key", "keyFile", "requireLog", "issuer", "identity", "identityPattern"];

/** Reads `evidence` of a configuration; `path` is where it stands. What is refused is a problem; what is right still counts. */
export function readEvidenceSettings(value: unknown, path: string): { readonly settings: EvidenceSettings; readonly problems: readonly ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const none: EvidenceSettings = { lockfile: defaultLockfile, signers: {}, vexAuthors: [] };
  if (value === undefined) return { settings: none, problems };
  if (!isObject(value)) return { settings: none, problems: [{ path, expected: "an object", found: describe(value) }] };
  for (const key of Object.keys(value)) if (!keys.includes(key)) problems.push(unknownKey(`${path}.${key}`, key, keys));
  const lockfile = text(value, "lockfile", path, problems) ?? defaultLockfile;
  const trustedRoot = text(value, "trustedRoot", path, problems);
  const signers = readSigners(value["signers"], `${path}.signers`, problems);
  const vexAuthors = readNames(value["vexAuthors"], `${path}.vexAuthors`, Object.keys(signers), problems);
  const live = readLive(value["live"], `${path}.live`, problems);
  return { settings: { lockfile, signers, vexAuthors, ...(trustedRoot === undefined ? {} : { trustedRoot }), ...(live === undefined ? {} : { live }) }, problems };
}

function readSigners(value: unknown, path: string, problems: ConfigProblem[]): EvidenceSettings["signers"] {
  if (value === undefined) return {};
  if (!isObject(value)) {
    problems.push({ path, expected: "an object from names to signers", found: describe(value) });
    return {};
  }
  return Object.fromEntries(Object.entries(value).flatMap(([name, entry]) => {
    const signer = readSigner(entry, `${path}.${name}`, problems);
    return signer === undefined ? [] : [[name, signer] as const];
  }));
}

function readSigner(value: unknown, path: string, problems: ConfigProblem[]): SignerSetting | undefined {
  const before = problems.length;
  if (!isObject(value)) {
    problems.push({ path, expected: "an object with key, with keyFile, or with issuer and identity", found: describe(value) });
    return undefined;
  }
  for (const key of Object.keys(value)) if (!signerKeys.includes(key)) problems.push(unknownKey(`${path}.${key}`, key, signerKeys));
  const [key, keyFile, issuer, exact, pattern] = ["key", "keyFile", "issuer", "identity", "identityPattern"].map((name) => text(value, name, path, problems));
  const requireLog = value["requireLog"];
  if (requireLog !== undefined && typeof requireLog !== "boolean") problems.push({ path: `${path}.requireLog`, expected: "true or false", found: describe(requireLog) });
  const log = requireLog === true ? { requireLog } : {};
  const kinds = [key, keyFile, issuer ?? exact ?? pattern].filter((given) => given !== undefined).length;
  if (problems.length > before) return undefined;
  if (kinds !== 1) problems.push({ path, expected: "either key, or keyFile, or issuer with identity or identityPattern", found: kinds === 0 ? "none of them" : "more than one of them" });
  else if (key !== undefined) return { kind: "key", key, ...log };
  else if (keyFile !== undefined) return { kind: "keyFile", keyFile, ...log };
  else if (issuer === undefined) problems.push({ path: `${path}.issuer`, expected: "the issuer of the identity's token (https://token.actions.githubusercontent.com)", found: "nothing: an identity says nothing without who vouched for it" });
  else if ((exact === undefined) === (pattern === undefined)) problems.push({ path, expected: "identity, or identityPattern, beside the issuer", found: exact === undefined ? "neither" : "both" });
  else if ("requireLog" in value) problems.push({ path: `${path}.requireLog`, expected: "nothing beside an identity, of which a log entry is always asked", found: describe(requireLog) });
  else return { kind: "certificate", issuer, identity: exact === undefined ? { pattern: pattern ?? "" } : { exact } };
  return undefined;
}

function readNames(value: unknown, path: string, names: readonly string[], problems: ConfigProblem[]): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push({ path, expected: "a list of names of signers", found: describe(value) });
    return [];
  }
  return (value as readonly unknown[]).flatMap((name, index) => {
    if (typeof name === "string" && names.includes(name)) return [name];
    problems.push({ path: `${path}[${index}]`, expected: "the name of one of the signers", found: typeof name === "string" ? JSON.stringify(name) : describe(name) });
    return [];
  });
}

/** What is refused turns it on all the same: whoever asks for it must not be judged by the lockfile alone. */
function readLive(value: unknown, path: string, problems: ConfigProblem[]): LiveSettings | undefined {
  if (value === undefined || value === false) return undefined;
  const usual: LiveSettings = { timeoutSeconds: defaultTimeout };
  if (value === true) return usual;
  if (!isObject(value)) {
    problems.push({ path, expected: "true, false, or an object with timeoutSeconds", found: describe(value) });
    return usual;
  }
  for (const key of Object.keys(value)) if (key !== "timeoutSeconds") problems.push(unknownKey(`${path}.${key}`, key, ["timeoutSeconds"]));
  const { timeoutSeconds = defaultTimeout } = value;
  if (typeof timeoutSeconds === "number" && timeoutSeconds >= 1 && timeoutSeconds <= maxTimeout) return { timeoutSeconds };
  problems.push({ path: `${path}.timeoutSeconds`, expected: `a number of seconds, 1 to ${maxTimeout}`, found: typeof timeoutSeconds === "number" ? String(timeoutSeconds) : describe(timeoutSeconds) });
  return usual;
}

function text(value: PlainObject, key: string, path: string, problems: ConfigProblem[]): string | undefined {
  const found = value[key];
  if (found === undefined) return undefined;
  if (typeof found === "string" && found !== "") return found;
  problems.push({ path: `${path}.${key}`, expected: "text that is not empty", found: found === "" ? "an empty text" : describe(found) });
  return undefined;
}
