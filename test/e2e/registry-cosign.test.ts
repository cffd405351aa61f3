import { createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchAttachments, type UnverifiedDocument } from "../../packages/image-evidence/src/registry/attachments.ts";
import { RegistryClient } from "../../packages/image-evidence/src/registry/client.ts";
import { resolveImage } from "../../packages/image-evidence/src/registry/image.ts";
import { Cosign, type CosignWay, cosignWays, type KeyPair } from "./cosign-support.ts";
import { LoopbackRegistry, type RegistryKind, registryKinds } from "./registry-support.ts";
import { missing } from "./support.ts";

const provenance = {
  buildDefinition: { buildType: "https://example.com/build/v1", externalParameters: {}, resolvedDependencies: [{ uri: "git+https://example.com/team/app", digest: { gitCommit: "a".repeat(40) } }] },
  runDetails: { builder: { id: "https://example.com/builder" } },
};

interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string }[];
}

/** Whether a key signed the document. Written anew here: it is what shows that the bytes arrived as they were signed. */
function isSignedBy(document: UnverifiedDocument, key: KeyPair): boolean {
  const publicKey = createPublicKey(key.publicKey);
  if (document.kind === "simple-signing") return verify("sha256", document.bytes, publicKey, Buffer.from(document.annotations["dev.cosignproject.cosign/signature"] ?? "", "base64"));
  const { payload, payloadType, signatures } = envelopeOf(document);
  const body = Buffer.from(payload, "base64");
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${body.length} `), body]);
  return verify("sha256", encoded, publicKey, Buffer.from(signatures[0]?.sig ?? "", "base64"));
}

function envelopeOf(document: UnverifiedDocument): Envelope {
  const value = JSON.parse(document.bytes.toString("utf8")) as Envelope & { readonly dsseEnvelope: Envelope };
  return document.kind === "sigstore-bundle" ? value.dsseEnvelope : value;
}

function statementOf(document: UnverifiedDocument): { readonly predicateType: string; readonly predicate: unknown; readonly subject: readonly { readonly digest: { readonly sha256: string } }[] } {
  return JSON.parse(Buffer.from(envelopeOf(document).payload, "base64").toString("utf8")) as ReturnType<typeof statementOf>;
}

function sourcesOf(kind: RegistryKind, { format }: CosignWay): readonly string[] {
  if (format === "tag") return ["attestation-tag", "signature-tag"];
  return kind === "docker-registry" ? ["referrers-tag", "referrers-tag"] : ["referrers", "referrers"];
}

describe.skipIf(missing("crane", "cosign-2", "cosign-3", "docker-registry", "referrers-registry")).each(registryKinds)("what cosign attaches in %s", (kind) => {
  let registry: LoopbackRegistry;
  beforeAll(async () => {
    registry = await LoopbackRegistry.start(kind);
  });
  afterAll(() => registry.stop());
  const client = (): RegistryClient => new RegistryClient({ credentials: async () => undefined });

  test.each(cosignWays.map((way) => [way.tool, way.format, way] as const))("%s, as %s: a signature and provenance arrive as they were signed", async (tool, format, way) => {
    const name = `${tool}/${format}`;
    const digest = await registry.pushImage(`${name}:1`, name, { oci: true });
    const cosign = new Cosign(registry, way);
    const [key, other] = [await cosign.keyPair(`${tool}-${format}`), await cosign.keyPair(`${tool}-${format}-other`)];
    await cosign.sign(`${registry.host}/${name}@${digest}`, key);
    await cosign.attest(`${registry.host}/${name}@${digest}`, key, "slsaprovenance1", provenance);
    const one = client();
    const image = await resolveImage(one, `${registry.host}/${name}:1`);
    expect(image.digest).toBe(digest);
    const { documents, passedOver } = await fetchAttachments(one, image);
    expect(passedOver).toEqual([]);
    expect(documents.map(({ source }) => source).sort()).toEqual(sourcesOf(kind, way));
    expect(documents.map((document) => [isSignedBy(document, key), isSignedBy(document, other)])).toEqual([[true, false], [true, false]]);
    const statements = documents.filter((document) => document.kind !== "simple-signing").map(statementOf);
    for (const { subject } of statements) expect(subject[0]?.digest.sha256).toBe(digest.slice("sha256:".length));
    expect(statements.find(({ predicateType }) => predicateType === "https://slsa.dev/provenance/v1")?.predicate).toMatchObject(provenance);
    const signature = documents.find((document) => document.kind === "simple-signing");
    if (format === "bundle") expect(statements.map(({ predicateType }) => predicateType).sort()).toEqual(["https://sigstore.dev/cosign/sign/v1", "https://slsa.dev/provenance/v1"]);
    else expect(JSON.parse(signature?.bytes.toString() ?? "")).toMatchObject({ critical: { image: { "docker-manifest-digest": digest }, type: "cosign container image signature" } });
  });

  test("all ways on one image, and on another image nothing", async () => {
    const digest = await registry.pushImage("all:1", "all", { oci: true });
    for (const way of cosignWays) {
      const cosign = new Cosign(registry, way);
      await cosign.sign(`${registry.host}/all@${digest}`, await cosign.keyPair(`all-${way.tool}-${way.format}`));
    }
    await registry.pushImage("all:2", "another", { oci: true });
    const one = client();
    const [signed, unsigned] = await Promise.all(["1", "2"].map(async (tag) => fetchAttachments(one, await resolveImage(one, `${registry.host}/all:${tag}`))));
    expect(signed?.documents.map(({ kind: each }) => each).sort()).toEqual(cosignWays.map(({ format }) => (format === "bundle" ? "sigstore-bundle" : "simple-signing")).sort());
    expect(unsigned?.documents).toEqual([]);
  });
});
