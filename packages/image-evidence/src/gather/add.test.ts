import type { EvidenceLock } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { attested, newKey, openVex, slsa, slsaPredicate, trivyReport, trustIn, vexPredicate, vulns, vulnsPredicate } from "../../test/signing.ts";
import { addEvidence } from "../lockfile/merge.ts";
import { emptyLock } from "../lockfile/shape.ts";
import { formatLock } from "../lockfile/write.ts";
import type { AddOptions, AddResult } from "./add.ts";
import { addReports } from "./add.ts";
import { documentsOf } from "./items.ts";

const now = Date.UTC(2026, 5, 1);
const image = `sha256:${"a".repeat(64)}`;
const manifest = `sha256:${"b".repeat(64)}`;
const config = `sha256:${"c".repeat(64)}`;
const [ci, stranger] = [newKey(), newKey()];
const trust = trustIn(now, ci);
const bytesOf = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)));
const at = "2026-05-20T04:00:00Z";

function add(documents: readonly unknown[], options: Partial<AddOptions> = {}, lock: EvidenceLock = emptyLock): AddResult & { readonly lock: EvidenceLock } {
  const result = addReports(lock, documents.map((document, index) => ({ file: `${index}.json`, bytes: bytesOf(document) })), { trust, ...options });
  return { ...result, lock: result.apply(lock) };
}

const reasons = ({ outcomes }: AddResult): readonly string[] => outcomes.map((outcome) => (outcome.kind === "refused" ? outcome.refusal.code : outcome.kind));

describe("reports that nobody signed", () => {
  test("count as local, and keep no document", () => {
    const { outcomes, lock, documents } = add([trivyReport(image, at, "CVE-2026-1")]);
    expect(outcomes).toEqual([{ kind: "evidence", file: "0.json", what: "scan", images: [image], trust: "local" }]);
    expect(lock.images[image]?.scans).toMatchObject([{ scanner: { name: "trivy", version: "0.70.0" }, scannedAt: at, platform: "linux/amd64", origin: { trust: "local", name: "0.json", format: "trivy-json" } }]);
    expect(documents.size).toBe(0);
  });

  test("are no evidence where only signed evidence counts", () => {
    const result = add([trivyReport(image, at), attested(ci, image, vulns, vulnsPredicate(at))], { requireSigned: true });
    expect(reasons(result)).toEqual(["not-signed", "evidence"]);
    expect(result.lock.images[image]?.scans).toMatchObject([{ origin: { trust: "signed" } }]);
  });

  test("of a config count for the manifest that the lock knows to have it, and for none otherwise", () => {
    const local = { ...trivyReport(image, at), Metadata: { ImageID: config, RepoDigests: [], ImageConfig: { architecture: "amd64", os: "linux" } } };
    expect(reasons(add([local]))).toEqual(["no-digest"]);
    const { lock } = add([local], {}, addEvidence(emptyLock, manifest, { config }));
    expect(lock.images[manifest]?.scans).toHaveLength(1);
    expect(lock.images[config]).toBeUndefined();
  });

  test("VEX, lists of components and statements of signatures are none", () => {
    expect(reasons(add([vexPredicate(image, "CVE-2026-1", at)]))).toEqual(["vex-author"]);
    expect(reasons(add([{ bomFormat: "CycloneDX", specVersion: "1.6", version: 1, components: [] }]))).toEqual(["not-an-image"]);
    expect(reasons(add([{ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: "a".repeat(64) } }], predicateType: "https://sigstore.dev/cosign/sign/v1", predicate: {} }]))).toEqual(["not-signed"]);
  });
});

describe("signed documents", () => {
  test("count where a configured signer signed them, and are kept as they are needed to verify again", () => {
    const { lock, documents, outcomes } = add([attested(ci, image, vulns, vulnsPredicate(at, "CVE-2026-1")), attested(ci, image, slsa, slsaPredicate)]);
    expect(outcomes).toMatchObject([{ what: "scan", trust: "signed" }, { what: "provenance", trust: "signed" }]);
    expect([...documents.keys()].sort()).toEqual([...documentsOf(lock.images[image] ?? {})].sort());
    expect(documents.size).toBe(2);
  });

  test("are never taken from anyone else, nor with a changed payload", () => {
    const envelope = JSON.parse(attested(ci, image, vulns, vulnsPredicate(at)).toString()) as { readonly payload: string };
    const changed = { ...envelope, payload: Buffer.from(Buffer.from(envelope.payload, "base64").toString().replaceAll("a".repeat(64), "b".repeat(64))).toString("base64") };
    const { lock, documents, ...result } = add([attested(stranger, image, vulns, vulnsPredicate(at)), changed]);
    expect(reasons({ ...result, documents })).toEqual(["untrusted-signer", "untrusted-signer"]);
    expect([lock, documents.size]).toEqual([emptyLock, 0]);
  });

  test("one on each line of a file: each for itself", () => {
    const lines = Buffer.concat([attested(ci, image, vulns, vulnsPredicate(at)), Buffer.from("\n"), attested(stranger, image, slsa, slsaPredicate), Buffer.from("\n")]);
    expect(reasons(add([lines]))).toEqual(["evidence", "untrusted-signer"]);
  });

  test("VEX of those whose VEX counts leaves out what it says, in whatever order, and nothing by anyone else", () => {
    const scan = attested(ci, image, vulns, vulnsPredicate(at, "CVE-2026-1", "CVE-2026-2"));
    const vex = attested(ci, image, openVex, vexPredicate(image, "CVE-2026-1", at));
    const both = add([vex, scan]);
    expect(both.lock.images[image]?.scans).toMatchObject([{ vulnerabilities: { high: { fixable: ["CVE-2026-2"] } }, suppressed: [{ id: "CVE-2026-1", by: "vex", author: { kind: "key" } }] }]);
    expect(both.documents.size).toBe(2);
    expect(formatLock(add([scan, vex]).lock).replaceAll("0.json", "1.json")).toBe(formatLock(both.lock).replaceAll("0.json", "1.json"));
    const without = add([scan, vex], { trust: { ...trust, vexAuthors: [] } });
    expect(reasons(without)).toEqual(["evidence", "vex-author"]);
    expect(without.lock.images[image]?.scans?.[0]?.suppressed).toBeUndefined();
  });
});

test("what cannot be read is said with its place, and the rest is taken", () => {
  const { outcomes, lock } = add([Buffer.from("{"), { hello: 1 }, trivyReport(image, at)]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(["unreadable", "unreadable", "evidence"]);
  expect(lock.images[image]?.scans).toHaveLength(1);
});

test("what is added twice is there once, and an older scan takes no place of a newer one", () => {
  const once = add([trivyReport(image, at)]).lock;
  expect(add([trivyReport(image, at)], {}, once).lock).toEqual(once);
  expect(add([trivyReport(image, "2026-05-01T04:00:00Z")], {}, once).lock).toEqual(once);
});
