import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EvidenceLock, ImageEvidence, ImageProvenance, ImageScan } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attested, newKey, slsa, slsaPredicate, trivyReport, vulns, vulnsPredicate } from "../../../image-evidence/test/signing";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const [image, base] = [`sha256:${"a".repeat(64)}`, "b".repeat(64)];
const at = "2026-05-20T04:00:00Z";
const [ci, stranger] = [newKey(), newKey()];
const [exposed, bases] = ["exposed-vulnerable-workload", "allowed-base-images"];
const builtOn = (name: string): object => ({ ...slsaPredicate, buildDefinition: { ...slsaPredicate.buildDefinition, resolvedDependencies: [{ uri: `pkg:docker/${name}@1`, digest: { sha256: base } }] } });
const allowed = builtOn("debian");
/** A lockfile of what is signed by the keys, and options that ask for signers or not. */
function prepared(scan: Buffer | string, provenance: Buffer | string, ...signers: readonly string[]): string {
  const asked = signers.length === 0 ? {} : { signers };
  const config = { evidence: { signers: { ci: { keyFile: "ci.pub" }, stranger: { keyFile: "stranger.pub" } } }, rules: { [exposed]: asked, [bases]: { images: ["docker.io/library/debian"], ...asked } } };
  const folder = cli.folder({
    "scan.json": scan.toString(), "provenance.json": provenance.toString(), "ci.pub": ci.publicKey, "stranger.pub": stranger.publicKey, "config.json": JSON.stringify(config),
    "pod.json": JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { hostNetwork: true, containers: [{ name: "a", image: `registry.example.com/app@${image}` }] } }),
  });
  expect(cli.run(folder, ["evidence", "add", "--now", "2026-06-01", "--config", "config.json", "scan.json", "provenance.json"]).code).toBe(0);
  return folder;
}
function edit(folder: string, change: (image: ImageEvidence) => ImageEvidence): string {
  const file = join(folder, "bulkhead.evidence.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as EvidenceLock;
  writeFileSync(file, JSON.stringify({ ...lock, images: { [image]: change(lock.images[image] ?? {}) } }));
  return folder;
}
function judged(folder: string): { readonly [rule: string]: string } {
  const { findings, undecided } = cli.json(folder, ["--rule", exposed, "--rule", bases, "--config", "config.json", "--now", "2026-06-01", "pod.json"]);
  return Object.fromEntries([...findings.map(({ rule, message }) => [rule, message]), ...undecided.map(({ rule }) => [rule, "undecided"])]) as { readonly [rule: string]: string };
}
const scans = (change: (scan: ImageScan) => ImageScan) => (record: ImageEvidence): ImageEvidence => ({ ...record, scans: (record.scans ?? []).map(change) });
const proven = (change: (provenance: ImageProvenance) => ImageProvenance) => (record: ImageEvidence): ImageEvidence => ({ ...record, provenance: (record.provenance ?? []).map(change) });
const signedScan = (...ids: readonly string[]): Buffer => attested(ci, image, vulns, vulnsPredicate(at, ...ids));

test("what the asked signer signed counts, for good and for bad", () => {
  expect(judged(prepared(signedScan(), attested(ci, image, slsa, allowed), "ci"))).toEqual({});
  const bad = judged(prepared(signedScan("CVE-2026-1"), attested(ci, image, slsa, builtOn("evil/base")), "ci"));
  expect(bad[exposed]).toContain("CVE-2026-1");
  expect(bad[bases]).toContain("its provenance names docker.io/evil/base");
});

describe("signers are asked for, and the record is refused", () => {
  const good = (signer: string): string => prepared(signedScan("CVE-2026-1"), attested(ci, image, slsa, builtOn("evil/base")), signer);
  const nothingFound = scans((scan) => ({ ...scan, vulnerabilities: {} }));
  const otherBase = proven((provenance) => ({ ...provenance, baseImages: [{ reference: "docker.io/library/debian:1", from: "provenance" }] }));
  const unsigned = (record: ImageEvidence): ImageEvidence => JSON.parse(JSON.stringify(record, (key, value: unknown) => (key === "trust" ? "local" : key === "signer" ? undefined : value))) as ImageEvidence;
  test.each([
    ["that a scan found nothing, written in by hand", exposed, () => edit(good("ci"), nothingFound), "has none that is signed by ci"],
    ["the same, said to be of nobody", exposed, () => edit(good("ci"), (record) => unsigned(nothingFound(record))), "has none that is signed by ci"],
    ["another signer's scan", exposed, () => prepared(attested(stranger, image, vulns, vulnsPredicate(at)), attested(ci, image, slsa, allowed), "ci"), "has none that is signed by ci"],
    ["a report that nobody signed", exposed, () => prepared(JSON.stringify(trivyReport(image, at)), attested(ci, image, slsa, allowed), "ci"), "has none that is signed by ci"],
    ["another base, written in by hand", bases, () => edit(good("ci"), otherBase), "something else than its signed document"],
    ["the same, said to be of nobody", bases, () => edit(good("ci"), (record) => unsigned(otherBase(record))), "it was not signed"],
    ["another signer's provenance", bases, () => prepared(signedScan(), attested(stranger, image, slsa, allowed), "ci"), "does not count"],
    ["a label beside it", bases, () => edit(good("ci"), ({ provenance: _, ...record }) => ({ ...record, baseImages: [{ reference: "docker.io/library/debian:1", from: "label" }] })), "the lockfile has no provenance of"],
    ["an SBOM beside provenance that names none", bases, () => edit(prepared(signedScan(), attested(ci, image, slsa, slsaPredicate), "ci"), (record) => ({ ...record, baseImages: [{ reference: "docker.io/library/debian:1", from: "sbom" }] })), "that is signed names none"],
    ["a signer that is not defined", bases, () => good("nobody"), 'the configuration defines no signer named "nobody"'],
    ["a signer that is not defined", exposed, () => good("nobody"), 'the configuration defines no signer named "nobody"'],
  ])("%s (%s)", (_, rule, make, message) => {
    expect(judged(make())[rule]).toContain(message);
  });

  test("of what nobody says anything nothing is known", () => {
    const folder = edit(good("ci"), ({ provenance: _p, scans: _s, ...record }) => record);
    expect(judged(folder)).toEqual({ [exposed]: "undecided", [bases]: "undecided" });
  });

  test("without signers the same records are believed", () => {
    const believed = prepared(signedScan("CVE-2026-1"), attested(ci, image, slsa, builtOn("evil/base")));
    expect(Object.keys(judged(believed)).sort()).toEqual([bases, exposed].sort());
    expect(judged(edit(edit(believed, nothingFound), otherBase))).toEqual({});
  });
});
