import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { DocumentError } from "../read/document-error.ts";
import { documentDigest, readAttachedDocument, readSignedDocument, type SignedDocument, writeSignedDocument } from "./document.ts";

const b64 = (text: string): string => Buffer.from(text).toString("base64");
const envelope = { payloadType: "application/vnd.in-toto+json", payload: b64("{}"), signatures: [{ keyid: "", sig: b64("sig") }] };
const bundle = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { publicKey: { hint: "x" } }, dsseEnvelope: envelope };
const rekorBundle = { SignedEntryTimestamp: b64("set"), Payload: { body: b64("{}"), integratedTime: 1, logIndex: 2, logID: "a".repeat(64) } };
const kept = { kind: "simple-signing", payload: "{}", signature: b64("sig"), certificate: "PEM", chain: "PEM", rekorBundle, timestamp: b64("ts") };

const read = (text: string | object): SignedDocument => readSignedDocument(Buffer.from(typeof text === "string" ? text : JSON.stringify(text)), "d.json");

describe("a signed document", () => {
  test.each<readonly [string, object]>([["bundle", bundle], ["envelope", envelope], ["kept signature", kept], ["kept envelope", { kind: "dsse", envelope: JSON.stringify(envelope, null, 2) }]])("is the same when it was written and read: %s", (_, value) => {
    const document = read(value);
    const written = writeSignedDocument(document);
    expect(readSignedDocument(written, "d.json")).toEqual(document);
    expect(writeSignedDocument(readSignedDocument(written, "d.json"))).toEqual(written);
    expect(documentDigest(document)).toBe(`sha256:${createHash("sha256").update(written).digest("hex")}`);
  });

  test("has one digest, however a bundle is laid out", () => {
    const digest = documentDigest(read(bundle));
    const { mediaType, ...rest } = bundle;
    expect(documentDigest(read({ ...rest, mediaType }))).toBe(digest);
    expect(documentDigest(read(JSON.stringify(bundle, null, 2)))).toBe(digest);
    expect(documentDigest(read({ ...bundle, verificationMaterial: { ...bundle.verificationMaterial, tlogEntries: [], timestampVerificationData: null } }))).toBe(digest);
    expect(documentDigest(read({ ...bundle, verificationMaterial: { publicKey: { hint: "y" } } }))).not.toBe(digest);
  });

  test("keeps the envelope byte for byte", () => {
    const text = ` ${JSON.stringify(envelope, null, 3)}\n`;
    expect(read(text)).toEqual({ kind: "dsse", envelope: text });
  });

  test.each<readonly [string, string | object, string]>([
    ["something after the end", `${JSON.stringify(envelope)} x`, "a JSON document"],
    ["two documents", JSON.stringify(envelope).repeat(2), "a JSON document"],
    ["a key twice", JSON.stringify(envelope).replace("{", '{"payload":"AAAA",'), "each name of an object once"],
    ["a key twice, once escaped", JSON.stringify(envelope).replace("{", '{"p\\u0061yload":"AAAA",'), "each name of an object once"],
    ["a key twice in a bundle", JSON.stringify(bundle).replace('"dsseEnvelope"', '"dsseEnvelope":{},"dsseEnvelope"'), "each name of an object once"],
    ["a payload without padding", { ...envelope, payload: "YQ" }, "payload: expected base64"],
    ["a payload in the alphabet of URLs", { ...envelope, payload: "-_-_" }, "payload: expected base64"],
    ["a payload with a line break", { ...envelope, payload: "YWFh\nYWFh" }, "payload: expected base64"],
    ["a payload with bits left over", { ...envelope, payload: "YR==" }, "payload: expected base64"],
    ["a signature with bits left over", { ...envelope, signatures: [{ sig: "YR==" }] }, "signatures[0].sig: expected base64"],
    ["a bundle's signature with bits left over", { ...bundle, dsseEnvelope: { ...envelope, signatures: [{ sig: "YR==" }] } }, "canonical form"],
    ["nine signatures", { ...envelope, signatures: Array(9).fill({ sig: "YWFh" }) }, "1 to 8 signatures"],
    ["an unknown field of a bundle", { ...bundle, extra: 1 }, "known fields only"],
    ["an unknown field deep in a bundle", { ...bundle, verificationMaterial: { publicKey: { hint: "x", key: "y" } } }, "known fields only"],
    ["two contents of a bundle", { ...bundle, messageSignature: { messageDigest: { algorithm: "SHA2_256", digest: "AAAA" }, signature: "AAAA" } }, "known fields only"],
    ["two materials of a bundle", { ...bundle, verificationMaterial: { publicKey: { hint: "x" }, certificate: { rawBytes: "AAAA" } } }, "known fields only"],
    ["a bundle of a later version", { ...bundle, mediaType: "application/vnd.dev.sigstore.bundle.v0.4+json" }, "version 0.1, 0.2 or 0.3"],
    ["a bundle of a version with something after it", { ...bundle, mediaType: `${bundle.mediaType};x` }, "version 0.1, 0.2 or 0.3"],
    ["an unknown field of a kept document", { ...kept, verified: true }, "only kind"],
    ["another kind", { ...kept, kind: "verified" }, 'kind: expected "dsse" or "simple-signing"'],
    ["an entry with a time that is no number", { ...kept, rekorBundle: { ...rekorBundle, Payload: { ...rekorBundle.Payload, integratedTime: "1" } } }, "rekorBundle.Payload.integratedTime: expected a whole number"],
    ["an entry of an index below nothing", { ...kept, rekorBundle: { ...rekorBundle, Payload: { ...rekorBundle.Payload, logIndex: -1 } } }, "rekorBundle.Payload.logIndex: expected a whole number"],
    ["a list", [envelope], "expected an object"],
    ["an object of another kind", { a: 1 }, "a sigstore bundle, a DSSE envelope"],
  ])("is refused with %s", (_, value, message) => {
    expect(() => read(value)).toThrow(DocumentError);
    expect(() => read(value)).toThrow(message);
  });
});

