/** Entry of the thread that asks registries while rules wait for it: `Asker` starts it. */
import { workerData } from "node:worker_threads";
import type { Digest, ImageReference } from "@bulkhead/core";
import { formatReference, parseImage } from "@bulkhead/core";
import { sync } from "../gather/sync";
import { emptyLock } from "../lockfile/shape";
import { RegistryClient } from "../registry/client";
import { dockerCredentials } from "../registry/docker-config";
import { Limiter } from "../registry/limiter";
import type { Answer, ThreadInput } from "./live-messages";

const { port, answered, trust, timeoutMilliseconds } = workerData as ThreadInput;

/** A registry that hangs is given up after three attempts, which leaves a quarter of the time for the others. */
const requestMilliseconds = Math.max(1000, Math.floor(timeoutMilliseconds / 4));
const client = new RegistryClient({
  credentials: dockerCredentials({ helperMilliseconds: Math.min(5000, requestMilliseconds) }),
  attempts: 3, requestMilliseconds, maxRetryAfterMilliseconds: requestMilliseconds,
  // The thread is ended when the time is over.
  totalMilliseconds: Number.POSITIVE_INFINITY,
});
const limiter = new Limiter(32);
/** Registries that did not answer, and why: the next image would wait as long. */
const silent = new Map<string, string>();
const count = new Int32Array(answered);

port.on("message", (image: string) => {
  void limiter.run(async () => ask(image)).catch((error: unknown): Answer => ({ kind: "failed", image, reason: `${image}: an internal failure (${error instanceof Error ? error.name : typeof error})` })).then((answer) => {
    port.postMessage(answer);
    Atomics.add(count, 0, 1);
    Atomics.notify(count, 0);
  });
});

async function ask(image: string): Promise<Answer> {
  const parsed = parseImage(image);
  const domain = parsed.kind === "name" ? parsed.reference.domain : "";
  const before = silent.get(domain);
  if (before !== undefined) return { kind: "failed", image, reason: `${image}: ${domain} gave no answer before: ${before}` };
  // Without a lock, a tag is what it names now.
  for await (const synced of sync(emptyLock, [image], { client, trust })) {
    if (synced.kind === "failed") {
      if (synced.code === "network" || synced.code === "timeout") silent.set(domain, synced.reason);
      return { kind: "failed", image, reason: synced.reason };
    }
    const { digest, documents, refused, unsigned, apply } = synced;
    const pinned = parsed.kind === "name" ? formatReference(pin(parsed.reference, digest)) : image;
    const refusals = refused.map(({ image: about, reason }) => [about, reason] as const);
    if (unsigned > 0) refusals.push([digest, `${unsigned === 1 ? "an attachment" : `${unsigned} attachments`} that nobody signed`]);
    return { kind: "found", image, digest, pinned, records: Object.entries(apply(emptyLock).images), documents, refusals };
  }
  throw new Error("no answer");
}

function pin({ tag: _, ...named }: ImageReference, digest: Digest): ImageReference {
  return { ...named, digest };
}
