import type { EvidenceLock, ImageEvidence } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";
import { expect, test } from "vitest";
import { compactIndex } from "./compact-index.ts";

const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;
const [index, manifest, config, bare] = ["a", "b", "c", "d"].map(digestOf) as [string, string, string, string];
const scans: ImageEvidence["scans"] = [{ scanner: { name: "trivy" }, scannedAt: "2026-05-20T04:00:00Z", vulnerabilities: { high: { fixable: ["CVE-2026-1"] } }, origin: { format: "trivy-json", name: "a.json", document: bare, trust: "local" } }];
const lock: EvidenceLock = {
  schemaVersion: 1, references: { "registry.example.com/app:1": { digest: index, resolvedAt: "2026-05-20T04:00:00Z" } },
  images: { [index]: { platforms: { "linux/amd64": manifest } }, [manifest]: { config, scans }, [bare]: { createdAt: "2026-05-19T04:00:00Z" } },
};

test("answers as the index of the whole lock does, with one object for each image", () => {
  const [compact, whole] = [compactIndex(lock), indexLock(lock)];
  for (const digest of [index, manifest, config, bare, "constructor", ""]) {
    expect(compact.image(digest)).toEqual(whole.image(digest));
    expect(compact.image(digest)).toBe(compact.image(digest));
    expect(compact.indexesOf(digest)).toEqual(whole.indexesOf(digest));
    expect(compact.manifestOfConfig(digest)).toEqual(whole.manifestOfConfig(digest));
  }
  for (const reference of ["registry.example.com/app:1", "registry.example.com/app:2", "toString"]) expect(compact.resolve(reference)).toEqual(whole.resolve(reference));
});
