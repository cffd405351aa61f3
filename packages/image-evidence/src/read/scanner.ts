/** A version of a scanner whose reports are no evidence. */
export interface DeniedScanner {
  /** In lower case, as `scannerName` gives it. */
  readonly scanner: string;
  /** Without a `v` in front. */
  readonly versions: readonly string[];
}

/** Releases that their makers did not make: of Trivy those of March 2026 (supply-chain attack on its release process). */
export const deniedScanners: readonly DeniedScanner[] = [{ scanner: "trivy", versions: ["0.69.4", "0.69.5", "0.69.6"] }];

export interface Tool {
  readonly name: string;
  readonly version?: string;
}

const purl = /^pkg:[^/]+\/(?:[^@?#]*\/)?([^/@?#]+)(?:@([^?#]+))?/;

/**
 * A tool by the name or URI that a document gives it: `Trivy`, `trivy`, `pkg:github/aquasecurity/trivy@0.47.0` and
 * `https://github.com/aquasecurity/trivy` are all `trivy`. The URI's own version counts where no other is given.
 */
export function toolOf(nameOrUri: string | undefined, version?: string): Tool {
  const match = nameOrUri === undefined ? null : purl.exec(nameOrUri);
  const given = version ?? match?.[2];
  const name = nameOrUri === undefined ? "unknown" : scannerName(match?.[1] ?? nameOrUri);
  return { name, ...(given === undefined ? {} : { version: plainVersion(given) }) };
}

function scannerName(text: string): string {
  const known = text.toLowerCase();
  for (const name of ["trivy", "grype"]) if (new RegExp(`(^|[^a-z])${name}([^a-z]|$)`).test(known)) return name;
  return text;
}

function plainVersion(text: string): string {
  return text.trim().replace(/^[vV](?=\d)/, "");
}

/** Build metadata does not make it another release. */
export function isDenied({ name, version }: Tool, list: readonly DeniedScanner[]): boolean {
  if (version === undefined) return false;
  const release = plainVersion(version).replace(/\+.*$/, "");
  return list.some((denied) => denied.scanner === name.toLowerCase() && denied.versions.includes(release));
}

export function shownScanner({ name, version }: Tool): string {
  return version === undefined ? name : `${name} ${version}`;
}
