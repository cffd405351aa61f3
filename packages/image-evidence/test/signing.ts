import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { AcceptedSigner, Digest } from "@bulkhead/core";
import type { Trust } from "../src/gather/items";

export interface Key {
  readonly privateKey: KeyObject;
  /** PEM. */
  readonly publicKey: string;
}

export function newKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { privateKey, publicKey: publicKey.export({ type: "spki", format: "pem" }) as string };
}

export function accepted({ publicKey }: Key): AcceptedSigner {
  return { kind: "key", key: publicKey };
}

export function trustIn(now: number, ...keys: readonly Key[]): Trust {
  const signers = keys.map(accepted);
  return { signers, vexAuthors: signers, now };
}

const payloadType = "application/vnd.in-toto+json";

/** A DSSE envelope around a statement about one image, as `cosign attest` writes it. */
export function attested(key: Key, image: Digest, predicateType: string, predicate: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify({ _type: "https://in-toto.io/Statement/v1", subject: [{ name: "registry.example.com/app", digest: { sha256: image.slice("sha256:".length) } }], predicateType, predicate }));
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload]);
  return Buffer.from(JSON.stringify({ payload: payload.toString("base64"), payloadType, signatures: [{ keyid: "", sig: sign("sha256", encoded, key.privateKey).toString("base64") }] }));
}

export const vulns = "https://in-toto.io/attestation/vulns/v0.2";
export const openVex = "https://openvex.dev/ns/v0.2.0";
export const slsa = "https://slsa.dev/provenance/v1";

export function vulnsPredicate(scannedAt: string, ...ids: readonly string[]): object {
  return {
    scanner: { uri: "pkg:github/aquasecurity/trivy@0.70.0", version: "0.70.0", db: { uri: "", version: "", lastUpdate: scannedAt }, result: ids.map((id) => ({ id, severity: [{ method: "nvd", score: "HIGH" }] })) },
    metadata: { scanStartedOn: scannedAt, scanFinishedOn: scannedAt },
  };
}

export function vexPredicate(image: Digest, id: string, timestamp: string): object {
  return vexAbout(image, timestamp, { [id]: "not_affected" });
}

/** Of several vulnerabilities, each with a status. */
export function vexAbout(image: Digest, timestamp: string, statuses: { readonly [id: string]: "not_affected" | "affected" }): object {
  const product = { "@id": `pkg:oci/app@${image.replace(":", "%3A")}` };
  const statements = Object.entries(statuses).map(([name, status]) => ({ vulnerability: { name }, status, products: [product], ...(status === "affected" ? { action_statement: "update" } : { justification: "vulnerable_code_not_present" }) }));
  return { "@context": "https://openvex.dev/ns/v0.2.0", "@id": `https://vex.example.com/${timestamp}`, author: "ci", timestamp, version: 1, statements };
}

export const slsaPredicate = { buildDefinition: { buildType: "https://example.com/build/v1", externalParameters: {}, resolvedDependencies: [] }, runDetails: { builder: { id: "https://builder.example.com" } } };

/** A report of Trivy about an image that it read from its registry. */
export function trivyReport(image: Digest, createdAt: string, ...ids: readonly string[]): object {
  return {
    SchemaVersion: 2, CreatedAt: createdAt, ArtifactName: "registry.example.com/app:1", ArtifactType: "container_image", Trivy: { Version: "0.70.0" },
    Metadata: { ImageID: `sha256:${"c".repeat(64)}`, RepoDigests: [`registry.example.com/app@${image}`], Reference: "registry.example.com/app:1", ImageConfig: { architecture: "amd64", os: "linux" } },
    Results: [{ Target: "app", Class: "os-pkgs", Type: "debian", Vulnerabilities: ids.map((id) => ({ VulnerabilityID: id, PkgName: "p", InstalledVersion: "1", Severity: "HIGH", Status: "affected" })) }],
  };
}
