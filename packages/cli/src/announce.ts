import type { EvidenceSource } from "@bulkhead/core";
import { askedImages, readDocument } from "@bulkhead/core";
import type { SourceDocument, SourceFile } from "./read/read";
import { readAll } from "./read/read";

/**
 * What `readAll` reads, file by file. Where registries are asked for images, everything is read before the first file is
 * given, so that they are asked for all images at once.
 */
export function readAnnounced(paths: readonly string[], merged: readonly string[], evidence: EvidenceSource | undefined): Iterable<SourceFile> {
  if (evidence?.expect === undefined) return readAll(paths, merged);
  const sources = [...readAll(paths, merged)];
  evidence.expect(sources.flatMap(({ documents }) => documents.flatMap(imagesOf)));
  return sources;
}

/** What cannot be read is said where it is judged. */
function imagesOf({ value, address }: SourceDocument): readonly string[] {
  try {
    return [...readDocument(value, address)].flatMap(askedImages);
  } catch {
    return [];
  }
}
