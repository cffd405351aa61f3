import { generateKeyPairSync, sign } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { addReports, documentStore, emptyLock, writeLock } from "../../packages/image-evidence/dist/index.js";
import { packFolder } from "../e2e/support.ts";
import { say } from "../toolchain/run.ts";
import type { PackProcess } from "./analyzer-client.ts";
import { startPack } from "./analyzer-client.ts";
import { deployment } from "./packs.ts";
import type { Comparison } from "./statistics.ts";
import { comparison, inTurn } from "./statistics.ts";

const digests = 5000;
/** Processes of each side, since each compiles what it runs in its own way; rounds of each; calls of a round. */
const [processes, rounds, calls] = [3, 15, 100];
const ruleNames = ["require-evidence-lockfile", "require-scan-evidence", "no-severe-vulnerabilities", "no-moved-tag", "require-image-signature", "require-provenance", "max-image-age", "allowed-base-images"];
const builder = "https://ci.example.com/builder";
const resource = { type: "kubernetes:apps/v1:Deployment", name: "web", properties: deployment("web") };

/** What the rules about evidence add to Analyze, every one of them on and verifying signatures, with a lockfile of 5,000 images. */
export async function evidenceRules(folder: string): Promise<readonly Comparison[]> {
  const lockfile = join(folder, "bulkhead.evidence.json");
  const key = writeEvidence(lockfile);
  say(`a lockfile of ${digests} images: ${(statSync(lockfile).size / 1e6).toFixed(1)} MB`);
  const all: { readonly [measure in "processor" | "clock"]: readonly [number[], number[]] } = { processor: [[], []], clock: [[], []] };
  for (let each = 0; each < processes; each++) {
    const [withEvidence, without] = await Promise.all([startPack(packFolder, { metered: true }), startPack(packFolder, { metered: true })]);
    try {
      await configure(withEvidence, without, lockfile, key);
      const measured = await inTurn([{ name: "with", measure: () => costs(withEvidence) }, { name: "without", measure: () => costs(without) }], rounds);
      for (const [side, values] of measured.entries()) {
        for (const { processor, clock } of values) {
          all.processor[side]?.push(processor);
          all.clock[side]?.push(clock);
        }
      }
      say(`processes ${each + 1} of ${processes} measured`);
    } finally {
      await Promise.all([withEvidence.stop(), without.stop()]);
    }
  }
  const compared = (what: "processor" | "clock", limit?: number): Comparison => comparison(`Analyze of a Deployment with two containers (${what})`, "ms", [`rules about evidence, ${digests} digests`, all[what][0]], ["without them", all[what][1]], limit);
  return [compared("processor", 1.05), compared("clock")];
}

/** Milliseconds of a call. */
async function costs(pack: PackProcess): Promise<{ readonly processor: number; readonly clock: number }> {
  const before = await pack.processor();
  const begin = performance.now();
  for (let call = 0; call < calls; call++) await pack.analyze(resource);
  const clock = performance.now() - begin;
  return { processor: ((await pack.processor()) - before) / calls, clock: clock / calls };
}

async function configure(withEvidence: PackProcess, without: PackProcess, lockfile: string, key: string): Promise<void> {
  const signers = ["ci"];
  const on = (properties: object = {}) => ({ level: 1, properties: { ...properties } });
  await withEvidence.configure({
    bulkhead: on({ preset: "strict", evidence: { lockfile, signers: { ci: { key } } } }), "require-scan-evidence": on({ signers, trust: "signed" }), "no-severe-vulnerabilities": on({ signers }), "require-image-signature": on({ signers }),
    "require-provenance": on({ signers, builders: [builder] }), "allowed-base-images": on({ signers, images: ["docker.io/library/debian"] }),
  });
  await without.configure({ bulkhead: on({ preset: "strict", levels: Object.fromEntries(ruleNames.map((rule) => [rule, "disabled"])) }) });
  const { diagnostics } = await withEvidence.analyze(resource);
  const unjudged = diagnostics.find(({ policyName, message }) => ruleNames.some((rule) => policyName === rule || message.includes(rule)));
  if (unjudged !== undefined) throw new Error(`the image should pass every rule about evidence: ${unjudged.message}`);
  for (let call = 0; call < 4 * calls; call++) for (const pack of [withEvidence, without]) await pack.analyze(resource);
}

/** Writes the lockfile, with one image that has all that is asked for, signed by the key that is returned (PEM). */
function writeEvidence(lockfile: string): string {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = publicKey.export({ type: "spki", format: "pem" }) as string;
  const now = Date.now();
  const [image, scannedAt] = [digestOf(0), new Date(now - 86_400_000).toISOString()];
  const type = "application/vnd.in-toto+json";
  const attested = (predicateType: string, predicate: object): Buffer => {
    const payload = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject: [{ digest: { sha256: image.slice("sha256:".length) } }], predicateType, predicate }));
    const sig = sign("sha256", Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]), privateKey);
    return Buffer.from(JSON.stringify({ payload: payload.toString("base64"), payloadType: type, signatures: [{ sig: sig.toString("base64") }] }));
  };
  const scan = { scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "", lastUpdate: scannedAt }, result: [] }, metadata: { scanStartedOn: scannedAt, scanFinishedOn: scannedAt } };
  const provenance = { buildDefinition: { buildType: "https://ci.example.com/build/v1", externalParameters: {}, resolvedDependencies: [{ uri: "pkg:docker/debian@13", digest: { sha256: "d".repeat(64) } }] }, runDetails: { builder: { id: builder } } };
  const documents = [attested("https://in-toto.io/attestation/vulns/v0.2", scan), attested("https://slsa.dev/provenance/v1", provenance), attested("https://sigstore.dev/cosign/sign/v1", {})];
  const added = addReports(emptyLock, documents.map((bytes, index) => ({ file: `${index}.json`, bytes })), { trust: { signers: [{ kind: "key", key }], vexAuthors: [], now } });
  for (const bytes of added.documents.values()) documentStore(lockfile).keep(bytes);
  const { images } = added.apply(emptyLock);
  const others = Object.fromEntries(Array.from({ length: digests }, (_, index) => [digestOf(index), record(index)]));
  writeLock(lockfile, { ...emptyLock, images: { ...others, [image]: { createdAt: new Date(now).toISOString(), ...images[image] } } });
  return key;
}

function digestOf(index: number): string {
  return index === 0 ? "sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae" : `sha256:${index.toString(16).padStart(64, "0")}`;
}

function record(index: number) {
  const ids = Array.from({ length: 20 }, (_, each) => `CVE-2026-${10_000 + each}`);
  return { config: digestOf(index + digests), createdAt: new Date().toISOString(), scans: [{ scanner: { name: "trivy", version: "0.70.0" }, scannedAt: new Date(Date.now() - 86_400_000).toISOString(), vulnerabilities: { low: { fixable: ids } }, origin: { format: "trivy-json", name: "report.json", document: digestOf(index + 2 * digests), trust: "local" as const } }] };
}
