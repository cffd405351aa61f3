import type { Digest, EvidenceLock, EvidenceStatus, ImageEvidence } from "@bulkhead/core";
import { indexLock, readEvidenceSettings } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { attested, newKey, openVex, trustIn, vexPredicate, vulns, vulnsPredicate } from "../../test/signing.ts";
import { addReports } from "../gather/add.ts";
import type { KeptEvidence } from "../gather/vex.ts";
import { emptyLock } from "../lockfile/shape.ts";
import type { Asker } from "./asker.ts";
import { liveEvidence } from "./live.ts";
import type { Answer } from "./live-messages.ts";
import { openEvidence } from "./open.ts";

const now = Date.UTC(2026, 5, 1);
const digestOf = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [index, manifest, config, other, document] = [digestOf("a"), digestOf("b"), digestOf("c"), digestOf("d"), digestOf("e")];
const tag = "registry.example.com/app:1";
const scanBy = (name: string, signed = false) => ({ scanner: { name }, scannedAt: "2026-05-20T04:00:00Z", vulnerabilities: {}, origin: { format: "x", name: "x", document, trust: signed ? "registry" : "local" } }) as const;
const found = (image: string, more: Partial<Extract<Answer, { readonly kind: "found" }>> = {}): Answer => ({
  kind: "found", image, digest: index, pinned: `registry.example.com/app@${index}`, documents: new Map([[document, new Uint8Array([1, 2])]]), refusals: [[manifest, "signed by another key"]],
  records: [[index, { platforms: { "linux/amd64": manifest } }], [manifest, { config, scans: [scanBy("trivy", true)] }]], ...more,
});

function live({ answers = [found(tag)], lock = {}, status = { kind: "loaded", file: "x.json" }, kept = { trust: trustIn(now), read: () => undefined } }: { readonly kept?: KeptEvidence; readonly answers?: readonly Answer[]; readonly lock?: Partial<EvidenceLock>; readonly status?: EvidenceStatus } = {}) {
  const said: string[] = [];
  const asker: Asker = {
    expect: (images) => void said.push(...images.map((image) => `expect ${image}`)),
    ask: (image) => {
      said.push(`ask ${image}`);
      return answers.find((answer) => answer.image === image) ?? { kind: "failed", image, reason: `${image}: nobody knows it` };
    },
  };
  const indexed = indexLock({ schemaVersion: 1, references: {}, images: {}, ...lock });
  return { said, evidence: liveEvidence({ asker, kept, lock: () => ({ status, index: indexed }), now }) };
}

