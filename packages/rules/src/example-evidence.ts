import type { Digest, EvidenceLock, EvidenceOrigin, EvidenceSource, ImageEvidence, ImageScan, Signer, VerifiedRecords } from "@bulkhead/core";
import { indexLock } from "@bulkhead/core";

/** Digest of the image that has everything. */
export const digest: Digest = "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
/** Digest of another image, by the name of what is wrong with it. */
export function digestOf(name: string): Digest {
  return `sha256:${[...name].map((letter) => letter.charCodeAt(0).toString(16).padStart(2, "0")).join("").padEnd(64, "0").slice(0, 64)}`;
}
/** An image of the examples by the name of what is wrong with it. */
export const imageOf = (name: string): string => `registry.example.com/app@${digestOf(name)}`;

const release: Signer = { kind: "key", key: digestOf("release key") };
const stranger: Signer = { kind: "key", key: digestOf("another key") };
const signedBy = (signer: Signer, format: string): EvidenceOrigin => ({ format, name: "registry.example.com/app", document: digestOf(format), trust: "signed", signer });
const scan: ImageScan = { scanner: { name: "trivy", version: "0.70.0" }, scannedAt: "2026-05-20T04:00:00Z", databaseBuiltAt: "2026-05-20T00:11:00Z", vulnerabilities: {}, origin: signedBy(release, "cosign-vuln") };
const good: ImageEvidence = {
  config: digestOf("config"), createdAt: "2026-05-19T12:00:00Z",
  scans: [scan],
  signatures: [{ signer: release, origin: signedBy(release, "cosign-signature") }],
  provenance: [{ builder: "https://github.com/actions/runner/github-hosted", source: "https://github.com/acme/app", sourceRef: "refs/heads/main", baseImages: [{ reference: "docker.io/library/debian:13", digest: digestOf("debian"), from: "provenance" }], origin: signedBy(release, "slsa-provenance-v1") }],
};

const { scans: _scans, ...unscanned } = good;
const { signatures: _signatures, ...unsigned } = good;
const { provenance: _provenance, ...unproven } = good;
const scanned = (change: Partial<ImageScan>): ImageEvidence => ({ ...good, scans: [{ ...scan, ...change }] });

/** What the examples are judged by: images as they should be, and one for each thing that can be wrong. */
const lock: EvidenceLock = {
  schemaVersion: 1,
  references: {
    "registry.example.com/app:1.2.3": { digest, resolvedAt: "2026-05-20T04:00:00Z" },
    "registry.example.com/app:moved": { digest, resolvedAt: "2026-05-20T04:00:00Z", moved: { digest: digestOf("moved"), seenAt: "2026-05-30T04:00:00Z" } },
  },
  images: {
    [digest]: good,
    [digestOf("unscanned")]: unscanned,
    [digestOf("stale")]: scanned({ scannedAt: "2026-04-01T23:59:59Z" }),
    [digestOf("future")]: scanned({ scannedAt: "2026-06-02T00:00:00Z" }),
    [digestOf("old database")]: scanned({ databaseBuiltAt: "2026-04-01T00:00:00Z" }),
    [digestOf("vulnerable")]: scanned({ vulnerabilities: { critical: { fixable: ["CVE-2026-1111"] }, high: { fixable: ["CVE-2026-2222"], unfixed: ["CVE-2026-3333"] } } }),
    [digestOf("unsigned")]: unsigned,
    [digestOf("signed by another")]: { ...good, signatures: [{ signer: stranger, origin: signedBy(stranger, "cosign-signature") }] },
    [digestOf("no provenance")]: unproven,
    [digestOf("another builder")]: { ...good, provenance: (good.provenance ?? []).map((entry) => ({ ...entry, builder: "https://ci.example.com/laptop" })) },
    [digestOf("another source")]: { ...good, provenance: (good.provenance ?? []).map((entry) => ({ ...entry, source: "https://github.com/someone/app" })) },
    [digestOf("another base")]: { ...good, provenance: (good.provenance ?? []).map((entry) => ({ ...entry, baseImages: [{ reference: "docker.io/someone/base:1", from: "provenance" }] })) },
    [digestOf("old image")]: { ...good, createdAt: "2024-05-19T12:00:00Z" },
  },
};

/** In memory: a record counts as verified where it says that a named signer signed it. For examples and tests of rules. */
export function exampleSource(of: EvidenceLock, signers: { readonly [name: string]: Signer }, fallback?: { readonly digest: Digest; readonly image: ImageEvidence }): EvidenceSource {
  const index = withFallback(indexLock(of), fallback);
  const accepts = (names: readonly string[], origin: EvidenceOrigin): boolean => names.some((name) => origin.trust === "signed" && JSON.stringify(signers[name]) === JSON.stringify(origin.signer));
  const verify = <T extends { readonly origin: EvidenceOrigin }>(records: readonly T[] = [], names: readonly string[]): VerifiedRecords<T> => ({
    accepted: records.filter(({ origin }) => accepts(names, origin)),
    rejected: records.filter(({ origin }) => !accepts(names, origin)).map((record) => ({ record, rejection: { code: "untrusted-signer", reason: "it is signed by another key" } })),
  });
  return {
    ...index, status: { kind: "loaded", file: "bulkhead.evidence.json" }, signers: Object.keys(signers),
    verifyScans: (under, names) => verify(index.image(under)?.scans, names),
    verifySignatures: (under, names) => verify(index.image(under)?.signatures, names),
    verifyProvenance: (under, names) => verify(index.image(under)?.provenance, names),
  };
}

/** What is not listed is as it should be: examples of other rules name images of their own. */
function withFallback(index: ReturnType<typeof indexLock>, fallback: { readonly digest: Digest; readonly image: ImageEvidence } | undefined): ReturnType<typeof indexLock> {
  if (fallback === undefined) return index;
  return {
    ...index,
    resolve: (reference) => index.resolve(reference) ?? { digest: fallback.digest, resolvedAt: "2026-05-20T04:00:00Z" },
    image: (under) => index.image(under) ?? (under === digestOf("unlisted") ? undefined : fallback.image),
  };
}

export const exampleEvidence: EvidenceSource = exampleSource(lock, { release }, { digest, image: good });
