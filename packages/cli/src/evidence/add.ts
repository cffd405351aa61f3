import { basename } from "node:path";
import type { AnyRule } from "@bulkhead/core";
import type { Added, ReportFile } from "@bulkhead/image-evidence";
import { addReports, defaultLimits, documentStore } from "@bulkhead/image-evidence";
import { Misuse, parseArguments } from "../arguments";
import type { Io } from "../io";
import { readBytes } from "../read/file";
import type { InputError } from "../read/problem";
import { formatInputError } from "../read/problem";
import { commonHelp, commonOptions, inputError, json, loadLock, readContext, refuse, saveLock, short } from "./context";

export const addHelp = `bulkhead evidence add [options] REPORT...

Takes reports into the lockfile (files, or - for standard input): Trivy, Grype, SARIF, Harbor, cloud registries, in-toto
statements and vulnerability attestations, SLSA provenance, DSSE envelopes and Sigstore bundles. The format is known by the
content. A report counts for the image that it names by digest; one that names only a config (Trivy of a local image) counts
where evidence sync has found which image has it. VEX documents count when they are signed by one of evidence.vexAuthors, for
every scan of their image, whichever is added first. Only a report that nobody signed is not judged again by a VEX document that
comes later, and that is said: the lockfile keeps what such a report found, and not in which packages. Add it again then.

${commonHelp}
Exit code: 0 everything is evidence, 1 something is none (said on standard error, with the reason), 2 misuse, or a report that
cannot be read. What can be taken is taken in any case.
`;

/** @throws Misuse */
export async function add(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, commonOptions);
  const files = parsed.positionals;
  if (files.length === 0) throw new Misuse("evidence add needs a report, or - for standard input");
  if (files.filter((file) => file === "-").length > 1) throw new Misuse("standard input can be read once");
  const context = readContext(parsed, catalogue, io);
  if (context === 2) return 2;
  const { trust, requireSigned, lockfile, format } = context;
  const loaded = loadLock(lockfile);
  if ("error" in loaded) return refuse([loaded.error], io);
  const errors: InputError[] = [];
  const shownAs = new Map<string, string>();
  const { outcomes, ...change } = addReports(loaded.lock, readReports(files, shownAs, errors), { trust, requireSigned, read: documentStore(lockfile).read });
  errors.push(...outcomes.flatMap((outcome) => (outcome.kind === "unreadable" ? [{ ...inputError(outcome.problem), file: shownAs.get(outcome.file) ?? outcome.file }] : [])));
  const taken = outcomes.filter((outcome) => outcome.kind === "evidence");
  const refused = outcomes.filter((outcome) => outcome.kind === "refused");
  const failure = taken.length === 0 ? undefined : saveLock(lockfile, [change]);
  if (failure !== undefined) errors.push(failure);
  for (const error of errors) io.err(`${formatInputError(error)}\n`);
  for (const { file, note } of taken) if (note !== undefined) io.err(`${file}: ${note}\n`);
  for (const { file, refusal } of refused) io.err(`${file}: no evidence (${refusal.code}): ${refusal.reason}\n`);
  if (format === "json") await io.out(json({ lockfile, added: taken.map(({ kind: _, ...entry }) => entry), refused: refused.map(({ file, refusal }) => ({ file, ...refusal })), errors }));
  else await io.out(taken.map(lineOf).join(""));
  return errors.length > 0 ? 2 : refused.length > 0 ? 1 : 0;
}

/** Records name the file alone: a path differs from machine to machine. One file after the other, so that none has to stay in memory. */
function* readReports(files: readonly string[], shownAs: Map<string, string>, errors: InputError[]): Generator<ReportFile> {
  for (const file of files) {
    const read = readBytes(file, defaultLimits.maxBytes);
    if ("error" in read) errors.push(read.error);
    else {
      const name = file === "-" ? "standard input" : basename(file);
      shownAs.set(name, file);
      yield { file: name, bytes: read.bytes };
    }
  }
}

const nouns = { scan: "scan", provenance: "provenance", signature: "signature", vex: "VEX document", "base-images": "base images" } as const;

function lineOf({ file, what, images, trust }: Extract<Added, { readonly kind: "evidence" }>): string {
  return `${file}: ${nouns[what]} of ${images.map(short).join(", ")} (${trust === "signed" ? "signed" : "not signed"})\n`;
}
