import type { Digest, EvidenceLock, ImageScan } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import type { Key } from "../../test/signing.ts";
import { attested, newKey, openVex, trivyReport, trustIn, vexAbout, vulns, vulnsPredicate } from "../../test/signing.ts";
import { readLock } from "../lockfile/shape.ts";
import { emptyLock } from "../lockfile/shape.ts";
import { formatLock } from "../lockfile/write.ts";
import { createVerifiers } from "../source/verify-records.ts";
import { indexLock } from "@bulkhead/core";
import type { Added } from "./add.ts";
import { addReports } from "./add.ts";
import type { Trust } from "./items.ts";
import { verifyVex } from "./vex.ts";

const now = Date.UTC(2026, 5, 1);
const image: Digest = `sha256:${"a".repeat(64)}`;
const at = "2026-05-20T04:00:00Z";
const [ci, stranger] = [newKey(), newKey()];
const both = trustIn(now, ci, stranger);
const onlyCi: Trust = { ...both, vexAuthors: trustIn(now, ci).signers };
const scanned = (...ids: readonly string[]): Buffer => attested(ci, image, vulns, vulnsPredicate(at, ...ids));
const said = (statuses: { readonly [id: string]: "not_affected" | "affected" }, when = at, key: Key = ci): Buffer => attested(key, image, openVex, vexAbout(image, when, statuses));
const local = Buffer.from(JSON.stringify(trivyReport(image, at, "CVE-2026-1", "CVE-2026-2")));

/** Calls of `evidence add`, one after the other, with what is kept between them. */
class Lockfile {
  lock: EvidenceLock = emptyLock;
  readonly kept = new Map<Digest, Buffer>();
  readonly #trust: Trust;

  constructor(trust: Trust = both) {
    this.#trust = trust;
  }

  add(documents: readonly Buffer[], trust: Trust = this.#trust): readonly Added[] {
    const { outcomes, apply, documents: found } = addReports(this.lock, documents.map((bytes, index) => ({ file: `${index}.json`, bytes })), { trust, read: (document) => this.kept.get(document) });
    this.lock = readLock(Buffer.from(formatLock(apply(this.lock))), "bulkhead.evidence.json");
    for (const [document, bytes] of found) this.kept.set(document, bytes);
    return outcomes;
  }

  get scans(): readonly ImageScan[] {
    return this.lock.images[image]?.scans ?? [];
  }

  /** What each scan found, and what was left out of it. */
  get found(): readonly string[] {
    return this.scans.map(({ vulnerabilities, suppressed = [] }) => `${[...(vulnerabilities.high?.fixable ?? []), ...(vulnerabilities.high?.unfixed ?? [])].join(" ")} - ${suppressed.map(({ id }) => id).join(" ")}`);
  }

  /** Whether the records say what their documents say. */
  get verdict(): readonly string[] {
    const { verifyScans } = createVerifiers({ index: () => indexLock(this.lock), store: { read: (document) => this.kept.get(document) }, signers: { ci: { kind: "key", key: ci.publicKey } }, vexAuthors: ["ci"], trustedRoot: undefined, now });
    const { accepted, rejected } = verifyScans(image, ["ci"]);
    return [...accepted.map(() => "accepted"), ...rejected.map(({ rejection }) => rejection.code)];
  }
}

const noteOf = (outcomes: readonly Added[]): string | undefined => outcomes.map((outcome) => (outcome.kind === "evidence" ? outcome.note : undefined)).find((note) => note !== undefined);

