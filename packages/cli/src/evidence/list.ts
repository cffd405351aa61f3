import type { AnyRule, Digest, EvidenceLock, ImageScan, RuleSettings } from "@bulkhead/core";
import { vulnerabilitySeverities } from "@bulkhead/core";
import type { Arguments, OptionTypes } from "../arguments";
import { Misuse, parseArguments, stringOf } from "../arguments";
import type { Io } from "../io";
import { counted } from "../io";
import type { EvidenceContext } from "./context";
import { commonHelp, commonOptions, json, loadExisting, readContext, refuse } from "./context";

export const listHelp = `bulkhead evidence list [options]

What the lockfile has of each image: the references that lead to it, its newest scan and how old that is, how many vulnerabilities
it found, signatures and provenance.

  --expiring DAYS   only images whose newest scan is older than require-scan-evidence accepts (maxAgeDays of the configuration,
                    else 60 days) in that time, as 14d; images without a scan too
${commonHelp}
Exit code: 0, with --expiring 1 where there is such an image; 2 misuse, or a lockfile that cannot be read.
`;

const options: OptionTypes = { ...commonOptions, expiring: { type: "string" } };
const day = 86_400_000;
const defaultMaxAge = 60;

interface Listed {
  readonly digest: Digest;
  readonly references: readonly string[];
  readonly platforms?: number;
  readonly createdAt?: string;
  readonly scan?: { readonly scanner: string; readonly scannedAt: string; readonly ageDays: number; readonly expiresAt: string; readonly trust: string; readonly vulnerabilities: { readonly [severity: string]: number } };
  readonly signatures: number;
  readonly provenance: number;
}

/** @throws Misuse */
export async function list(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, options);
  if (parsed.positionals.length > 0) throw new Misuse("evidence list takes no files: it lists the lockfile");
  const expiring = daysOf(parsed);
  const context = readContext(parsed, catalogue, io);
  if (context === 2) return 2;
  const loaded = loadExisting(context.lockfile);
  if ("error" in loaded) return refuse([loaded.error], io);
  const all = listed(loaded.lock, context);
  const shown = expiring === undefined ? all : all.filter(({ scan }) => scan === undefined || Date.parse(scan.expiresAt) <= context.now + expiring * day);
  await io.out(context.format === "json" ? json({ lockfile: context.lockfile, images: shown }) : shown.map(linesOf).join(""));
  return expiring !== undefined && shown.length > 0 ? 1 : 0;
}

/** @throws Misuse */
function daysOf(parsed: Arguments): number | undefined {
  const value = stringOf(parsed, "expiring");
  if (value === undefined) return undefined;
  if (/^\d{1,5}d$/.test(value)) return Number(value.slice(0, -1));
  throw new Misuse(`--expiring: expected days such as 14d, found ${JSON.stringify(value)}`);
}

/** A manifest that is only part of an index is listed with it. */
function listed(lock: EvidenceLock, { now, requireSigned, rules }: EvidenceContext): readonly Listed[] {
  const parts = new Set(Object.values(lock.images).flatMap(({ platforms = {} }) => Object.values(platforms)));
  const named = new Map<Digest, string[]>();
  for (const [reference, { digest }] of Object.entries(lock.references)) named.set(digest, [...(named.get(digest) ?? []), reference].sort());
  const maxAge = maxAgeOf(rules) * day;
  return Object.keys(lock.images).sort().filter((digest) => !parts.has(digest) || named.has(digest)).map((digest) => {
    const { platforms, createdAt } = lock.images[digest] ?? {};
    const records = [digest, ...new Set(Object.values(platforms ?? {}))].map((under) => lock.images[under] ?? {});
    const counts = (trust: string): boolean => !requireSigned || trust === "signed";
    const scan = newest(records.flatMap(({ scans = [] }) => scans.filter(({ origin }) => counts(origin.trust))));
    return {
      digest, references: named.get(digest) ?? [],
      ...(platforms === undefined ? {} : { platforms: Object.keys(platforms).length }), ...(createdAt === undefined ? {} : { createdAt }),
      ...(scan === undefined ? {} : { scan: scanOf(scan, now, maxAge) }),
      signatures: records.reduce((sum, { signatures = [] }) => sum + signatures.length, 0),
      provenance: records.reduce((sum, { provenance = [] }) => sum + provenance.filter(({ origin }) => counts(origin.trust)).length, 0),
    };
  });
}

function maxAgeOf(rules: readonly RuleSettings[]): number {
  const days = rules.find(({ rule }) => rule.id === "require-scan-evidence")?.options["maxAgeDays"];
  return typeof days === "number" ? days : defaultMaxAge;
}

function newest(scans: readonly ImageScan[]): ImageScan | undefined {
  return [...scans].sort((a, b) => Date.parse(b.scannedAt) - Date.parse(a.scannedAt))[0];
}

function scanOf({ scanner, scannedAt, origin, vulnerabilities }: ImageScan, now: number, maxAge: number): NonNullable<Listed["scan"]> {
  const at = Date.parse(scannedAt);
  const count = (severity: (typeof vulnerabilitySeverities)[number]): number => (vulnerabilities[severity]?.fixable?.length ?? 0) + (vulnerabilities[severity]?.unfixed?.length ?? 0);
  return {
    scanner: `${scanner.name}${scanner.version === undefined ? "" : ` ${scanner.version}`}`, scannedAt, ageDays: Math.floor((now - at) / day), expiresAt: new Date(at + maxAge).toISOString(), trust: origin.trust,
    vulnerabilities: Object.fromEntries(vulnerabilitySeverities.map((severity) => [severity, count(severity)] as const).filter(([, number]) => number > 0)),
  };
}

function linesOf({ digest, references, platforms, scan, signatures, provenance }: Listed): string {
  const found = Object.entries(scan?.vulnerabilities ?? {}).map(([severity, number]) => `${number} ${severity}`).join(", ") || "no vulnerability";
  return [
    `${digest}${platforms === undefined ? "" : ` (${counted(platforms, "platform")})`}`,
    ...references.map((reference) => `  ${reference}`),
    scan === undefined ? "  no scan" : `  scanned ${scan.scannedAt} by ${scan.scanner}, ${scan.ageDays < 0 ? "in the future" : `${counted(scan.ageDays, "day")} ago`} (${scan.trust}): ${found}`,
    `  ${counted(signatures, "signature")}, ${provenance} of provenance`, "",
  ].join("\n");
}
