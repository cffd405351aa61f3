import type { AcceptedSigner, Signer } from "@bulkhead/core";
import type { CertificateIdentity } from "./certificate";
import { type PublicKey, PublicKeyError, readPublicKey } from "./public-key";
import { re2 } from "./sigstore";

/** A configured signer that cannot be used: `path` is within the list, as `[1].key`. */
export class SignerError extends Error {
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`${path} ${reason}`);
    this.path = path;
  }
}

export interface KeySigner extends PublicKey {
  readonly requireLog: boolean;
}

export interface PreparedSigners {
  readonly keys: readonly KeySigner[];
  readonly certificates: readonly ((of: CertificateIdentity) => boolean)[];
}

const maxPattern = 1000;
const prepared = new WeakMap<readonly AcceptedSigner[], PreparedSigners>();

/**
 * Checks accepted signers, and decodes their keys once.
 *
 * Patterns are those of RE2, as cosign's `--certificate-identity-regexp`: matched in time linear to the identity, whatever
 * the pattern, so that none can stall a preview. They have no backreferences and do not look around. They match the
 * identity from its first character to its last, and are refused when they match what no identity is: such a pattern
 * accepts everybody who has an account with the issuer.
 *
 * @throws {SignerError}
 */
export function prepareSigners(signers: readonly AcceptedSigner[]): PreparedSigners {
  const before = prepared.get(signers);
  if (before !== undefined) return before;
  const keys: KeySigner[] = [];
  const certificates: ((of: CertificateIdentity) => boolean)[] = [];
  for (const [index, signer] of signers.entries()) {
    if (signer.kind === "key") keys.push({ ...keyOf(signer.key, `[${index}].key`), requireLog: signer.requireLog === true });
    else if (signer.kind === "certificate") certificates.push(matcher(signer, `[${index}]`));
    else throw new SignerError(`[${index}].kind`, 'is neither "key" nor "certificate"');
  }
  const result = { keys, certificates };
  prepared.set(signers, result);
  return result;
}

function keyOf(pem: unknown, path: string): PublicKey {
  if (typeof pem !== "string") throw new SignerError(path, "is not text: expected a public key in PEM");
  try {
    return readPublicKey(pem);
  } catch (error) {
    throw error instanceof PublicKeyError ? new SignerError(path, error.message) : error;
  }
}

function matcher(signer: Extract<AcceptedSigner, { kind: "certificate" }>, path: string): (of: CertificateIdentity) => boolean {
  const { issuer, identity } = signer;
  if (typeof issuer !== "string" || issuer === "") throw new SignerError(`${path}.issuer`, "is missing: an identity says nothing without who vouched for it");
  const { exact, pattern } = (identity ?? {}) as { readonly exact?: unknown; readonly pattern?: unknown };
  if ((exact === undefined) === (pattern === undefined)) throw new SignerError(`${path}.identity`, "must have either exact or pattern");
  if (pattern === undefined) {
    if (typeof exact !== "string" || exact === "") throw new SignerError(`${path}.identity.exact`, "must be text that is not empty");
    return (of) => of.issuer === issuer && of.identity === exact;
  }
  const matches = compile(pattern, `${path}.identity.pattern`);
  return (of) => of.issuer === issuer && matches(of.identity);
}

function compile(pattern: unknown, path: string): (identity: string) => boolean {
  if (typeof pattern !== "string" || pattern === "") throw new SignerError(path, "must be text that is not empty");
  if (pattern.length > maxPattern) throw new SignerError(path, `has ${pattern.length} characters: expected at most ${maxPattern}`);
  let compiled: { matches(text: string): boolean };
  try {
    // `matches` is anchored at both ends by the engine: nothing in a pattern can undo that, as it could with ^(?:...)$ around it.
    compiled = re2().RE2JS.compile(pattern);
  } catch {
    throw new SignerError(path, "is no regular expression of RE2 (no lookaround, no backreferences)");
  }
  if (["", "x", "0", "/", "@"].some((probe) => compiled.matches(probe))) throw new SignerError(path, "matches any identity, or one of a single character: say more of whom it is for");
  return (identity) => compiled.matches(identity);
}

/** Who signed, for people. */
export function describeSigner(signer: Signer): string {
  return signer.kind === "key" ? `the key ${signer.key}` : `${signer.identity} (issuer ${signer.issuer})`;
}
