import type { AnyRule, Digest, EvidenceLock } from "@bulkhead/core";
import type { Synced } from "@bulkhead/image-evidence";
import { documentStore, RegistryClient, sync as syncAll } from "@bulkhead/image-evidence";
import type { OptionTypes } from "../arguments";
import { choiceOf, countOf, flagOf, Misuse, parseArguments, stringsOf } from "../arguments";
import type { Io } from "../io";
import { counted } from "../io";
import { formatInputError } from "../read/problem";
import type { Change, EvidenceContext } from "./context";
import { commonHelp, commonOptions, json, loadLock, readContext, refuse, saveLock, short } from "./context";
import { sourceKinds, usedImages } from "./references";

export const syncHelp = `bulkhead evidence sync [options] [PATH...]

Finds every image that is used in what is given (default: the working directory), resolves its tag, and takes into the
lockfile what its registry has attached to it and one of the configured signers has signed: scans, signatures, provenance, VEX
documents. Credentials are those of docker (DOCKER_CONFIG). What nobody configured has signed is said, and never taken. A tag
that is built in what is given is not asked for: the build gives it another image.

  --from KIND       only images of state, manifests, compose or Dockerfile
  --image NAME      an image that stands in no file; may be repeated
  --accept-moved    lock tags to what they name now; otherwise a tag that moved keeps its image, and is recorded as moved
  --concurrency N   images at once, 1 to 32 (default: 32)
${commonHelp}
Exit code: 0 done, 1 a tag has moved and that was not accepted, or with --require-signed an image has no signed scan, 2 misuse, or
something could not be read or asked; what was learned is written in any case, and of what failed the lockfile keeps what it has.
`;

const options: OptionTypes = { ...commonOptions, from: { type: "string" }, image: { type: "string", multiple: true }, "accept-moved": { type: "boolean" }, concurrency: { type: "string" } };
const saveMilliseconds = 2000;

type Done = Extract<Synced, { readonly kind: "synced" }>;
type Failed = Extract<Synced, { readonly kind: "failed" }>;

/** @throws Misuse */
export async function sync(args: readonly string[], catalogue: readonly AnyRule[], io: Io): Promise<number> {
  const parsed = parseArguments(args, options);
  const from = choiceOf(parsed, "from", sourceKinds);
  const concurrency = countOf(parsed, "concurrency") ?? 32;
  if (concurrency < 1 || concurrency > 32) throw new Misuse(`--concurrency: expected 1 to 32, found ${concurrency}`);
  const named = stringsOf(parsed, "image");
  const context = readContext(parsed, catalogue, io);
  if (context === 2) return 2;
  const paths = parsed.positionals.length === 0 && named.length === 0 ? ["."] : parsed.positionals;
  const used = usedImages(paths, from);
  for (const error of used.errors) io.err(`${formatInputError(error)}\n`);
  for (const reference of used.built) io.err(`${reference}: not asked for: it is built here, and has its digest only after that\n`);
  for (const { file, image, reason } of used.passedOver) io.err(`${file}: ${image}: not asked for: ${reason}\n`);
  const loaded = loadLock(context.lockfile);
  if ("error" in loaded) return refuse([loaded.error], io);
  const references = [...new Set([...used.references.filter((reference) => !used.built.includes(reference)), ...named])];
  const { synced, failure, signal } = await gather(loaded.lock, references, context, { acceptsMoves: flagOf(parsed, "accept-moved"), concurrency }, io);
  const done = synced.filter((entry) => entry.kind === "synced").sort(byReference);
  const failed = synced.filter((entry) => entry.kind === "failed").sort(byReference);
  for (const { reason } of failed) io.err(`${reason}\n`);
  const now = loadLock(context.lockfile);
  const lock = "lock" in now ? now.lock : loaded.lock;
  const unsigned = context.requireSigned ? done.filter(({ digest }) => !hasSignedScan(lock, digest)) : [];
  for (const { reference, digest } of unsigned) io.err(`${reference}: ${short(digest)} has no signed scan\n`);
  if (context.format === "json") await io.out(json(report(context, done, failed, used.passedOver, lock)));
  else await io.out(done.map((entry) => linesOf(entry, lock)).join(""));
  if (signal !== undefined) process.kill(process.pid, signal);
  if (failure || failed.length > 0 || used.errors.length > 0) return 2;
  return unsigned.length > 0 || done.some(({ moved }) => moved?.accepted === false) ? 1 : 0;
}

