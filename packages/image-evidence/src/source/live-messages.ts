import type { MessagePort } from "node:worker_threads";
import type { Digest, ImageEvidence } from "@bulkhead/core";
import type { Trust } from "../gather/items";

/** What the thread that asks registries is started with. Images are sent to it by name, and it answers each once. */
export interface ThreadInput {
  readonly port: MessagePort;
  /** One 32-bit number, raised with each answer: what waits for one wakes up by it. */
  readonly answered: SharedArrayBuffer;
  readonly trust: Trust;
  /** For all images together. */
  readonly timeoutMilliseconds: number;
}

/** What a registry said of an image; names are as `imageName` gives them. */
export type Answer =
  | { readonly kind: "failed"; readonly image: string; readonly reason: string }
  | {
      readonly kind: "found";
      readonly image: string;
      readonly digest: Digest;
      /** The same image by its digest: it need not be asked for again. */
      readonly pinned: string;
      /** What was found, for an index of each of its platforms too. */
      readonly records: readonly (readonly [Digest, ImageEvidence])[];
      /** Signed documents that the records need, by digest. */
      readonly documents: ReadonlyMap<Digest, Uint8Array>;
      /** Why attachments were not taken, by the image that they are attached to. */
      readonly refusals: readonly (readonly [Digest, string])[];
    };
