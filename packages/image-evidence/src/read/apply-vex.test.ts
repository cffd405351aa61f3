import type { Signer } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { applyVex } from "./apply-vex.ts";
import { readReport } from "./read-report.ts";
import type { ScanReading } from "./reading.ts";
import type { VexDocument } from "./vex-document.ts";

const digest = `sha256:${"1".repeat(64)}`;
const platform = `sha256:${"2".repeat(64)}`;
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const report = {
  SchemaVersion: 2,
  CreatedAt: "2026-10-01T10:00:00Z",
  ArtifactType: "container_image",
  Metadata: { RepoDigests: [`ghcr.io/acme/app@${digest}`] },
  Results: [
    {
      Class: "os-pkgs",
      Vulnerabilities: [
        { VulnerabilityID: "CVE-1", Severity: "CRITICAL", VendorIDs: ["GHSA-1"], PkgIdentifier: { PURL: "pkg:deb/debian/a@1?arch=amd64&distro=debian-13" } },
        { VulnerabilityID: "CVE-1", Severity: "HIGH", PkgIdentifier: { PURL: "pkg:deb/debian/b@1?arch=amd64" } },
        { VulnerabilityID: "CVE-2", Severity: "LOW" },
      ],
    },
  ],
};
const reading = readReport(bytes(report), "r.json") as ScanReading;

interface Given {
  readonly status?: string | undefined;
  readonly justification?: string | undefined;
  readonly vulnerability?: unknown;
  readonly products?: unknown;
  readonly timestamp?: string;
  readonly [field: string]: unknown;
}

const statement = (given: Given = {}): unknown => ({ vulnerability: { name: "CVE-1" }, products: [{ "@id": `pkg:oci/app@${encodeURIComponent(digest)}?repository_url=ghcr.io/acme/app` }], status: "not_affected", justification: "vulnerable_code_not_present", ...given });

function vex(statements: readonly unknown[], timestamp = "2026-10-02T00:00:00Z"): VexDocument {
  const read = readReport(bytes({ "@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", author: "a", timestamp, version: 1, statements }), "v.json");
  if (read.kind !== "vex") throw new Error(JSON.stringify(read));
  return read.vex;
}

const remaining = (...statements: readonly unknown[]): ScanReading["scan"]["vulnerabilities"] => applyVex(reading, [{ vex: vex(statements) }]).scan.vulnerabilities;
const all = { critical: { unfixed: ["CVE-1"] }, low: { unfixed: ["CVE-2"] } };
const withoutFirst = { low: { unfixed: ["CVE-2"] } };