describe("a VEX document counts for scans that were added at another time", () => {
  test("later: for a scan that is there, of which the signed document is kept", () => {
    const file = new Lockfile();
    file.add([scanned("CVE-2026-1", "CVE-2026-2")]);
    expect(noteOf(file.add([said({ "CVE-2026-1": "not_affected" })]))).toBeUndefined();
    expect([file.found, file.verdict]).toEqual([["CVE-2026-2 - CVE-2026-1"], ["accepted"]]);
  });

  test("earlier: for every scan that comes, signed or not; that there is none yet is said", () => {
    for (const scan of [scanned("CVE-2026-1", "CVE-2026-2"), local]) {
      const file = new Lockfile();
      expect(noteOf(file.add([said({ "CVE-2026-1": "not_affected" })]))).toContain("there is no scan of its image yet");
      file.add([scan]);
      expect(file.found).toEqual(["CVE-2026-2 - CVE-2026-1"]);
    }
  });

  test("earlier, and without an effect then", () => {
    const file = new Lockfile();
    file.add([attested(ci, image, vulns, vulnsPredicate("2026-05-10T04:00:00Z", "CVE-2026-2")), said({ "CVE-2026-1": "not_affected" })]);
    file.add([scanned("CVE-2026-1", "CVE-2026-2")]);
    expect([file.found, file.verdict]).toEqual([["CVE-2026-2 - CVE-2026-1"], ["accepted"]]);
  });

  test("the lockfile is the same in whatever order, and at whatever time", () => {
    const documents = [scanned("CVE-2026-1", "CVE-2026-2", "CVE-2026-3"), said({ "CVE-2026-1": "not_affected", "CVE-2026-2": "not_affected" }), said({ "CVE-2026-2": "affected" }, "2026-05-21T00:00:00Z"), said({ "CVE-2026-3": "not_affected" }, "2026-05-22T00:00:00Z", stranger)];
    const [a, b, c, d] = documents as [Buffer, Buffer, Buffer, Buffer];
    const locks = [[documents], [[a], [b], [c], [d]], [[d], [c], [b], [a]], [[c, a], [d, b]], [[b], [a], [d, c], [a]]].map((calls) => {
      const file = new Lockfile();
      for (const call of calls) file.add(call);
      expect(file.found).toEqual(["CVE-2026-2 - CVE-2026-1 CVE-2026-3"]);
      return formatLock(file.lock).replaceAll(/"\d\.json"/g, '"a.json"');
    });
    expect(new Set(locks).size).toBe(1);
  });

  test("not for a report that nobody signed and that is there already, which is said; given again it does", () => {
    const file = new Lockfile();
    file.add([local]);
    expect(noteOf(file.add([said({ "CVE-2026-1": "not_affected" })]))).toBe("it does not count for 0.json: of a report that nobody signed the lockfile keeps what was found, not in which packages; add that report again");
    expect(file.found).toEqual(["CVE-2026-1 CVE-2026-2 - "]);
    file.add([local]);
    expect(file.found).toEqual(["CVE-2026-2 - CVE-2026-1"]);
    expect(noteOf(file.add([said({ "CVE-2026-2": "not_affected" }), local]))).toBeUndefined();
    expect(file.found).toEqual([" - CVE-2026-1 CVE-2026-2"]);
  });
});

describe("a VEX document counts for nothing", () => {
  test("of an author who does not count, or does not count any more", () => {
    const file = new Lockfile(onlyCi);
    file.add([scanned("CVE-2026-1", "CVE-2026-2")]);
    expect(file.add([said({ "CVE-2026-1": "not_affected" }, at, stranger)])).toMatchObject([{ kind: "refused", refusal: { code: "vex-author" } }]);
    expect(file.lock.images[image]?.vex).toBeUndefined();
    file.add([said({ "CVE-2026-1": "not_affected" }, at, stranger)], both);
    expect(file.found).toEqual(["CVE-2026-2 - CVE-2026-1"]);
    file.add([said({ "CVE-2026-2": "not_affected" })]);
    expect([file.found, file.verdict]).toEqual([["CVE-2026-1 - CVE-2026-2"], ["accepted"]]);
    expect(verifyVex(file.lock.images[image] ?? {}, image, { trust: onlyCi, read: (document) => file.kept.get(document) })).toMatchObject({ accepted: [{}], rejected: [{ rejection: { code: "untrusted-signer" } }] });
  });

  test("that was written into the lockfile by hand: of another image, of other bytes, of none, of a scan", () => {
    const other = attested(ci, `sha256:${"b".repeat(64)}`, openVex, vexAbout(image, at, { "CVE-2026-1": "not_affected" }));
    const file = new Lockfile();
    file.add([scanned("CVE-2026-1")]);
    const another = new Lockfile();
    another.add([other]);
    const [document = "", bytes = Buffer.alloc(0)] = [...another.kept][0] ?? [];
    const scanDocument = file.scans[0]?.origin.document ?? "";
    for (const forged of [document, scanDocument, `sha256:${"0".repeat(64)}`]) {
      const edited = new Lockfile();
      for (const [digest, kept] of [...file.kept, [document, bytes] as const]) edited.kept.set(digest, kept);
      const origin = { ...another.lock.images[`sha256:${"b".repeat(64)}`]?.vex?.[0]?.origin, document: forged };
      edited.lock = { ...file.lock, images: { [image]: { ...file.lock.images[image], vex: [{ origin: origin as ImageScan["origin"] }] } } };
      edited.add([scanned("CVE-2026-1")]);
      expect(edited.found).toEqual(["CVE-2026-1 - "]);
    }
  });

  test("that says of itself that nobody signed it: the lockfile is refused", () => {
    const origin = { format: "openvex", name: "a.json", document: image, trust: "local" } as const;
    expect(() => readLock(Buffer.from(formatLock({ ...emptyLock, images: { [image]: { vex: [{ origin }] } } })), "bulkhead.evidence.json")).toThrow(/trust/);
  });
});
