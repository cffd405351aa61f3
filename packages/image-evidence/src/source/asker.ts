import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MessagePort, Worker } from "node:worker_threads";
import type { Trust } from "../gather/items";
import type { Answer, ThreadInput } from "./live-messages";

/** Has registries asked, and waits for what they say. */
export interface Asker {
  /** Names of images that are asked for together with the next one that is asked for. */
  readonly expect: (images: readonly string[]) => void;
  /** What the registry says of an image, once: a second question has the same answer. Blocks until then, or until the time is over. */
  readonly ask: (image: string) => Answer;
}

export interface AskerOptions {
  readonly trust: Trust;
  /** How long is waited for all answers together. Time in which nobody waits does not count. */
  readonly timeoutSeconds: number;
}

interface Thread {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly answered: Int32Array;
  /** The next answer that has arrived. */
  readonly next: () => Answer | undefined;
}

/** Loaded with the first question: it takes some 3 ms. */
function workerThreads(): typeof import("node:worker_threads") {
  return require("node:worker_threads") as typeof import("node:worker_threads");
}

/** Beside this module, also where both are bundled. */
const threadFile = join(__dirname, "live-worker.js");

/**
 * Rules ask synchronously, and registries answer in their time: a thread asks them, which is started with the first question,
 * and does not keep the process from ending.
 */
export function createAsker({ trust, timeoutSeconds }: AskerOptions): Asker {
  const answers = new Map<string, Answer>();
  const expected = new Set<string>();
  const sent = new Set<string>();
  let thread: Thread | undefined;
  let left = timeoutSeconds * 1000;
  /** Why nothing is asked any more. */
  let ended: string | undefined;

  const start = (): Thread => {
    // A thread without its file would fail only once nobody waits for it.
    if (!existsSync(threadFile)) throw Object.assign(new Error(), { code: "ENOENT" });
    const { MessageChannel, receiveMessageOnPort, Worker } = workerThreads();
    const { port1, port2 } = new MessageChannel();
    const answered = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    const workerData: ThreadInput = { port: port2, answered, trust, timeoutMilliseconds: left };
    const worker = new Worker(threadFile, { workerData, transferList: [port2] });
    worker.on("error", (error) => (ended ??= broken(error)));
    worker.unref();
    return { worker, port: port1, answered: new Int32Array(answered), next: () => receiveMessageOnPort(port1)?.message as Answer | undefined };
  };
  const send = ({ port }: Thread, image: string): void => {
    if (!sent.has(image) && !answers.has(image)) port.postMessage(image);
    sent.add(image);
  };
  const receive = ({ next }: Thread): void => {
    for (let answer = next(); answer !== undefined; answer = next()) {
      answers.set(answer.image, answer);
      if (answer.kind === "found" && !answers.has(answer.pinned)) answers.set(answer.pinned, answer);
    }
  };
  const wait = (running: Thread, image: string): Answer | undefined => {
    for (;;) {
      const before = Atomics.load(running.answered, 0);
      receive(running);
      const answer = answers.get(image);
      if (answer !== undefined || left <= 0) return answer;
      const begin = performance.now();
      Atomics.wait(running.answered, 0, before, left);
      left -= performance.now() - begin;
    }
  };
  const begin = (): Thread | undefined => {
    if (thread !== undefined || ended !== undefined) return thread;
    try {
      thread = start();
    } catch (error) {
      ended = broken(error);
    }
    return thread;
  };

  return {
    expect: (images) => {
      for (const image of images) expected.add(image);
    },
    ask: (image) => {
      const running = answers.has(image) ? undefined : begin();
      if (running !== undefined && ended === undefined) {
        for (const each of [image, ...expected]) send(running, each);
        expected.clear();
        if (wait(running, image) === undefined) {
          ended = `the ${timeoutSeconds} s for the whole run were used up`;
          void running.worker.terminate();
        }
      }
      return answers.get(image) ?? { kind: "failed", image, reason: `${image}: ${ended ?? "no answer"}` };
    },
  };
}

function broken(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return `the thread that asks registries does not run (${code ?? (error instanceof Error ? error.name : "unknown")})`;
}