describe("a VEX statement", () => {
  test("suppresses with its justification, is recorded with its author, and does not make the scan newer", () => {
    const author: Signer = { kind: "certificate", identity: "security@acme.example", issuer: "https://issuer.example" };
    const result = applyVex(reading, [{ vex: vex([statement()]), author }]);
    expect(result.scan.vulnerabilities).toEqual(withoutFirst);
    expect(result.scan.suppressed).toEqual([{ id: "CVE-1", by: "vex", status: "not_affected", justification: "vulnerable_code_not_present", author }]);
    expect(result.scan.scannedAt).toBe("2026-10-01T10:00:00Z");
    expect(reading.scan.vulnerabilities).toEqual(all);
  });

  test.each<[string, Given, object]>([
    ["fixed", { status: "fixed", justification: undefined }, withoutFirst],
    ["not_affected without a justification", { justification: undefined, impact_statement: "trust us" }, all],
    ["under_investigation", { status: "under_investigation" }, all],
    ["affected", { status: "affected" }, all],
    ["of another vulnerability", { vulnerability: { name: "CVE-3" } }, all],
    ["of an alias", { vulnerability: { name: "CVE-9", aliases: ["CVE-1"] } }, withoutFirst],
    ["of the vulnerability as a text", { vulnerability: "CVE-1" }, withoutFirst],
    ["of another image", { products: [{ "@id": `pkg:oci/app@${encodeURIComponent(platform)}` }] }, all],
    ["of the repository, without a digest", { products: [{ "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app" }] }, all],
    ["of the package alone", { products: [{ "@id": "pkg:deb/debian/a@1" }] }, all],
    ["of a package that has the image's digest for its version", { products: [{ "@id": `pkg:generic/app@${digest}` }] }, all],
    ["of a digest cut short", { products: [{ "@id": `pkg:oci/app@${digest.slice(0, -1)}` }] }, all],
    ["of the image by its hash", { products: [{ "@id": "https://example.com/app", hashes: { "sha-256": "1".repeat(64) } }] }, withoutFirst],
    ["of the image by reference", { products: [{ "@id": `ghcr.io/acme/app@${digest}` }] }, withoutFirst],
    ["of the image by its purl as identifier", { products: [{ "@id": "x", identifiers: { purl: `pkg:oci/app@${digest}` } }] }, withoutFirst],
    ["of no product, in a file", { products: [] }, all],
    ["of both packages", { products: [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/a@1" }, { "@id": "pkg:deb/debian/b" }] }] }, withoutFirst],
    ["of one package", { products: [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/a@1?arch=amd64" }] }] }, { high: { unfixed: ["CVE-1"] }, low: { unfixed: ["CVE-2"] } }],
    ["of another version", { products: [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/a@2" }] }] }, all],
    ["of another architecture", { products: [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/a@1?arch=arm64" }] }] }, all],
    ["of a package of no known purl", { vulnerability: "CVE-2", products: [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/c" }] }] }, all],
  ])("%s", (_, given, expected) => {
    expect(remaining(statement(given))).toEqual(expected);
  });

  test("by the name that a finding has as an alias", () => {
    const products = [{ "@id": digest, subcomponents: [{ "@id": "pkg:deb/debian/a" }] }];
    expect(remaining(statement({ vulnerability: { name: "GHSA-1" }, products }))).toEqual({ high: { unfixed: ["CVE-1"] }, low: { unfixed: ["CVE-2"] } });
  });

  test("of the index counts for a platform where both are known to be of one image", () => {
    const products = [{ "@id": platform }];
    expect(applyVex(reading, [{ vex: vex([statement({ products })]) }], { images: [platform] }).scan.vulnerabilities).toEqual(withoutFirst);
  });

  test("counts by the latest: of the statement before that of the document, in whatever order they come", () => {
    const early = statement({ timestamp: "2026-10-01T00:00:00Z" });
    const late = statement({ status: "affected", timestamp: "2026-10-03T00:00:00Z" });
    expect(remaining(early, late)).toEqual(all);
    expect(remaining(late, early)).toEqual(all);
    expect(remaining(statement({ timestamp: "2026-10-04T00:00:00Z" }), late)).toEqual(withoutFirst);
    expect(applyVex(reading, [{ vex: vex([statement({ status: "affected" })], "2026-10-05T00:00:00Z") }, { vex: vex([statement()], "2026-10-06T00:00:00Z") }]).scan.vulnerabilities).toEqual(withoutFirst);
  });

  test("of the same time as one that does not suppress does not suppress", () => {
    expect(remaining(statement(), statement({ status: "under_investigation" }))).toEqual(all);
    expect(remaining(statement({ status: "under_investigation" }), statement())).toEqual(all);
  });

  test("from the future is not taken where now is known", () => {
    const given = [{ vex: vex([statement()]) }];
    expect(applyVex(reading, given, { now: Date.UTC(2026, 9, 1) }).scan.vulnerabilities).toEqual(all);
    expect(applyVex(reading, given, { now: Date.UTC(2026, 9, 2) }).scan.vulnerabilities).toEqual(withoutFirst);
  });

  test.each<[Given, string]>([
    [{ status: "harmless" }, 'v.json: statements[0].status: expected one of not_affected, affected, fixed, under_investigation, found "harmless"'],
    [{ justification: "we looked" }, "v.json: statements[0].justification: expected one of component_not_present"],
    [{ timestamp: "yesterday" }, "v.json: statements[0].timestamp: expected a date"],
    [{ products: "all" }, "v.json: statements[0].products: expected a list"],
  ])("%# that does not fit is refused by its place", (given, message) => {
    expect(() => vex([statement(given)])).toThrow(message);
  });

  test("without any time is refused", () => {
    expect(() => vex([statement()], "")).toThrow("v.json: statements[0].timestamp: expected a time, here or of the document");
  });
});

describe("CycloneDX's analysis", () => {
  const bom = (analysis: object, ref = "p"): unknown => ({
    bomFormat: "CycloneDX",
    metadata: { timestamp: "2026-10-02T00:00:00Z", component: { "bom-ref": "image", type: "container", purl: `pkg:oci/app@${encodeURIComponent(digest)}` } },
    components: [{ "bom-ref": "p", purl: "pkg:deb/debian/a@1" }],
    vulnerabilities: [{ id: "CVE-1", analysis, affects: [{ ref }] }],
  });
  const result = (analysis: object, ref?: string): object => {
    const read = readReport(bytes(bom(analysis, ref)), "b.json");
    if (read.kind !== "sbom" || read.vex === undefined) throw new Error(JSON.stringify(read));
    return applyVex(reading, [{ vex: read.vex }]).scan.vulnerabilities;
  };
  const withoutA = { high: { unfixed: ["CVE-1"] }, low: { unfixed: ["CVE-2"] } };

  test.each([
    ["not_affected with a justification", { state: "not_affected", justification: "code_not_reachable" }, "p", withoutA],
    ["not_affected without", { state: "not_affected" }, "p", all],
    ["resolved", { state: "resolved" }, "p", withoutA],
    ["false_positive", { state: "false_positive", justification: "code_not_present" }, "p", all],
    ["in_triage", { state: "in_triage" }, "p", all],
    ["exploitable", { state: "exploitable" }, "p", all],
    ["of the image as a whole", { state: "resolved" }, "image", withoutFirst],
    ["of a component of another document", { state: "resolved" }, "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg:deb%2Fdebian%2Fa@1", withoutA],
    ["of a component that is not there", { state: "resolved" }, "q", all],
  ])("%s", (_, analysis, ref, expected) => {
    expect(result(analysis, ref)).toEqual(expected);
  });

  test("of a state that CycloneDX does not know is refused", () => {
    expect(() => result({ state: "fine" })).toThrow("b.json: vulnerabilities[0].analysis.state: expected one of not_affected");
  });
});
