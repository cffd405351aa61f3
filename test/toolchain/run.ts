import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  /** Milliseconds, after which the program and what it started is killed; default 10 minutes. */
  readonly timeout?: number;
  /** Also append what it prints to this file. */
  readonly log?: string;
}

/** Runs a program to its end; its exit code is a result, not an error. A program that cannot be started has code 127. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const log = options.log === undefined ? undefined : createWriteStream(options.log, { flags: "a" });
    log?.on("error", () => undefined);
    const kill = (): void => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {
        // It has ended already.
      }
    };
    const timer = setTimeout(kill, options.timeout ?? 600_000);
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        chunks[name].push(chunk);
        log?.write(chunk);
      });
    }
    const finish = (code: number, stderr: string): void => {
      clearTimeout(timer);
      const done = (): void => resolve({ code, stdout: Buffer.concat(chunks.stdout).toString(), stderr: Buffer.concat(chunks.stderr).toString() + stderr });
      // The file may not be open yet, and its folder be removed next.
      if (log === undefined) done();
      else log.end(done);
    };
    child.on("error", (error) => finish(127, String(error)));
    child.on("close", (code, signal) => finish(code ?? 128, signal === null ? "" : `killed by ${signal}`));
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
  });
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Says that something slow goes on, every 20 seconds, until it ends. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const start = Date.now();
  const timer = setInterval(() => say(`  ${what}: ${Math.round((Date.now() - start) / 1000)} s so far`), 20_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
