import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvidenceLock } from "@bulkhead/core";
import { readEvidenceSettings } from "@bulkhead/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Synced, SyncOptions } from "../src/gather/sync";
import { addReports } from "../src/gather/add";
import { sync } from "../src/gather/sync";
import { documentStore } from "../src/lockfile/documents";
import { emptyLock } from "../src/lockfile/shape";
import { writeLock } from "../src/lockfile/write";
import { RegistryClient } from "../src/registry/client";
import { openEvidence } from "../src/source/open";
import { attested, newKey, openVex, slsa, slsaPredicate, trustIn, vexAbout, vulns, vulnsPredicate } from "./signing";
import type { Blob } from "./test-registry";
import { status, TestRegistry } from "./test-registry";

const now = Date.UTC(2026, 5, 1);
const at = "2026-05-20T04:00:00Z";
const [ci, stranger] = [newKey(), newKey()];
const trust = trustIn(now, ci);

type Done = Extract<Synced, { readonly kind: "synced" }>;

describe("what is gathered from a registry", () => {
  let registry: TestRegistry;
  let folder = "";
  beforeEach(async () => {
    registry = await TestRegistry.start();
    folder = mkdtempSync(join(tmpdir(), "sync-"));
  });
  afterEach(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const client = (): RegistryClient => new RegistryClient({ credentials: async () => undefined, attempts: 1, requestMilliseconds: 5000 });
  const all = async (lock: EvidenceLock, references: readonly string[], options: Partial<SyncOptions> = {}): Promise<readonly Synced[]> => {
    const found: Synced[] = [];
    for await (const each of sync(lock, references, { client: client(), trust, ...options })) found.push(each);
    return found;
  };
  const one = async (lock: EvidenceLock = emptyLock, options: Partial<SyncOptions> = {}): Promise<Done & { readonly lock: EvidenceLock }> => {
    const [synced] = await all(lock, [registry.reference], options);
    if (synced?.kind !== "synced") throw new Error(JSON.stringify(synced));
    return { ...synced, lock: synced.apply(lock) };
  };
  /** Attestations as cosign 2 attaches them, each a layer. */
  const attest = (image: Blob, ...envelopes: readonly Buffer[]): void => {
    const layers = envelopes.map((envelope) => registry.blob(envelope, "application/vnd.dsse.envelope.v1+json"));
    registry.manifest({ config: registry.blob("{}", "application/vnd.oci.empty.v1+json"), layers }, `${image.digest.replace(":", "-")}.att`);
  };

  test("an image with its facts, and what a configured signer attested; it verifies again when it is opened", async () => {
    const image = registry.image({ labels: { "org.opencontainers.image.base.name": "debian:13" } });
    attest(image, attested(ci, image.digest, vulns, vulnsPredicate(at, "CVE-2026-1", "CVE-2026-2")), attested(ci, image.digest, slsa, slsaPredicate), attested(ci, image.digest, openVex, vexAbout(image.digest, at, { "CVE-2026-1": "not_affected", "CVE-2026-2": "not_affected" })),
      // What was thought at first is taken back.
      attested(ci, image.digest, openVex, vexAbout(image.digest, "2026-05-21T00:00:00Z", { "CVE-2026-2": "affected" })));
    const { lock, documents, refused } = await one();
    expect(refused).toEqual([]);
    expect(lock.references).toEqual({ [registry.reference]: { digest: image.digest, resolvedAt: "2026-06-01T00:00:00Z" } });
    expect(lock.images[image.digest]).toMatchObject({
      createdAt: "2026-01-02T03:04:05Z", baseImages: [{ reference: "docker.io/library/debian:13", from: "label" }],
      scans: [{ scannedAt: at, vulnerabilities: { high: { fixable: ["CVE-2026-2"] } }, origin: { name: `${registry.host}/team/app`, trust: "signed" } }], provenance: [{ builder: "https://builder.example.com" }],
    });
    const file = join(folder, "bulkhead.evidence.json");
    for (const bytes of documents.values()) documentStore(file).keep(bytes);
    writeLock(file, lock);
    const { source } = openEvidence({ settings: readEvidenceSettings({ signers: { ci: { key: ci.publicKey }, stranger: { key: stranger.publicKey } }, vexAuthors: ["ci"] }, "").settings, folder, now });
    expect(source.verifyScans(image.digest, ["ci"])).toMatchObject({ accepted: [{ scannedAt: at }], rejected: [] });
    expect(source.verifyProvenance(image.digest, ["ci"]).accepted).toHaveLength(1);
    expect(source.verifyScans(image.digest, ["stranger"]).rejected).toMatchObject([{ rejection: { code: "untrusted-signer" } }]);
  });

  test("VEX documents that were added count for scans that are found, those that are attached for as long as they are", async () => {
    const image = registry.image();
    const scan = attested(ci, image.digest, vulns, vulnsPredicate(at, "CVE-2026-1", "CVE-2026-2", "CVE-2026-3"));
    const [added, attached] = ["CVE-2026-1", "CVE-2026-2"].map((id) => attested(ci, image.digest, openVex, vexAbout(image.digest, at, { [id]: "not_affected" }))) as [Buffer, Buffer];
    const given = addReports(emptyLock, [{ file: "vex.json", bytes: added }], { trust });
    const kept = new Map(given.documents);
    const read = (document: string): Buffer | undefined => kept.get(document);
    attest(image, scan, attached);
    const first = await one(given.apply(emptyLock), { read });
    for (const [document, bytes] of first.documents) kept.set(document, bytes);
    expect(first.lock.images[image.digest]).toMatchObject({ scans: [{ vulnerabilities: { high: { fixable: ["CVE-2026-3"] } }, suppressed: [{ id: "CVE-2026-1" }, { id: "CVE-2026-2" }] }], vex: [{}, {}] });
    attest(image, scan);
    const second = await one(first.lock, { read });
    expect(second.lock.images[image.digest]).toMatchObject({ scans: [{ vulnerabilities: { high: { fixable: ["CVE-2026-2", "CVE-2026-3"] } } }], vex: [{ origin: { name: "vex.json" } }] });
  });

  test("nothing of anyone else, nothing about another image, nothing unsigned; each is said", async () => {
    const image = registry.image();
    const other = `sha256:${"b".repeat(64)}`;
    attest(image, attested(stranger, image.digest, vulns, vulnsPredicate(at)), attested(ci, other, vulns, vulnsPredicate(at)), Buffer.from("{}"));
    registry.referrers(image, [registry.attach(image, JSON.stringify({ SchemaVersion: 2 }), "application/vnd.aquasec.trivy.report+json")]);
    const { lock, documents, refused, unsigned } = await one();
    expect(refused.map(({ code }) => code).sort()).toEqual(["malformed", "untrusted-signer", "wrong-subject"]);
    expect(unsigned).toBe(1);
    expect([lock.images[image.digest]?.scans, documents.size]).toEqual([undefined, 0]);
  });

  test("of an index each platform, with the config by which reports of a local image are bound", async () => {
    const manifest = registry.image({ tag: "amd64" });
    const index = registry.manifest({ manifests: [{ ...manifest, platform: { os: "linux", architecture: "amd64" } }] }, "1");
    attest(manifest, attested(ci, manifest.digest, vulns, vulnsPredicate(at)));
    const { lock, digest } = await one();
    expect(digest).toBe(index.digest);
    expect(lock.images[index.digest]).toMatchObject({ platforms: { "linux/amd64": manifest.digest } });
    expect(lock.images[index.digest]?.config).toBeUndefined();
    expect(lock.images[manifest.digest]).toMatchObject({ config: expect.stringMatching(/^sha256:/), scans: [{ scannedAt: at }] });
  });

  test("a tag that moved keeps its image and what is known of it, until the move is accepted", async () => {
    const first = registry.image();
    const before = (await one()).lock;
    const second = registry.image({ created: "2026-05-01T00:00:00Z" });
    attest(second, attested(ci, second.digest, vulns, vulnsPredicate(at)));
    const kept = await one(before);
    expect(kept.moved).toEqual({ from: first.digest, to: second.digest, accepted: false });
    expect(kept.lock.references[registry.reference]).toMatchObject({ digest: first.digest, moved: { digest: second.digest } });
    expect(kept.lock.images[second.digest]).toBeUndefined();
    const { lock, moved } = await one(kept.lock, { acceptsMoves: true });
    expect(moved?.accepted).toBe(true);
    expect(lock.references[registry.reference]).toEqual({ digest: second.digest, resolvedAt: "2026-06-01T00:00:00Z" });
    expect(lock.images[second.digest]?.scans).toHaveLength(1);
  });

  test.each([["half of what is attached cannot be had", 500], ["nothing can be had", 403]])("where %s the lock keeps what it has", async (_, code) => {
    const image = registry.image();
    attest(image, attested(ci, image.digest, vulns, vulnsPredicate(at)));
    const { lock } = await one();
    registry.on(code === 403 ? "GET /v2/team/app/manifests/1" : `GET /v2/team/app/manifests/${image.digest.replace(":", "-")}.att`, status(code));
    const failed = await all(lock, [registry.reference]);
    expect(failed).toMatchObject([{ kind: "failed", reference: registry.reference }]);
    expect(failed[0]).not.toHaveProperty("apply");
  });

  test.each([
    ["a path out of the repository", "/../../etc/passwd"], ["a path out of it, encoded", "/team/%2e%2e/app:1"], ["a host within userinfo", "@evil.example.com/team/app:1"], ["a query", "/team/app?x=1"], ["another host behind a backslash", "\\evil.example.com/app"],
    ["letters that look alike", "/team/\u0430pp:1"], ["a digest that is cut short", `/team/app@sha256:${"a".repeat(63)}`], ["a line feed", "/team/app:1\n"],
  ])("%s is no reference, and no request is made", async (_, rest) => {
    registry.image();
    const asked = await all(emptyLock, [`${registry.host}${rest}`]);
    expect(asked).toMatchObject([{ kind: "failed", code: "invalid-reference" }]);
    expect(registry.requests).toEqual([]);
  });

  test("many at once, at most as many as allowed, each once", async () => {
    for (let number = 0; number < 40; number++) registry.image({ tag: `t${number}` });
    registry.slow = 5;
    const references = Array.from({ length: 40 }, (_, number) => `${registry.host}/team/app:t${number}`);
    const found = await all(emptyLock, references, { concurrency: 4 });
    expect(found.map(({ kind }) => kind)).toEqual(references.map(() => "synced"));
    // Of each image what is attached is asked for in three ways at once.
    expect(registry.most).toBeLessThanOrEqual(4 * 3);
    expect(new Set(found.map(({ reference }) => reference)).size).toBe(40);
  });

  test("those that are not begun when it is aborted are left out", async () => {
    registry.image();
    expect(await all(emptyLock, [registry.reference], { signal: AbortSignal.abort() })).toEqual([]);
  });
});
