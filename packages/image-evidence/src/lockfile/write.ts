import type { EvidenceLock } from "@bulkhead/core";
import { writeWhole } from "../write-whole";

/**
 * As it stands in the file: names sorted, one entry per line and per list member, so that two branches that add different
 * images merge without a conflict, and the same evidence is the same bytes.
 */
export function formatLock({ references, images }: EvidenceLock): string {
  const sorted = { schemaVersion: 1, references: sortNames(references), images: sortNames(images) };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** Whole or not at all; `confirm` as of `writeWhole`. */
export function writeLock(file: string, lock: EvidenceLock, confirm?: () => void): void {
  writeWhole(file, [formatLock(lock)], confirm);
}

function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (typeof value !== "object" || value === null) return value;
  const sorted: Record<string, unknown> = {};
  for (const name of Object.keys(value).sort()) sorted[name] = sortNames((value as Record<string, unknown>)[name]);
  return sorted;
}
