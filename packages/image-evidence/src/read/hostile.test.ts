import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DocumentError } from "./document-error.ts";
import { readReport } from "./read-report.ts";
import type { Reading } from "./reading.ts";

const folder = join(import.meta.dirname, "../../../../../shared/data/scan-reports");
const seed = Number(process.env["BULKHEAD_SEED"] ?? 20261124);

/** Real reports of up to 60 kB, so that each can be changed many times. */
function fixtures(): readonly (readonly [string, unknown])[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.sort().flatMap((file) => {
    const text = readFileSync(file);
    if (text.length > 60_000) return [];
    try {
      readReport(text, file);
      return [[file.slice(folder.length + 1), JSON.parse(text.toString())] as const];
    } catch {
      return [];
    }
  });
}

const real = fixtures();
if (real.length === 0) process.stderr.write("skipped for want of ../shared/data/scan-reports: real reports, changed at random\n");

const digest = `sha256:${"1".repeat(64)}`;
const written: readonly (readonly [string, unknown])[] = [
  ["trivy", { SchemaVersion: 2, CreatedAt: "2026-10-01T12:00:00Z", ArtifactType: "container_image", Metadata: { RepoDigests: [`app@${digest}`], ImageID: digest }, Results: [{ Class: "os-pkgs", Vulnerabilities: [{ VulnerabilityID: "CVE-1", Severity: "HIGH" }] }] }],
  ["harbor", { generated_at: "2026-10-01T12:00:00Z", artifact: { digest }, scanner: { name: "Trivy" }, severity: "High", vulnerabilities: [{ id: "CVE-1", severity: "High" }] }],
  ["ecr", { imageId: { imageDigest: digest }, imageScanStatus: { status: "COMPLETE" }, imageScanFindings: { imageScanCompletedAt: 1790848800, findings: [{ name: "CVE-1", severity: "HIGH" }] } }],
  ["gcp", [{ kind: "DISCOVERY", resourceUri: `https://gcr.io/p/app@${digest}`, discovery: { analysisStatus: "FINISHED_SUCCESS", lastScanTime: "2026-10-01T12:00:00Z" } }]],
  ["azure", [{ properties: { id: "CVE-1", timeGenerated: "2026-10-01T12:00:00Z", status: { code: "Unhealthy" }, additionalData: { artifactDetails: { digest } } } }]],
  ["statement", { _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: "1".repeat(64) } }], predicateType: "https://in-toto.io/attestation/vulns/v0.2", predicate: { scanner: { uri: "x", result: [{ id: "CVE-1" }] }, metadata: { scanStartedOn: "2026-10-01T12:00:00Z", scanFinishedOn: "2026-10-01T12:00:00Z" } } }],
];

/** A number from 0 to 1, the same for the same seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const junk: readonly unknown[] = [null, "", 0, -1, 1e308, true, false, [], {}, [[]], [null], "0001-01-01T00:00:00Z", "sha256:", "sha256:abc", `sha512:${"1".repeat(128)}`, "constructor", { toString: 1, valueOf: 1 }, { length: 5 }, "x".repeat(5000), "\u0000"];

type Place = readonly [parent: Record<string, unknown>, key: string];

function placesOf(value: unknown): readonly Place[] {
  const places: Place[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(value);
  return places;
}

/** A copy with some members left out or replaced: by what does not belong there, or (`swap`) by another member. */
function changed(value: unknown, random: () => number, swap: boolean): unknown {
  const copy = structuredClone(value);
  for (let count = 1 + Math.floor(random() * 3); count > 0; count -= 1) {
    const places = placesOf(copy);
    const pick = (): Place | undefined => places[Math.floor(random() * places.length)];
    const [parent, key] = pick() ?? [];
    if (parent === undefined || key === undefined) continue;
    const how = random();
    const from = swap && how > 0.7 ? pick() : undefined;
    if (how < 0.3) delete parent[key];
    else parent[key] = structuredClone(from === undefined ? junk[Math.floor(random() * junk.length)] : from[0][from[1]]);
  }
  return copy;
}