describe("the lock with what registries say", () => {
  test("nothing is known of a tag before it is asked for; then it is what the registry says", () => {
    const { evidence } = live({ lock: { references: { [tag]: { digest: index, resolvedAt: "2026-05-01T00:00:00Z" } } } });
    expect(evidence.resolve(tag)).toBeUndefined();
    expect(evidence.ask(tag)).toBeUndefined();
    expect(evidence.resolve(tag)).toEqual({ digest: index, resolvedAt: "2026-05-01T00:00:00Z" });
    expect(evidence.indexesOf(manifest)).toEqual([index]);
    expect(evidence.manifestOfConfig(config)).toBe(manifest);
    expect(evidence.document(document)).toEqual(Buffer.from([1, 2]));
    expect([evidence.refusals(index), evidence.refusals(manifest), evidence.refusals(other)]).toEqual([["signed by another key"], ["signed by another key"], []]);
  });

  test("a VEX document of the lock counts for a scan that is found", () => {
    const key = newKey();
    const trust = trustIn(now, key);
    const [scan, vex] = [attested(key, manifest, vulns, vulnsPredicate("2026-05-20T04:00:00Z", "CVE-2026-1", "CVE-2026-2")), attested(key, manifest, openVex, vexPredicate(manifest, "CVE-2026-1", "2026-05-21T00:00:00Z"))]
      .map((bytes, each) => addReports(emptyLock, [{ file: `${each}.json`, bytes }], { trust })) as [ReturnType<typeof addReports>, ReturnType<typeof addReports>];
    const { evidence } = live({ answers: [found(tag, { records: Object.entries(scan.apply(emptyLock).images), documents: scan.documents })], lock: vex.apply(emptyLock), kept: { trust, read: (digest) => vex.documents.get(digest) } });
    evidence.ask(tag);
    expect(evidence.image(manifest)).toMatchObject({ scans: [{ vulnerabilities: { high: { fixable: ["CVE-2026-2"] } }, suppressed: [{ id: "CVE-2026-1" }] }] });
  });

  test("a tag that names another image than the lock says has moved, and one that came back has not", () => {
    const before = { digest: other, resolvedAt: "2026-05-01T00:00:00Z" };
    const moved = live({ lock: { references: { [tag]: before } } }).evidence;
    moved.ask(tag);
    expect(moved.resolve(tag)).toEqual({ ...before, moved: { digest: index, seenAt: "2026-06-01T00:00:00Z" } });
    const back = live({ lock: { references: { [tag]: { digest: index, resolvedAt: "2026-05-01T00:00:00Z", moved: { digest: other, seenAt: "2026-05-02T00:00:00Z" } } } } }).evidence;
    back.ask(tag);
    expect(back.resolve(tag)).toEqual({ digest: index, resolvedAt: "2026-05-01T00:00:00Z" });
  });

  test("what was found joins what the lock has of the digest, and changes nothing of another", () => {
    const [own, foreign]: readonly [ImageEvidence, ImageEvidence] = [{ scans: [scanBy("grype")], createdAt: "2026-04-01T00:00:00Z" }, { scans: [scanBy("grype")] }];
    const { evidence } = live({ lock: { images: { [manifest]: own, [other]: foreign } } });
    expect(evidence.image(manifest)).toBe(own);
    evidence.ask(tag);
    evidence.ask(tag);
    expect(evidence.image(manifest)).toMatchObject({ createdAt: "2026-04-01T00:00:00Z", config, scans: [{ scanner: { name: "grype" } }, { scanner: { name: "trivy" } }] });
    expect(evidence.image(other)).toBe(foreign);
  });

  test("a VEX document that the lock has from the same repository counts only while it is attached", () => {
    const vexFrom = (name: string) => ({ origin: { format: "openvex", name, document, trust: "signed", signer: { kind: "key", key: other } } }) as const;
    const { evidence } = live({ lock: { images: { [manifest]: { vex: [vexFrom("registry.example.com/app"), vexFrom("vex.json")] } } } });
    evidence.ask(tag);
    expect(evidence.image(manifest)?.vex).toEqual([vexFrom("vex.json")]);
  });

  test("a failure is said, and nothing is known of the tag, although the lock knows it", () => {
    const { evidence } = live({ answers: [], lock: { references: { [tag]: { digest: index, resolvedAt: "2026-05-01T00:00:00Z" } } } });
    expect(evidence.ask(tag)).toBe(`asking its registry failed: ${tag}: nobody knows it`);
    expect(evidence.resolve(tag)).toBeUndefined();
  });

  test("an image id is known once the image that has it was asked for, as config or as manifest; no registry is asked for it", () => {
    const { evidence, said } = live({ lock: { images: { [manifest]: { config }, [other]: {} } } });
    for (const id of [config, manifest, index, other]) expect(evidence.ask(id)).toContain("is an image id, by which no registry can be asked");
    evidence.expect([config, tag]);
    evidence.ask(tag);
    expect([config, manifest, index].map((id) => evidence.ask(id))).toEqual([undefined, undefined, undefined]);
    expect(evidence.ask(other)).toContain("is an image id");
    expect(said).toEqual([`expect ${tag}`, `ask ${tag}`]);
  });

  test("a lockfile that cannot be read breaks every image, and a missing one none", () => {
    expect(live({ status: { kind: "unreadable", file: "x.json", problem: "it is empty" } }).evidence.ask(tag)).toBe(`${tag} cannot be held against the lockfile x.json, which cannot be read: it is empty`);
    expect(live({ status: { kind: "missing", file: "x.json" } }).evidence.ask(tag)).toBeUndefined();
  });
});

test("where the thread that asks cannot be started nothing is evidence", () => {
  // Beside the sources, which are not compiled, there is none.
  const open = (live: unknown) => openEvidence({ settings: readEvidenceSettings({ live, lockfile: "none.json" }, "").settings, folder: import.meta.dirname, now }).source;
  expect(open(true).ask?.(tag)).toBe(`asking its registry failed: ${tag}: the thread that asks registries does not run (ENOENT)`);
  expect([open(false).ask, open(false).expect, open(false).refusals]).toEqual([undefined, undefined, undefined]);
});
