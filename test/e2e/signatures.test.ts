import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AcceptedSigner } from "@bulkhead/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchAttachments } from "../../packages/image-evidence/src/registry/attachments.ts";
import { RegistryClient } from "../../packages/image-evidence/src/registry/client.ts";
import { resolveImage } from "../../packages/image-evidence/src/registry/image.ts";
import { documentDigest, readAttachedDocument, readSignedDocument, type SignedDocument, writeSignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { publicKeyId } from "../../packages/image-evidence/src/verify/public-key.ts";
import { verifyDocument } from "../../packages/image-evidence/src/verify/verify.ts";
import { Cosign, cosignWays, type KeyPair } from "./cosign-support.ts";
import { LoopbackRegistry, registryKinds } from "./registry-support.ts";
import { missing } from "./support.ts";

const slsa = "https://slsa.dev/provenance/v1";
const predicate = { buildDefinition: { buildType: "https://example.com/build", externalParameters: {} }, runDetails: { builder: { id: "https://example.com/builder" } } };

/** Each tool that `cosignWays` has, in the registry that has the referrers API and in the one that has not. */
const ways = cosignWays.flatMap((way) => registryKinds.map((kind) => [way.tool, way.format, kind, way] as const));

describe.skipIf(missing("crane", "referrers-registry", "docker-registry", "cosign-2")).each(ways)("what %s attaches as %s in %s", (_tool, format, kind, way) => {
  let registry: LoopbackRegistry;
  let digest: string;
  let documents: readonly SignedDocument[];
  let signer: AcceptedSigner;

  let cosign: Cosign;
  beforeAll(async () => {
    registry = await LoopbackRegistry.start(kind);
    cosign = new Cosign(registry, way);
    digest = await registry.pushImage("app:1", `${way.tool} ${kind}`, { oci: true });
    const key = await cosign.keyPair("key");
    signer = { kind: "key", key: key.publicKey };
    documents = await signedWith(key, `${registry.host}/app@${digest}`);
  });
  afterAll(() => registry.stop());

  async function signedWith(key: KeyPair, reference: string): Promise<readonly SignedDocument[]> {
    await cosign.sign(reference, key);
    await cosign.attest(reference, key, "slsaprovenance1", predicate);
    return fetched(reference);
  }

  async function fetched(reference: string): Promise<readonly SignedDocument[]> {
    const client = new RegistryClient({ credentials: async () => undefined });
    const attachments = await fetchAttachments(client, await resolveImage(client, reference));
    expect(attachments.passedOver).toEqual([]);
    return attachments.documents.map((document) => readAttachedDocument(document, registry.host));
  }

  const ofKind = (wanted: "signature" | "attestation", signers: readonly AcceptedSigner[] = [signer], subject = digest): readonly string[] =>
    documents.map((document) => {
      const result = verifyDocument(document, { subject, signers, wanted: { kind: wanted } });
      return result.verified ? "verified" : result.code;
    }).sort();

  test("is a signature and an attestation, of the kinds that this version writes", () => {
    expect(documents.map((document) => document.kind).sort()).toEqual(format === "bundle" ? ["bundle", "bundle"] : ["dsse", "simple-signing"]);
    expect(ofKind("signature")).toEqual(["verified", "wrong-type"]);
    expect(ofKind("attestation")).toEqual(["verified", "wrong-type"]);
  });

  test("says who signed, and what", () => {
    const [signature, attestation] = (["signature", "attestation"] as const).map((kind) => documents.map((document) => verifyDocument(document, { subject: digest, signers: [signer] })).find((result) => result.verified && result.kind === kind));
    const key = publicKeyId(signer.kind === "key" ? signer.key : "");
    expect(signature).toMatchObject({ verified: true, signer: { kind: "key", key }, signature: { digest } });
    expect(attestation).toMatchObject({ verified: true, signer: { kind: "key", key }, statement: { predicateType: slsa, predicate: { runDetails: predicate.runDetails } } });
  });

  test("is judged the same when it was kept", () => {
    for (const document of documents) {
      const kept = readSignedDocument(writeSignedDocument(document), "kept");
      expect(documentDigest(kept)).toBe(documentDigest(document));
      expect(verifyDocument(kept, { subject: digest, signers: [signer] })).toEqual(verifyDocument(document, { subject: digest, signers: [signer] }));
    }
  });

  test("is not accepted of another key, nor for another image", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const stranger: AcceptedSigner = { kind: "key", key: publicKey.export({ type: "spki", format: "pem" }) as string };
    expect(ofKind("signature", [stranger])).toEqual(["untrusted-signer", "untrusted-signer"]);
    expect(ofKind("signature", [signer], `sha256:${"a".repeat(64)}`)).toEqual(["wrong-subject", "wrong-subject"]);
    expect(ofKind("signature", [stranger, signer])).toEqual(["verified", "wrong-type"]);
  });

  test.each([["P-384"], ["P-521"], ["RSA"], ["Ed25519"]] as const)("a key of kind %s is verified as well", async (name) => {
    const { privateKey, publicKey } = name === "RSA" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : name === "Ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: name });
    writeFileSync(join(registry.folder, `${name}.pem`), privateKey.export({ type: "pkcs8", format: "pem" }));
    const prefix = join(registry.folder, name);
    await registry.use(way.tool, "import-key-pair", "--key", `${prefix}.pem`, "--output-key-prefix", prefix);
    const image = await registry.pushImage(`${name.toLowerCase()}:1`, name, { oci: true });
    const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
    const found = await signedWith({ privateFile: `${prefix}.key`, publicKey: pem }, `${registry.host}/${name.toLowerCase()}@${image}`);
    const verdicts = found.map((document) => verifyDocument(document, { subject: image, signers: [{ kind: "key", key: pem }] }));
    expect(verdicts.map((result) => (result.verified ? result.kind : result.reason)).sort()).toEqual(["attestation", "signature"]);
  });
});
