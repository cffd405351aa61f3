import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvidenceLock, ImageEvidence, ImageScan } from "@bulkhead/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { documentStore } from "./documents.ts";
import { addEvidence, resolveTo } from "./merge.ts";
import { emptyLock, readLock } from "./shape.ts";
import { formatLock, writeLock } from "./write.ts";

const digest = `sha256:${"a".repeat(64)}`;
const other = `sha256:${"b".repeat(64)}`;
const document = `sha256:${"d".repeat(64)}`;
const key = `sha256:${"e".repeat(64)}`;
const scan: ImageScan = {
  scanner: { name: "trivy", version: "0.70.0" }, scannedAt: "2026-05-20T04:00:00Z", databaseBuiltAt: "2026-05-20T00:00:00Z", platform: "linux/amd64",
  vulnerabilities: { critical: { fixable: ["CVE-2026-1"] }, low: { unfixed: ["CVE-2026-2"] } },
  suppressed: [{ id: "CVE-2026-3", by: "vex", status: "not_affected", justification: "vulnerable_code_not_present", author: { kind: "key", key }, document }],
  origin: { format: "cosign-vuln", name: "registry.example.com/app", document, trust: "signed", signer: { kind: "key", key, signedAt: "2026-05-20T04:01:00Z" } },
};
const image: ImageEvidence = {
  platforms: { "linux/arm/v7": other }, config: other, createdAt: "2026-05-19T00:00:00Z", baseImages: [{ reference: "docker.io/library/debian:13", digest: other, from: "label" }], scans: [scan],
  signatures: [{ signer: { kind: "certificate", identity: "ci@example.com", issuer: "https://issuer.example.com" }, origin: { ...scan.origin, format: "cosign-signature" } }],
  provenance: [{ builder: "https://builder.example.com", buildType: "x", source: "https://git.example.com/app", sourceRef: "refs/heads/main", commit: "abc", materials: [{ uri: "pkg:docker/debian", digest: "sha256:ff" }], baseImages: [{ reference: "docker.io/library/debian:13", from: "provenance" }], origin: { ...scan.origin, format: "slsa-provenance-v1" } }],
};
const lock: EvidenceLock = { schemaVersion: 1, references: { "docker.io/library/app:1": { digest, resolvedAt: "2026-05-20T04:00:00Z", moved: { digest: other, seenAt: "2026-05-21T04:00:00Z" } } }, images: { [digest]: image } };
const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("the lockfile", () => {
  test("is read as it is written, and written the same again", () => {
    const text = formatLock(lock);
    expect(plain(readLock(Buffer.from(text), "lock"))).toEqual(plain(lock));
    expect(formatLock(readLock(Buffer.from(text), "lock"))).toBe(text);
  });

  test("is the same bytes, in whatever order it was gathered", () => {
    const reversed = (value: unknown): unknown => (Array.isArray(value) ? value.map(reversed) : typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).reverse().map(([name, entry]) => [name, reversed(entry)])) : value);
    expect(formatLock(reversed(lock) as EvidenceLock)).toBe(formatLock(lock));
  });

  test.each(leaves(lock).map((path) => [path.join("."), path] as const))("refuses a number at %s, and says where it stands", (_, path) => {
    const changed = plain(lock) as never;
    set(changed, path, 4242);
    expect(() => readLock(bytesOf(changed), "lock.json")).toThrowError(/^lock\.json: .+expected .+, found /);
  });

  test.each(objects(lock).map((path) => [path.join("."), path] as const))("refuses a name that it does not know, in %s", (_, path) => {
    const changed = plain(lock) as never;
    set(changed, [...path, "verdict"], "clean");
    expect(() => readLock(bytesOf(changed), "lock.json")).toThrowError(/lock\.json/);
  });

  test.each([
    ["an empty file", Buffer.from("")], ["a later version", bytesOf({ ...lock, schemaVersion: 2 })], ["a list", bytesOf([])], ["a digest that is cut short", bytesOf({ ...lock, images: { "sha256:abc": {} } })],
    ["a reference with a digest", bytesOf({ ...lock, references: { [`docker.io/a/b:1@${digest}`]: { digest, resolvedAt: "2026-05-20T04:00:00Z" } } })],
    ["signed by nobody", bytesOf({ ...lock, images: { [digest]: { scans: [{ ...scan, origin: { ...scan.origin, signer: undefined } }] } } })],
    ["local, and signed", bytesOf({ ...lock, images: { [digest]: { scans: [{ ...scan, origin: { ...scan.origin, trust: "local" } }] } } })],
    ["a name twice", Buffer.from(`{"schemaVersion":1,"references":{},"images":{},"images":{}}`)],
    ["a conflict of a merge", Buffer.from("<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n")],
  ])("refuses %s", (_, bytes) => {
    expect(() => readLock(bytes, "lock.json")).toThrowError(/^lock\.json: /);
  });
});

