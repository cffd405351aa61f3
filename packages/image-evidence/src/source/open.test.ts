import { generateKeyPairSync, sign } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest, EvidenceLock, EvidenceSource, ImageEvidence, ImageScan } from "@bulkhead/core";
import { readEvidenceSettings } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documentStore } from "../lockfile/documents.ts";
import { addEvidence } from "../lockfile/merge.ts";
import { emptyLock } from "../lockfile/shape.ts";
import { writeLock } from "../lockfile/write.ts";
import { applyVex } from "../read/apply-vex.ts";
import { readStatement } from "../read/read-statement.ts";
import { readSignedDocument, writeSignedDocument } from "../verify/document.ts";
import { verifyDocument } from "../verify/verify.ts";
import { openEvidence } from "./open.ts";

const now = Date.UTC(2026, 5, 1);
const digest: Digest = `sha256:${"a".repeat(64)}`;
const newKey = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const [ci, stranger] = [newKey(), newKey()];
const pem = ({ publicKey }: ReturnType<typeof newKey>): string => publicKey.export({ type: "spki", format: "pem" }) as string;

const vulns = {
  scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "", lastUpdate: "2026-05-20T00:00:00Z" }, result: [{ id: "CVE-2026-1", severity: [{ method: "nvd", score: "HIGH" }] }, { id: "CVE-2026-2", severity: [{ method: "nvd", score: "LOW" }] }] },
  metadata: { scanStartedOn: "2026-05-20T04:00:00Z", scanFinishedOn: "2026-05-20T04:01:00Z" },
};
const vex = { "@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://vex.example.com/1", author: "ci", timestamp: "2026-05-21T00:00:00Z", version: 1, statements: [{ vulnerability: { name: "CVE-2026-1" }, status: "not_affected", justification: "vulnerable_code_not_present", products: [{ "@id": `pkg:oci/app@${digest.replace(":", "%3A")}` }] }] };

function signed(predicateType: string, predicate: unknown, { privateKey }: ReturnType<typeof newKey> = ci, subject = digest): Buffer {
  const payload = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject: [{ name: "registry.example.com/app", digest: { sha256: subject.slice("sha256:".length) } }], predicateType, predicate }));
  const type = "application/vnd.in-toto+json";
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const sig = sign("sha256", pae, privateKey).toString("base64");
  return writeSignedDocument(readSignedDocument(Buffer.from(JSON.stringify({ payload: payload.toString("base64"), payloadType: type, signatures: [{ keyid: "", sig }] })), "envelope"));
}

