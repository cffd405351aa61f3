import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { Digest } from "@bulkhead/core";
import { digestOf, isDigest } from "../digest";
import { maxDocumentBytes } from "../verify/document";
import { writeWhole } from "../write-whole";

/**
 * Signed documents, kept beside the lockfile so that their signatures can be verified again: `bulkhead.evidence.d/` holds
 * `sha256-<hex>.json.gz` for each. The name is the digest of the content, so files never change, and two branches never
 * conflict.
 */
export interface DocumentStore {
  readonly folder: string;
  /** The bytes of a document, or nothing where it is not kept, is too large, or has other bytes than its name says. */
  readonly read: (document: Digest) => Buffer | undefined;
  /** Keeps a document, under the digest of its bytes. */
  readonly keep: (bytes: Uint8Array) => Digest;
  readonly digests: () => readonly Digest[];
  readonly remove: (document: Digest) => void;
}

export function documentStore(lockfile: string): DocumentStore {
  const folder = `${lockfile.replace(/\.json$/, "")}.d`;
  const fileOf = (document: Digest): string => join(folder, `${document.replace(":", "-")}.json.gz`);
  return {
    folder,
    read: (document) => {
      const file = fileOf(document);
      if (!isDigest(document) || !existsSync(file)) return undefined;
      try {
        const bytes = gunzipSync(readFileSync(file), { maxOutputLength: maxDocumentBytes });
        return digestOf(bytes) === document ? bytes : undefined;
      } catch {
        return undefined;
      }
    },
    keep: (bytes) => {
      const document = digestOf(bytes);
      // The header of gzip has a time and a system in it; zlib writes neither, so that the file is always the same.
      if (!existsSync(fileOf(document))) {
        mkdirSync(folder, { recursive: true });
        writeWhole(fileOf(document), [gzipSync(bytes, { level: 9 })]);
      }
      return document;
    },
    digests: () => (existsSync(folder) ? readdirSync(folder).flatMap((name) => /^(sha256)-([0-9a-f]{64})\.json\.gz$/.exec(name)?.slice(1).join(":") ?? []).sort() : []),
    remove: (document) => rmSync(fileOf(document), { force: true }),
  };
}