describe("what is added", () => {
  const later: ImageScan = { ...scan, scannedAt: "2026-06-01T00:00:00Z" };
  const unsigned: ImageScan = { ...later, origin: { format: "trivy-json", name: "report.json", document: other, trust: "local" } };

  test("the newest scan of each scanner, platform and signer stays; what nobody signed replaces nothing that somebody did", () => {
    const one = addEvidence(addEvidence(emptyLock, digest, { scans: [scan] }), digest, { scans: [later] });
    expect(one.images[digest]?.scans).toEqual([later]);
    expect(addEvidence(one, digest, { scans: [scan] })).toEqual(one);
    expect(addEvidence(one, digest, { scans: [unsigned] }).images[digest]?.scans).toHaveLength(2);
  });

  test("in whatever order: the result is the same", () => {
    const all = [scan, later, unsigned, { ...scan, platform: "linux/arm64" }];
    const add = (scans: readonly ImageScan[]): string => formatLock(scans.reduce<EvidenceLock>((before, next) => addEvidence(before, digest, { scans: [next] }), emptyLock));
    expect(add([...all].reverse())).toBe(add(all));
  });

  test("a tag that moved keeps what was accepted, until the move is", () => {
    const reference = "docker.io/library/app:1";
    const first = resolveTo(emptyLock, reference, digest, "2026-05-20T04:00:00Z");
    const moved = resolveTo(first, reference, other, "2026-05-21T04:00:00Z");
    expect(moved.references[reference]).toEqual({ digest, resolvedAt: "2026-05-20T04:00:00Z", moved: { digest: other, seenAt: "2026-05-21T04:00:00Z" } });
    expect(resolveTo(moved, reference, other, "2026-05-22T04:00:00Z")).toEqual(moved);
    expect(resolveTo(moved, reference, digest, "2026-05-22T04:00:00Z").references[reference]).toEqual({ digest, resolvedAt: "2026-05-20T04:00:00Z" });
    expect(resolveTo(moved, reference, other, "2026-05-22T04:00:00Z", true).references[reference]).toEqual({ digest: other, resolvedAt: "2026-05-22T04:00:00Z" });
  });
});

describe("files", () => {
  let folder = "";
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "evidence-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a lockfile is written whole, through a link, and leaves nothing beside it", () => {
    const real = join(folder, "real.json");
    writeFileSync(real, "before");
    symlinkSync(real, join(folder, "link.json"));
    writeLock(join(folder, "link.json"), lock);
    expect(readFileSync(real, "utf8")).toBe(formatLock(lock));
    expect(readdirSync(folder).sort()).toEqual(["link.json", "real.json"]);
  });

  test("what cannot be written leaves what was there", () => {
    writeLock(join(folder, "lock.json"), lock);
    const circular = { ...lock, images: new Proxy({}, { ownKeys: () => { throw new Error("no"); } }) } as EvidenceLock;
    expect(() => writeLock(join(folder, "lock.json"), circular)).toThrow("no");
    expect(readFileSync(join(folder, "lock.json"), "utf8")).toBe(formatLock(lock));
  });

  test("a document is kept under its digest, the same file each time, and is missing once it was changed", () => {
    const store = documentStore(join(folder, "bulkhead.evidence.json"));
    const kept = store.keep(Buffer.from('{"a":1}'));
    expect(store.folder).toBe(join(folder, "bulkhead.evidence.d"));
    expect(store.digests()).toEqual([kept]);
    expect(store.read(kept)?.toString()).toBe('{"a":1}');
    const file = join(store.folder, readdirSync(store.folder)[0] ?? "");
    const bytes = readFileSync(file);
    rmSync(file);
    store.keep(Buffer.from('{"a":1}'));
    expect(readFileSync(file)).toEqual(bytes);
    const another = store.keep(Buffer.from('{"a":2}'));
    writeFileSync(file, readFileSync(join(store.folder, `${another.replace(":", "-")}.json.gz`)));
    expect(store.read(kept)).toBeUndefined();
    writeFileSync(file, "no gzip");
    expect(store.read(kept)).toBeUndefined();
    expect(store.read("sha256:../../etc/passwd")).toBeUndefined();
    store.remove(another);
    expect(store.digests()).toEqual([kept]);
  });
});

function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function leaves(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  return entries(value).flatMap(([name, entry]) => (typeof entry === "object" ? leaves(entry, [...path, name]) : [[...path, name]]));
}

/** Every object of which all names are known. */
function objects(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  return [...(Array.isArray(value) || /^(references|images|vulnerabilities|platforms)$/.test(path.at(-1) ?? "") ? [] : [path]), ...entries(value).flatMap(([name, entry]) => (typeof entry === "object" ? objects(entry, [...path, name]) : []))];
}

function set(value: { [name: string]: never }, [name = "", ...rest]: readonly string[], to: unknown): void {
  if (rest.length === 0) value[name] = to as never;
  else set(value[name] as never, rest, to);
}