interface Gathered {
  readonly synced: readonly Synced[];
  /** The lockfile could not be written. */
  readonly failure: boolean;
  /** By which it was interrupted: the process ends by it, once what is known is written. */
  readonly signal: NodeJS.Signals | undefined;
}

/** Writes what is known every few seconds, and when it is interrupted: an hour of asking is not lost with the last answer. */
async function gather(lock: EvidenceLock, references: readonly string[], { trust, lockfile }: EvidenceContext, { acceptsMoves, concurrency }: { readonly acceptsMoves: boolean; readonly concurrency: number }, io: Io): Promise<Gathered> {
  const synced: Synced[] = [];
  let pending: Change[] = [];
  let failure = false;
  let savedAt = Date.now();
  const save = (): void => {
    const problem = pending.length === 0 ? undefined : saveLock(lockfile, pending);
    pending = [];
    savedAt = Date.now();
    if (problem === undefined) return;
    failure = true;
    io.err(`${formatInputError(problem)}\n`);
  };
  const abort = new AbortController();
  let received: NodeJS.Signals | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    received = signal;
    abort.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, stop);
  const aborted = new Promise<"aborted">((resolve) => abort.signal.addEventListener("abort", () => resolve("aborted")));
  const answers = syncAll(lock, references, { client: new RegistryClient({ concurrency }), trust, acceptsMoves, concurrency, signal: abort.signal, read: documentStore(lockfile).read });
  try {
    for (;;) {
      const next = await Promise.race([answers.next(), aborted]);
      if (next === "aborted" || next.done === true) break;
      synced.push(next.value);
      if (next.value.kind === "synced") pending.push(next.value);
      if (Date.now() - savedAt < saveMilliseconds) continue;
      save();
      if (synced.length < references.length) io.err(`bulkhead: ${synced.length} of ${counted(references.length, "image")}\n`);
    }
  } finally {
    save();
    for (const signal of signals) process.removeListener(signal, stop);
  }
  io.err(`bulkhead: ${received === undefined ? "" : "interrupted after "}${synced.length} of ${counted(references.length, "image")}\n`);
  return { synced, failure, signal: received };
}

function byReference(a: Synced, b: Synced): number {
  return a.reference < b.reference ? -1 : 1;
}

function hasSignedScan({ images }: EvidenceLock, digest: Digest): boolean {
  const under = [digest, ...Object.values(images[digest]?.platforms ?? {})];
  return under.some((each) => images[each]?.scans?.some(({ origin }) => origin.trust === "signed") === true);
}

/** What the lock has of an image, its platforms included. */
function countsOf({ images }: EvidenceLock, digest: Digest): { readonly scans: number; readonly signatures: number; readonly provenance: number } {
  const under = [digest, ...Object.values(images[digest]?.platforms ?? {})].map((each) => images[each] ?? {});
  const sum = (of: (image: (typeof under)[number]) => readonly unknown[] | undefined): number => under.reduce((total, image) => total + (of(image)?.length ?? 0), 0);
  return { scans: sum(({ scans }) => scans), signatures: sum(({ signatures }) => signatures), provenance: sum(({ provenance }) => provenance) };
}

function report({ lockfile }: EvidenceContext, done: readonly Done[], failed: readonly Failed[], passedOver: readonly object[], lock: EvidenceLock): object {
  return {
    lockfile,
    images: done.map(({ reference, digest, moved, refused, unsigned }) => ({ reference, digest, ...(moved === undefined ? {} : { moved }), evidence: countsOf(lock, digest), refused, unsigned })),
    failed: failed.map(({ kind: _, ...entry }) => entry), passedOver,
  };
}

function linesOf({ reference, digest, moved, refused, unsigned }: Done, lock: EvidenceLock): string {
  const { scans, signatures, provenance } = countsOf(lock, digest);
  const lines = [`${reference}  ${short(digest)}  ${counted(scans, "scan")}, ${counted(signatures, "signature")}, ${provenance} of provenance`];
  if (moved !== undefined) lines.push(moved.accepted ? `  moved: was ${short(moved.from)}` : `  moved: names ${short(moved.to)} now; --accept-moved locks it to that`);
  for (const { code, reason, document } of refused) lines.push(`  not taken (${code})${document === undefined ? "" : ` ${short(document)}`}: ${reason}`);
  if (unsigned > 0) lines.push(`  not taken: ${counted(unsigned, "attachment")} that nobody signed`);
  return `${lines.join("\n")}\n`;
}
