import type { AnyRule, Digest, EvidenceOrigin, Rejection, VerifiedRecords } from "@bulkhead/core";
import { documentStore, openEvidence, verifyVex } from "@bulkhead/image-evidence";
import { Misuse, parseArguments } from "../arguments";
import type { Io } from "../io";
import { counted } from "../io";
import { commonHelp, commonOptions, json, loadExisting, readContext, refuse, short } from "./context";

export const verifyHelp = `bulkhead evidence verify [options]

Verifies every kept document anew, offline: that one of the configured signers signed it, for that image, and that the lockfile
says of it what it says. What nobody signed is counted; with --require-signed it fails.

${commonHelp}
Exit code: 0 everything signed verifies, 1 something does not, 2 misuse, or a lockfile that cannot be read.
`;

interface Judged {
  readonly image: Digest;
  readonly what: "scan" | "signature" | "provenance" | "vex";
  readonly document: Digest;
  readonly verdict: "verified" | "not-signed" | "rejected";
  readonly rejection?: Rejection;
}

/** @throws Misuse */
export async function verify(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, commonOptions);
  if (parsed.positionals.length > 0) throw new Misuse("evidence verify takes no files: it verifies the lockfile");
  const context = readContext(parsed, catalogue, io);
  if (context === 2) return 2;
  const { settings, lockfile, now, requireSigned, format, trust } = context;
  const loaded = loadExisting(lockfile);
  if ("error" in loaded) return refuse([loaded.error], io);
  const { source } = openEvidence({ settings, folder: process.cwd(), now });
  const judged = Object.keys(loaded.lock.images).sort().flatMap((image) => [
    ...verdicts(image, "scan", source.verifyScans(image, source.signers)),
    ...verdicts(image, "signature", source.verifySignatures(image, source.signers)),
    ...verdicts(image, "provenance", source.verifyProvenance(image, source.signers)),
    ...verdicts(image, "vex", verifyVex(loaded.lock.images[image] ?? {}, image, { trust, read: documentStore(lockfile).read })),
  ]);
  const failed = judged.filter(({ verdict }) => verdict === "rejected" || (requireSigned && verdict === "not-signed"));
  if (format === "json") await io.out(json({ lockfile, records: judged }));
  else await io.out(`${failed.map(lineOf).join("")}${summary(judged)}`);
  return failed.length > 0 ? 1 : 0;
}

function verdicts<T extends { readonly origin: EvidenceOrigin }>(image: Digest, what: Judged["what"], { accepted, rejected }: VerifiedRecords<T>): readonly Judged[] {
  return [
    ...accepted.map(({ origin }): Judged => ({ image, what, document: origin.document, verdict: "verified" })),
    ...rejected.map(({ record: { origin }, rejection }): Judged => (origin.trust === "signed" ? { image, what, document: origin.document, verdict: "rejected", rejection } : { image, what, document: origin.document, verdict: "not-signed" })),
  ];
}

function lineOf({ image, what, document, rejection }: Judged): string {
  return `${what === "vex" ? "VEX document" : what} of ${short(image)} (document ${short(document)}): ${rejection === undefined ? "nobody signed it" : `${rejection.code}: ${rejection.reason}`}\n`;
}

function summary(judged: readonly Judged[]): string {
  const count = (verdict: Judged["verdict"]): number => judged.filter((entry) => entry.verdict === verdict).length;
  return `${counted(count("verified"), "record")} verified, ${count("rejected")} rejected, ${count("not-signed")} that nobody signed\n`;
}
