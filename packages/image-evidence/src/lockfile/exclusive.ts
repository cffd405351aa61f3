import { randomBytes } from "node:crypto";
import { closeSync, linkSync, mkdirSync, openSync, readFileSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";

export interface ExclusiveOptions {
  /** How long others are waited for; default a minute. */
  readonly waitMilliseconds?: number;
  /** How old a lock may be, of whatever process; default half a minute. Writing a lockfile takes less than a second. */
  readonly staleMilliseconds?: number;
}

/** Another process writes the same file, and does not end. */
export class FileHeldError extends Error {
  override readonly name = "FileHeldError";
}

/** The lock was taken away: this process stood still for longer than any writer does. */
class LockLostError extends Error {}

interface Holder {
  readonly pid: number;
  /** Where the process id means something: the host, and there its namespace. */
  readonly host: string;
  readonly namespace: string;
  /** Tells two locks of one process apart. */
  readonly nonce: string;
}

/**
 * Calls `action` while no other process is in here with the same file, so that nobody's change is lost between reading and
 * writing. The lock is a file beside it, with `.lock` behind its name: Node has no lock of the system that ends with its
 * process, so one that was left behind is taken away once its process is gone, or it is older than any writer takes.
 * `action` calls `confirm` before what it wrote takes the place of the file; where the lock was taken away meanwhile it is
 * called again, and has to read the file again. A file of no such kind (a pipe) has no lock.
 *
 * @throws {FileHeldError} or the file system's error.
 */
export function exclusively<T>(file: string, action: (confirm: () => void) => T, { waitMilliseconds = 60_000, staleMilliseconds = 30_000 }: ExclusiveOptions = {}): T {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && !stat.isFile()) return action(() => undefined);
  const lock = `${stat === undefined ? file : realpathSync(file)}.lock`;
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    const own: Holder = { pid: process.pid, ...place(), nonce: randomBytes(8).toString("hex") };
    acquire(lock, own, waitMilliseconds, staleMilliseconds);
    try {
      return action(() => {
        if (holderOf(lock)?.nonce !== own.nonce) throw new LockLostError();
      });
    } catch (error) {
      if (!(error instanceof LockLostError)) throw error;
    } finally {
      if (holderOf(lock)?.nonce === own.nonce) rmSync(lock, { force: true });
    }
  }
}

function place(): Pick<Holder, "host" | "namespace"> {
  try {
    return { host: hostname(), namespace: readlinkSync("/proc/self/ns/pid") };
  } catch {
    return { host: hostname(), namespace: "" };
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

function acquire(lock: string, own: Holder, wait: number, stale: number): void {
  const until = Date.now() + wait;
  while (!create(lock, own)) {
    if (takeAway(lock, stale)) continue;
    if (Date.now() >= until) {
      const holder = holderOf(lock);
      throw new FileHeldError(`one that ${holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`} holds by ${lock}; remove that if the process is gone`);
    }
    Atomics.wait(sleeper, 0, 0, 5 + Math.random() * 20);
  }
}

function create(lock: string, own: Holder): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(lock, "wx", 0o644);
  } catch (error) {
    // Windows says so of a file that is being deleted.
    if (codeOf(error) === "EEXIST" || (process.platform === "win32" && codeOf(error) === "EPERM")) return false;
    throw error;
  }
  try {
    writeFileSync(descriptor, `${JSON.stringify(own)}\n`);
  } finally {
    closeSync(descriptor);
  }
  return true;
}

/** Takes a lock away that nobody holds any more. Returns whether the next try may succeed. */
function takeAway(lock: string, stale: number): boolean {
  const holder = holderOf(lock);
  const modified = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) return true;
  if (!isGone(holder) && Date.now() - modified <= stale) return false;
  // Of several who find it so only one moves it. Who moves one that came in its place meanwhile puts that back.
  const moved = `${lock}.${randomBytes(4).toString("hex")}`;
  try {
    renameSync(lock, moved);
    if (holderOf(moved)?.nonce !== holder?.nonce) linkSync(moved, lock);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" && codeOf(error) !== "EEXIST") throw error;
  } finally {
    rmSync(moved, { force: true });
  }
  return true;
}

/** Whether the process that made the lock has ended. Of one on another machine, or in another container, nothing is known. */
function isGone(holder: Holder | undefined): boolean {
  const here = place();
  if (holder === undefined || holder.host !== here.host || holder.namespace !== here.namespace) return false;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/** Nothing where there is no lock, or its process was stopped before it could say who it is. */
function holderOf(lock: string): Holder | undefined {
  try {
    const { pid, host, namespace, nonce } = JSON.parse(readFileSync(lock, "utf8")) as { readonly [key: string]: unknown };
    return typeof pid === "number" && Number.isSafeInteger(pid) && pid > 0 && typeof host === "string" && typeof namespace === "string" && typeof nonce === "string" ? { pid, host, namespace, nonce } : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
