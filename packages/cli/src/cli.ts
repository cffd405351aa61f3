import { rules } from "@bulkhead/rules";
import type { Io } from "./io";
import { describeError, wantsColor } from "./io";
import { run } from "./run";

/** Standard output as an Io. A reader such as `head` may close the pipe early: that is no failure, and nothing more is written. */
function terminal(): Io & { readonly failed: () => boolean } {
  const { stdout, env } = process;
  let closed = false;
  let failure = false;
  let resume: (() => void) | undefined;
  const proceed = (): void => {
    resume?.();
    resume = undefined;
  };
  stdout.on("drain", proceed);
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE" && !closed) {
      failure = true;
      process.stderr.write(`bulkhead: standard output cannot be written: ${error.code ?? error.name}\n`);
    }
    closed = true;
    proceed();
  });
  process.stderr.on("error", () => undefined);
  return {
    out: (text) => (closed || stdout.write(text) ? Promise.resolve() : new Promise((resolve) => (resume = resolve))),
    err: (text) => void process.stderr.write(text),
    color: wantsColor(stdout.isTTY === true, env),
    ...(stdout.isTTY === true ? { width: stdout.columns } : {}),
    failed: () => failure,
  };
}

async function main(): Promise<void> {
  const io = terminal();
  process.exitCode = await run(process.argv.slice(2), rules, io);
  // A failed write is known only after the command has ended.
  process.once("beforeExit", () => {
    if (io.failed()) process.exitCode = 2;
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`bulkhead: internal error: ${describeError(error)}\n`);
  process.exitCode = 2;
});