/** Only a DocumentError may come of it. */
function tried(value: unknown): Reading | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    return undefined;
  }
  try {
    return readReport(new TextEncoder().encode(text), "r.json");
  } catch (error) {
    if (!(error instanceof DocumentError)) throw new Error(`seed ${seed}: ${text?.slice(0, 2000)}`, { cause: error });
    return undefined;
  }
}

const isTime = (value: unknown): boolean => (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) || (typeof value === "number" && value > 1e9);
const isDigest = (value: unknown): boolean => typeof value === "string" && /[0-9a-f]{64}/.test(value);

function without(value: unknown, unwanted: (member: unknown) => boolean): unknown {
  const copy = structuredClone(value);
  for (const [parent, key] of placesOf(copy)) if (unwanted(parent[key])) parent[key] = "";
  return copy;
}

describe(`changed at random, seed ${seed}`, () => {
  test("reports are read or refused, and never break the reader", () => {
    const random = randomFrom(seed);
    let scans = 0;
    let total = 0;
    for (const [, value] of [...real, ...written]) {
      for (let round = 0; round < 40; round += 1, total += 1) if (tried(changed(value, random, true))?.kind === "scan") scans += 1;
    }
    process.stderr.write(`changed reports: ${total}, of which ${scans} are still scans\n`);
    expect(scans).toBeGreaterThan(50);
    expect(scans).toBeLessThan(total / 2);
  });

  const scans = [...real, ...written].filter(([, value]) => tried(value)?.kind === "scan");

  test.each(scans)("%s is no scan once its digests or its times are gone, whatever else is changed", (_, value) => {
    for (const unwanted of [isTime, isDigest]) {
      const random = randomFrom(seed);
      const stripped = without(value, unwanted);
      expect(tried(stripped)?.kind).not.toBe("scan");
      for (let round = 0; round < 100; round += 1) expect(tried(changed(stripped, random, false))?.kind).not.toBe("scan");
    }
  });

  test("has scans to be stripped", () => {
    expect(scans.length).toBeGreaterThanOrEqual(written.length);
  });
});

describe("a report that is meant to do harm", () => {
  const trivy = written[0]?.[1] as Record<string, unknown>;
  const text = JSON.stringify(trivy);
  const refused = (bomb: string): void => {
    expect(() => readReport(new TextEncoder().encode(bomb), "r.json")).toThrow(DocumentError);
  };

  test("two times, two digests or two of anything in one object", () => {
    refused(text.replace('"CreatedAt"', '"CreatedAt":"2020-01-01T00:00:00Z","CreatedAt"'));
    refused(text.replace('"RepoDigests"', '"RepoDigests":[],"Repo\\u0044igests"'));
  });

  test("nested without end, within a field that is not even read", () => {
    refused(text.replace('"SchemaVersion"', `"x":${"[".repeat(100_000)}${"]".repeat(100_000)},"SchemaVersion"`));
    refused(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`);
  });

  test("200 MB of it", () => {
    expect(() => readReport(new Uint8Array(200_000_000), "r.json")).toThrow("expected at most 67108864 bytes, found 200000000");
  });

  test("more findings than any image has", () => {
    const many = { ...trivy, Results: [{ Vulnerabilities: Array.from({ length: 50_001 }, () => 0) }] };
    expect(() => readReport(new TextEncoder().encode(JSON.stringify(many)), "r.json")).toThrow("expected at most 50000 vulnerabilities, found a list of 50001");
    const spread = { ...trivy, Results: Array.from({ length: 51 }, () => ({ Vulnerabilities: Array.from({ length: 1000 }, () => ({ VulnerabilityID: "CVE-1" })) })) };
    expect(() => readReport(new TextEncoder().encode(JSON.stringify(spread)), "r.json")).toThrow("r.json: expected at most 50000 vulnerabilities, found 51000");
  });

  test("names of the object's prototype are names like any other", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect(readReport(new TextEncoder().encode(text.replace('"SchemaVersion"', `"${name}":{"x":1},"SchemaVersion"`)), "r.json").kind).toBe("scan");
      expect(() => readReport(new TextEncoder().encode(`{"${name}":${text}}`), "r.json")).toThrow(DocumentError);
    }
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });
});
