import { createHash } from "node:crypto";
import type { Digest } from "@bulkhead/core";

const form = /^sha256:[0-9a-f]{64}$/;

/** `sha256:` and 64 lower-case hexadecimal digits: no other algorithm, nothing cut short. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === "string" && form.test(text);
}

export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
