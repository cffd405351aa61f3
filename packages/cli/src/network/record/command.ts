import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "@bulkhead/image-evidence";
import { durationOf, flagOf, Misuse, parseArguments, stringOf } from "../../arguments";
import type { Io } from "../../io";
import { chunked, counted } from "../../io";
import { reasonOf } from "../../read/file";
import { formatInputError } from "../../read/problem";
import { RecordError } from "./engine";
import type { RecordOptions, RecordProgress, Recording } from "./record";
import { recordDocker } from "./record";

export const recordHelp = `bulkhead network record --docker [CONTAINER...] [options]

Records who opens connections to whom among Docker containers, for bulkhead network learn: those that are named, or all that
run, with those that are started meanwhile. It looks into each container's own network, as the host's table of connections
does not have the traffic of one bridge; that needs root on the daemon's own machine.

  --docker              what is recorded
  --duration TIME       how long, such as 90s, 5m or 1h30m (default: 5m); an interrupt (Ctrl-C) ends it early and keeps what was seen
  --interval TIME       between two looks, from 50ms (default: 1s)
  --host ADDRESS        the daemon: unix:///path or tcp://host:port (default: the one that docker uses)
  --helper-image IMAGE  where the daemon runs in a virtual machine (Docker Desktop), or root is not to be had: for each container one
                        from this image, which needs sh and cat and must be there already, looks from within the same network.
                        It has no capability, no way to write, no network of its own, and is removed at the end
  -o, --output FILE     write the recording there, whole or not at all, instead of to standard output

With the programs conntrack and nsenter every answered connection is seen, however short, and every datagram. Without conntrack
the kernel's table of connections is read at each look: it keeps a closed connection for 10 seconds or more. Containers on the default
bridge alone have no such table, nor does a helper: there, connections that end between two looks are seen only where this end closed
first (the kernel keeps these for a minute), and datagrams only where the socket has a peer. Attempts that nobody answers, and
connections that had ended before, are no flows. Not recorded: containers on the host's network, and what a container says to itself.

Exit 0: recorded. 2: misuse, or nothing could be recorded.
`;

const [usualDuration, usualInterval, leastInterval] = [300_000, 1_000, 50];
/** Milliseconds between two lines of progress. */
const sayEvery = 10_000;

/** @throws Misuse */
export async function record(args: readonly string[], io: Io): Promise<number> {
  const parsed = parseArguments(args, { docker: { type: "boolean" }, duration: { type: "string" }, interval: { type: "string" }, host: { type: "string" }, "helper-image": { type: "string" }, output: { type: "string", short: "o" } });
  if (!flagOf(parsed, "docker")) throw new Misuse("network record needs --docker: nothing else is recorded here");
  const [duration, interval] = [durationOf(parsed, "duration") ?? usualDuration, durationOf(parsed, "interval") ?? usualInterval];
  if (interval < leastInterval) throw new Misuse(`--interval: expected ${leastInterval}ms or more, found ${JSON.stringify(stringOf(parsed, "interval"))}`);
  const [host, helperImage, output] = [stringOf(parsed, "host"), stringOf(parsed, "helper-image"), stringOf(parsed, "output")];
  if (host !== undefined && !/^(unix:\/\/\/.|tcp:\/\/[^/]+:\d+$|npipe:\/\/|ssh:\/\/.)/.test(host)) throw new Misuse(`--host: expected unix:///path, tcp://host:port or ssh://host, found ${JSON.stringify(host)}`);
  const unwritable = output === undefined ? undefined : whyUnwritable(output);
  if (output !== undefined && unwritable !== undefined) {
    io.err(`${formatInputError({ file: output, expected: "a place that can be written", found: unwritable })}\n`);
    return 2;
  }
  const recording = await untilInterrupted((signal) => recordDocker({
    containers: parsed.positionals, duration, interval, signal, onProgress: progressOf(io, duration),
    ...(helperImage === undefined ? {} : { helperImage }),
    // A context that was chosen by the environment would win over the address.
    env: host === undefined ? process.env : { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: undefined },
  }));
  if (recording instanceof RecordError) {
    io.err(`bulkhead: network record: ${recording.message}\n`);
    return 2;
  }
  return write(recording, output, io);
}

/** The first interrupt ends the recording, the second one the program. */
async function untilInterrupted(start: (signal: NonNullable<RecordOptions["signal"]>) => Promise<Recording>): Promise<Recording | RecordError> {
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    return await start(abort.signal);
  } catch (error) {
    if (error instanceof RecordError) return error;
    throw error;
  } finally {
    for (const signal of signals) process.removeListener(signal, stop);
  }
}

/** Said before the recording, not after it. */
function whyUnwritable(file: string): string | undefined {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return "a folder";
    accessSync(dirname(file), constants.W_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function progressOf(io: Io, duration: number): (progress: RecordProgress) => void {
  let next = 0;
  return ({ elapsed, containers, flows }) => {
    if (elapsed < next) return;
    if (next === 0) io.err(`recording ${counted(containers, "container")} for ${clock(duration)}; an interrupt ends it early\n`);
    else if (elapsed < duration) io.err(`${clock(elapsed)} of ${clock(duration)}: ${counted(containers, "container")}, ${counted(flows, "flow")}\n`);
    next = elapsed - (elapsed % sayEvery) + sayEvery;
  };
}

async function write(recording: Recording, output: string | undefined, io: Io): Promise<number> {
  const summary = summaryOf(recording);
  if (output === undefined) {
    for (const chunk of chunked(recording.lines)) await io.out(chunk);
    io.err(summary);
    return 0;
  }
  try {
    writeWhole(output, chunked(recording.lines));
  } catch (error) {
    io.err(`${formatInputError({ file: output, expected: "a place that can be written", found: reasonOf(error) })}\n`);
    return 2;
  }
  await io.out(summary);
  return 0;
}

function summaryOf({ containers, flows, counts, skipped, incomplete }: Recording): string {
  const sum = (of: (container: Recording["containers"][number]) => number): number => containers.reduce((total, each) => total + of(each), 0);
  const shortcomings = incomplete.filter((reason) => !skipped.some(({ name }) => reason.startsWith(`${name} was not recorded: `)));
  return [
    `${counted(containers.length, "container")}, ${counted(sum(({ samples }) => samples), "look")} (${sum(({ lost }) => lost)} lost), ${counted(flows.length, "flow")}`,
    ...flows.map(({ source, destination, protocol, port, direction, count }) => `  ${end(source)} ${direction === "request" ? "->" : "-"} ${end(destination)} ${protocol}${port === undefined ? "" : ` ${port}`}: ${counted(count, "connection")}`).slice(0, mostShown),
    ...(flows.length > mostShown ? [`  and ${flows.length - mostShown} more`] : []),
    ...(counts.resolved > 0 ? [`questions that Docker's name server has passed on, which are no flows of a container's: ${counts.resolved}`] : []),
    ...(counts.attempts > 0 ? [`attempts that nobody had answered when they were seen: ${counts.attempts}`] : []),
    `could not be entered: ${skipped.length}`, ...skipped.map(({ name, reason }) => `  ${name}: ${reason}`),
    `cannot be seen this way: ${shortcomings.length}`, ...shortcomings.map((reason) => `  ${reason}`),
    "",
  ].map((line) => line.replace(/\p{C}/gu, "?")).join("\n");
}

const mostShown = 20;

function end({ container, entity, ip }: Recording["flows"][number]["source"]): string {
  return container ?? (entity === undefined ? (ip ?? "?") : `the ${entity}`);
}

/** `1:05`, or `1:00:05`; below a second, milliseconds. */
function clock(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
}