describe("evidence that is opened", () => {
  let folder = "";
  let scan: ImageScan;
  let withVex: ImageScan;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "evidence-"));
    writeFileSync(join(folder, "ci.pub"), pem(ci));
    const read = (bytes: Buffer) => {
      const document = documentStore(join(folder, "bulkhead.evidence.json")).keep(bytes);
      const verified = verifyDocument(readSignedDocument(bytes, "x"), { subject: digest, signers: [{ kind: "key", key: pem(ci) }], now });
      if (!verified.verified || verified.kind !== "attestation") throw new Error(JSON.stringify(verified));
      return { document, signer: verified.signer, reading: readStatement(verified.statement, { now }) };
    };
    const found = read(signed("https://in-toto.io/attestation/vulns/v0.2", vulns));
    const advisory = read(signed("https://openvex.dev/ns/v0.2.0", vex));
    if (found.reading.kind !== "scan" || advisory.reading.kind !== "vex") throw new Error("not read");
    const origin = { format: found.reading.origin.format, name: "registry.example.com/app", document: found.document, trust: "signed", signer: found.signer } as const;
    scan = { ...found.reading.scan, origin };
    withVex = { ...applyVex(found.reading, [{ vex: advisory.reading.vex, author: advisory.signer, document: advisory.document }], { now }).scan, origin };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const open = (image: ImageEvidence, settings: object = {}): EvidenceSource => {
    writeLock(join(folder, "bulkhead.evidence.json"), addEvidence(emptyLock, digest, image));
    const read = readEvidenceSettings({ signers: { ci: { keyFile: "ci.pub" }, stranger: { key: pem(stranger) } }, vexAuthors: ["ci"], ...settings }, "evidence");
    const opened = openEvidence({ settings: read.settings, folder, now });
    expect([...read.problems, ...opened.problems]).toEqual([]);
    return opened.source;
  };
  const codes = (source: EvidenceSource, names: readonly string[]): readonly string[] => {
    const { accepted, rejected } = source.verifyScans(digest, names);
    return [...accepted.map(() => "accepted"), ...rejected.map(({ rejection }) => rejection.code)];
  };

  test("a scan whose document is signed by a named signer is accepted, and by nobody else's name", () => {
    const source = open({ scans: [scan] });
    expect(codes(source, ["ci"])).toEqual(["accepted"]);
    expect(codes(source, ["stranger"])).toEqual(["untrusted-signer"]);
    expect(codes(source, ["stranger", "ci"])).toEqual(["accepted"]);
    expect(codes(source, [])).toEqual(["untrusted-signer"]);
    expect(codes(source, ["nobody", "constructor"])).toEqual(["untrusted-signer"]);
  });

  test("what was edited by hand is not what was signed", () => {
    for (const edited of [{ scannedAt: "2026-05-31T00:00:00Z" }, { vulnerabilities: {} }, { scanner: { name: "grype" } }, { databaseBuiltAt: "2026-05-31T00:00:00Z" }, { suppressed: [{ id: "CVE-2026-1", by: "scanner", status: "ignored" }] }] as const) {
      expect(codes(open({ scans: [{ ...scan, ...edited }] }), ["ci"])).toEqual(["differs-from-document"]);
    }
    expect(codes(open({ scans: [{ ...scan, origin: { ...scan.origin, document: `sha256:${"0".repeat(64)}` } }] }), ["ci"])).toEqual(["document-missing"]);
    const { signer: _, ...unsigned } = scan.origin;
    expect(codes(open({ scans: [{ ...scan, origin: { ...unsigned, trust: "local" } }] }), ["ci"])).toEqual(["document-missing"]);
  });

  test("a document for another image is none for this one", () => {
    const other: Digest = `sha256:${"b".repeat(64)}`;
    const document = documentStore(join(folder, "bulkhead.evidence.json")).keep(signed("https://in-toto.io/attestation/vulns/v0.2", vulns, ci, other));
    expect(codes(open({ scans: [{ ...scan, origin: { ...scan.origin, document } }] }), ["ci"])).toEqual(["wrong-subject"]);
  });

  test("what a VEX document leaves out is left out where its author counts", () => {
    expect(withVex.vulnerabilities).toEqual({ low: { fixable: ["CVE-2026-2"] } });
    expect(codes(open({ scans: [withVex] }), ["ci"])).toEqual(["accepted"]);
    expect(codes(open({ scans: [withVex] }, { vexAuthors: ["stranger"] }), ["ci"])).toEqual(["differs-from-document"]);
    const [suppression] = withVex.suppressed ?? [];
    if (suppression === undefined) throw new Error("nothing suppressed");
    const { document: _, ...nameless } = suppression;
    expect(codes(open({ scans: [{ ...withVex, suppressed: [nameless] }] }), ["ci"])).toEqual(["differs-from-document"]);
  });

  test("an attestation is no signature on the image, and a scan no provenance", () => {
    const signer = { kind: "key", key: (scan.origin.signer as { readonly key: Digest }).key } as const;
    const source = open({ signatures: [{ signer, origin: scan.origin }], provenance: [{ builder: "x", origin: scan.origin }] });
    expect(source.verifySignatures(digest, ["ci"]).rejected.map(({ rejection }) => rejection.code)).toEqual(["wrong-type"]);
    expect(source.verifyProvenance(digest, ["ci"]).rejected.map(({ rejection }) => rejection.code)).toEqual(["wrong-type"]);
  });

  test("files that cannot be used are named", () => {
    const { settings } = readEvidenceSettings({ lockfile: "none.json", trustedRoot: "none", signers: { a: { keyFile: "none.pub" } } }, "evidence");
    const { source, problems } = openEvidence({ settings, folder, now });
    expect(problems).toEqual([{ path: "signers.a.keyFile", expected: "a file that can be read", found: "ENOENT" }, { path: "trustedRoot", expected: "a file that can be read", found: "ENOENT" }]);
    expect(source.status).toEqual({ kind: "missing", file: "none.json" });
    writeFileSync(join(folder, "broken.json"), "{");
    expect(openEvidence({ settings: { ...settings, lockfile: "broken.json" }, folder, now }).source.status.kind).toBe("unreadable");
    expect(openEvidence({ settings: { ...settings, lockfile: "." }, folder, now }).source.status.kind).toBe("unreadable");
  });

  test("a lockfile of many images is indexed by index and config", () => {
    const lock: EvidenceLock = addEvidence(addEvidence(emptyLock, digest, { platforms: { "linux/amd64": `sha256:${"c".repeat(64)}` } }), `sha256:${"c".repeat(64)}`, { config: `sha256:${"d".repeat(64)}` });
    writeLock(join(folder, "bulkhead.evidence.json"), lock);
    const { source } = openEvidence({ settings: readEvidenceSettings(undefined, "").settings, folder, now });
    expect(source.indexesOf(`sha256:${"c".repeat(64)}`)).toEqual([digest]);
    expect(source.manifestOfConfig(`sha256:${"d".repeat(64)}`)).toBe(`sha256:${"c".repeat(64)}`);
    expect(source.manifestOfConfig(digest)).toBeUndefined();
  });
});