describe("what is attached to an image", () => {
  const annotations = {
    "dev.cosignproject.cosign/signature": b64("sig"),
    "dev.sigstore.cosign/certificate": "PEM",
    "dev.sigstore.cosign/chain": "PEM",
    "dev.sigstore.cosign/bundle": JSON.stringify(rekorBundle),
    "dev.sigstore.cosign/rfc3161timestamp": JSON.stringify({ SignedRFC3161Timestamp: b64("ts") }),
    predicateType: "https://slsa.dev/provenance/v1",
  };
  const simple = { mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", bytes: Buffer.from("{}"), annotations };

  test("is what is kept", () => {
    expect(readAttachedDocument(simple, "l")).toEqual(kept);
    expect(readAttachedDocument({ mediaType: "application/vnd.dsse.envelope.v1+json", bytes: Buffer.from(JSON.stringify(envelope)), annotations: { predicateType: "x", "dev.cosignproject.cosign/signature": "" } }, "l")).toEqual({ kind: "dsse", envelope: JSON.stringify(envelope) });
  });

  test("a bundle is read as one, and an envelope by any of its media types", () => {
    const attached = (mediaType: string, value: object): SignedDocument => readAttachedDocument({ mediaType, bytes: Buffer.from(JSON.stringify(value)), annotations: {} }, "a");
    expect(attached("application/vnd.dev.sigstore.bundle.v0.3+json", bundle)).toEqual(read(bundle));
    expect(() => attached("application/vnd.dev.sigstore.bundle.v0.3+json", envelope)).toThrow("as its media type says");
    expect(attached("application/vnd.in-toto+json", envelope)).toEqual(read(envelope));
    expect(() => attached("application/vnd.in-toto+json", { _type: "https://in-toto.io/Statement/v1", subject: [] })).toThrow(DocumentError);
  });

  test.each<readonly [string, Partial<Parameters<typeof readAttachedDocument>[0]>, string]>([
    ["another media type", { mediaType: "application/octet-stream" }, "a bundle, a DSSE envelope or a simple signing payload"],
    ["no signature", { annotations: {} }, "an annotation dev.cosignproject.cosign/signature"],
    ["a signature that is not base64", { annotations: { "dev.cosignproject.cosign/signature": "x y" } }, "base64"],
    ["an entry that is no JSON", { annotations: { ...annotations, "dev.sigstore.cosign/bundle": "{" } }, "a JSON document"],
    ["a payload that is not text", { bytes: Buffer.from([0xff]) }, "text in UTF-8"],
  ])("is refused with %s", (_, changed, message) => {
    expect(() => readAttachedDocument({ ...simple, ...changed }, "l")).toThrow(message);
  });
});
