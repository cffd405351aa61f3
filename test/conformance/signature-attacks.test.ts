import { sign } from "node:crypto";
import type { AcceptedSigner, RejectionCode } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { DocumentError } from "../../packages/image-evidence/src/read/document-error.ts";
import type { JsonObject } from "../../packages/image-evidence/src/verify/canonical.ts";
import type { SignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { preAuthEncoding } from "../../packages/image-evidence/src/verify/open.ts";
import { publicKeyId } from "../../packages/image-evidence/src/verify/public-key.ts";
import { type VerifyOptions, verifyDocument } from "../../packages/image-evidence/src/verify/verify.ts";
import { accepted, attestation, type Certificate, createAuthority, der, dsse, dsseBody, extension, hashedBody, type Issue, imageSignature, newKey, pemOf, sha256, uri } from "./signature-authority.ts";
import { acme, authority, hex, identity, image, now, other, privateKey, publicKey, read, simple, slsa, statement, stranger, verdict, type Subject } from "./signature-case.ts";


describe("with a key", () => {
  const good = dsse(statement(), [privateKey]);

  test("an attestation is verified", () => {
    expect(verifyDocument(attestation(good), { subject: image, signers: [accepted(publicKey)], name: "registry.test/app" })).toMatchObject({
      verified: true, kind: "attestation", signer: { kind: "key", key: publicKeyId(pemOf(publicKey)) }, statement: { predicateType: slsa, predicate: { a: 1 }, proof: { name: "registry.test/app" } },
    });
  });

  test("a signature on the image is verified", () => {
    expect(verifyDocument(imageSignature(simple(image), privateKey), { subject: image, signers: [accepted(publicKey)] })).toEqual({
      verified: true, kind: "signature", signer: { kind: "key", key: publicKeyId(pemOf(publicKey)) }, signature: { digest: image, annotations: { team: "a" } },
    });
  });

  test("a signature as cosign 3 makes it has its remarks at the subject", () => {
    const subject = [{ digest: { sha256: other }, annotations: { team: "b" } }, { digest: { sha256: hex }, annotations: { team: "a", count: 1 } }];
    const signature = attestation(dsse(statement(subject, "https://sigstore.dev/cosign/sign/v1"), [privateKey]));
    expect(verifyDocument(signature, { subject: image, signers: [accepted(publicKey)] })).toMatchObject({ verified: true, kind: "signature", signature: { digest: image, annotations: { team: "a" } } });
  });

  test("any of several digests may be the image", () => {
    expect(verdict(attestation(good), { subject: [`sha256:${other}`, image] })).toBe("verified");
    expect(verdict(attestation(good), { subject: [] })).toBe("cannot-verify");
    expect(verdict(attestation(good), { subject: image.slice(0, 40) })).toBe("cannot-verify");
  });

  test("without an accepted signer nothing is verified", () => {
    expect(verdict(attestation(good), { signers: [] })).toBe("untrusted-signer");
  });

  test("a signature by another key is not accepted", () => {
    expect(verdict(attestation(dsse(statement(), [stranger.privateKey])))).toBe("untrusted-signer");
    expect(verdict(imageSignature(simple(image), stranger.privateKey))).toBe("untrusted-signer");
  });

  test("a key's hint and id are not taken for a key", () => {
    const material = { publicKey: { hint: publicKeyId(pemOf(publicKey)) }, tlogEntries: [] };
    const bundle = (envelope: unknown): unknown => ({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: material, dsseEnvelope: envelope });
    const { signatures, ...rest } = dsse(statement(), [stranger.privateKey]);
    expect(verdict(read(bundle({ ...rest, signatures: signatures.map((signature) => ({ ...signature, keyid: publicKeyId(pemOf(publicKey)) })) })))).toBe("untrusted-signer");
    expect(verdict(read(bundle(good)))).toBe("verified");
  });

  test("a swapped payload type does not verify", () => {
    expect(verdict(attestation({ ...dsse(statement(), [privateKey], "text/plain"), payloadType: "application/vnd.in-toto+json" }))).toBe("untrusted-signer");
    expect(verdict(attestation({ ...good, payloadType: "text/plain" }))).toBe("malformed");
    expect(verdict(attestation(dsse(statement(), [privateKey], "text/plain")))).toBe("malformed");
  });

  test("lengths of the encoding are those of bytes, and cannot be moved between type and payload", () => {
    const wide = statement([{ name: "app\u00e9\u{1f4e6}", digest: { sha256: hex } }]);
    expect(verdict(attestation(dsse(wide, [privateKey])))).toBe("verified");
    const type = "application/vnd.in-toto+json";
    const forged = (signed: string): SignedDocument => attestation({ payloadType: type, payload: Buffer.from(wide).toString("base64"), signatures: [{ sig: sign("sha256", Buffer.from(signed), privateKey).toString("base64"), keyid: "" }] });
    expect(verdict(forged(`DSSEv1 ${type.length} ${type} ${wide.length} ${wide}`))).toBe("untrusted-signer");
    expect(verdict(forged(`DSSEv1 ${type} ${wide}`))).toBe("untrusted-signer");
    expect(verdict(forged(wide))).toBe("untrusted-signer");
    expect(verdict(attestation({ ...dsse(`${wide.length} ${wide}`, [privateKey], type), payload: Buffer.from(wide).toString("base64") }))).toBe("untrusted-signer");
  });

  test("what was signed as the one is not taken for the other", () => {
    const raw = { ...attestation(good), kind: "simple-signing" as const, payload: statement(), signature: sign("sha256", Buffer.from(statement()), privateKey).toString("base64") };
    expect(verdict(raw)).toBe("malformed");
    expect(verdict({ kind: "simple-signing", payload: preAuthEncoding("application/vnd.in-toto+json", Buffer.from(statement())).toString(), signature: good.signatures[0]?.sig ?? "" })).toBe("malformed");
    expect(verdict(attestation(good), { wanted: { kind: "signature" } })).toBe("wrong-type");
    expect(verdict(imageSignature(simple(image), privateKey), { wanted: { kind: "attestation" } })).toBe("wrong-type");
    expect(verdict(imageSignature(simple(image, "atomic container signature"), privateKey))).toBe("wrong-type");
    const signature = attestation(dsse(statement(undefined, "https://sigstore.dev/cosign/sign/v1"), [privateKey]));
    expect(verdict(signature, { wanted: { kind: "attestation", predicateTypes: ["https://sigstore.dev/cosign/sign/v1"] } })).toBe("wrong-type");
    expect(verdict(signature, { wanted: { kind: "signature" } })).toBe("verified");
  });

  test("of two signatures one that is accepted is enough, wherever it stands", () => {
    expect(verdict(attestation(dsse(statement(), [stranger.privateKey, privateKey])))).toBe("verified");
    expect(verdict(attestation(dsse(statement(), [privateKey, stranger.privateKey])))).toBe("verified");
    expect(verdict(attestation(dsse(statement(), [stranger.privateKey, newKey().privateKey])))).toBe("untrusted-signer");
    // In a bundle nobody could say which of them its log entry is about.
    const bundle = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { publicKey: { hint: "x" } }, dsseEnvelope: dsse(statement(), [privateKey, stranger.privateKey]) };
    expect(() => read(bundle)).toThrow(DocumentError);
  });

  test.each<readonly [string, readonly Subject[], "verified" | RejectionCode]>([
    ["another image", [{ name: "app", digest: { sha256: other } }], "wrong-subject"],
    ["several images, of which one is this", [{ name: "a", digest: { sha256: other } }, { name: "b", digest: { sha256: hex } }], "verified"],
    ["one image twice", [{ name: "a", digest: { sha256: hex } }, { name: "a", digest: { sha256: hex } }], "verified"],
    ["one name with two digests", [{ name: "a", digest: { sha256: other } }, { name: "a", digest: { sha256: hex } }], "wrong-subject"],
    ["a digest of another algorithm", [{ name: "a", digest: { sha512: hex } }], "wrong-subject"],
    ["a digest that is cut short", [{ name: "a", digest: { sha256: hex.slice(0, 63) } }], "malformed"],
    ["a digest in capitals", [{ name: "a", digest: { sha256: hex.toUpperCase() } }], "malformed"],
    ["the digest as a name", [{ name: image, digest: { sha256: other } }], "wrong-subject"],
    ["no subject", [], "malformed"],
  ])("a statement about %s", (_, subject, expected) => {
    expect(verdict(attestation(dsse(statement(subject), [privateKey])))).toBe(expected);
  });

  test("a signature on another image is not one on this", () => {
    expect(verdict(imageSignature(simple(`sha256:${other}`), privateKey))).toBe("wrong-subject");
    expect(verdict(imageSignature(simple(image.slice(0, -1)), privateKey))).toBe("wrong-subject");
    expect(verdict(imageSignature(simple(hex), privateKey))).toBe("wrong-subject");
  });

  test("a statement of another type than asked for is not accepted", () => {
    expect(verdict(attestation(good), { wanted: { kind: "attestation", predicateTypes: [slsa] } })).toBe("verified");
    expect(verdict(attestation(good), { wanted: { kind: "attestation", predicateTypes: [`${slsa}.1`, "https://slsa.dev/provenance"] } })).toBe("wrong-type");
  });

  test("a key that stands twice is refused in the statement too", () => {
    const twice = statement().replace('"predicateType"', `"subject":[{"name":"x","digest":{"sha256":"${hex}"}}],"predicateType"`);
    expect(verdict(attestation(dsse(twice, [privateKey])))).toBe("malformed");
    expect(verdict(attestation(dsse(`${statement()}{}`, [privateKey])))).toBe("malformed");
    expect(verdict(imageSignature(simple(image).replace('"optional"', '"critical":{},"optional"'), privateKey))).toBe("malformed");
  });

  test("no reason has anything of the content, or of a key that cannot be used", () => {
    const secret = "hunter2-very-secret";
    const hostile = attestation(dsse(statement([{ name: secret, digest: { sha256: secret } }], secret), [privateKey]));
    expect(JSON.stringify(verifyDocument(hostile, { subject: image, signers: [accepted(publicKey)] }))).not.toContain(secret);
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
    const result = verifyDocument(attestation(good), { subject: image, signers: [{ kind: "key", key: pem }] });
    expect(result).toMatchObject({ verified: false, code: "cannot-verify", reason: expect.stringContaining("[0].key is a private key") });
    expect(JSON.stringify(result)).not.toContain(pem.split("\n")[1]);
  });
});

describe("what is not signed", () => {
  test.each<readonly [string, unknown]>([
    ["a bare statement", JSON.parse(statement())],
    ["an envelope without a signature", { ...dsse(statement(), []) }],
    ["an envelope with an empty signature", { ...dsse(statement(), []), signatures: [{ sig: "", keyid: "" }] }],
    ["a bundle without a signature", { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { publicKey: { hint: "x" } }, dsseEnvelope: dsse(statement(), []) }],
    ["a bundle without a word of who signed", { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: {}, dsseEnvelope: dsse(statement(), [privateKey]) }],
    ["a scanner's report", { SchemaVersion: 2, ArtifactName: "app", Metadata: { RepoDigests: [`app@${image}`] } }],
  ])("is no signed document: %s", (_, value) => {
    expect(() => read(value)).toThrow(DocumentError);
  });
});

describe("with a certificate", () => {
  const cert = authority.issue({ names: identity, from: now - 60_000 });
  const signed = (by: Certificate, at: number, subject?: readonly Subject[]): Extract<SignedDocument, { kind: "dsse" }> => {
    const envelope = dsse(statement(subject), [by.key]);
    return { ...attestation(envelope), certificate: by.pem, rekorBundle: authority.log(dsseBody(envelope, by.pem), at) };
  };
  const options: Partial<VerifyOptions> = { signers: [acme], trustedRoot: authority.trustedRoot };

  test("an attestation and a signature are verified, with the time that the log gives", () => {
    expect(verifyDocument(signed(cert, now), { subject: image, now, signers: [acme], trustedRoot: authority.trustedRoot })).toMatchObject({
      verified: true, signer: { kind: "certificate", identity, issuer: "https://issuer.test", signedAt: "2026-06-01T12:00:00Z" },
    });
    const signature = imageSignature(simple(image), cert.key);
    expect(verdict({ ...signature, certificate: cert.pem, rekorBundle: authority.log(hashedBody(signature, cert.pem), now) }, options)).toBe("verified");
  });

  test("so is a bundle, with promise and proof", () => {
    const envelope = dsse(statement(undefined, "https://sigstore.dev/cosign/sign/v1"), [cert.key]);
    const bundle = (entry: JsonObject): unknown => ({ mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { certificate: { rawBytes: cert.der.toString("base64") }, tlogEntries: [entry] }, dsseEnvelope: envelope });
    const entry = authority.entry(dsseBody(envelope, cert.pem), now);
    expect(verdict(read(bundle(entry)), { ...options, wanted: { kind: "signature" } })).toBe("verified");
    const { inclusionPromise: _, ...unpromised } = entry;
    // In the log, but nobody says when.
    expect(verdict(read(bundle(unpromised)), options)).toBe("no-log-entry");
    expect(verdict(read(bundle({ ...entry, integratedTime: String(now / 1000 + 1) })), options)).toBe("no-log-entry");
    const proof = entry["inclusionProof"] as JsonObject;
    expect(verdict(read(bundle({ ...entry, inclusionProof: { ...proof, hashes: [sha256("x").toString("base64")] } })), options)).toBe("no-log-entry");
    expect(verdict(read({ ...(bundle(entry) as JsonObject), verificationMaterial: { certificate: { rawBytes: cert.der.toString("base64") }, tlogEntries: [entry, entry] } }), options)).toBe("no-log-entry");
  });

  test("without a trusted root, or with another, nothing is", () => {
    expect(verdict(signed(cert, now), { signers: [acme] })).toBe("cannot-verify");
    expect(verdict(signed(cert, now), { signers: [acme], trustedRoot: "{}" })).toBe("cannot-verify");
    expect(verdict(signed(cert, now), { signers: [acme], trustedRoot: createAuthority(now).trustedRoot })).toBe("untrusted-signer");
  });

  test("the signature must fit, and be on this image", () => {
    const envelope = dsse(statement(), [stranger.privateKey]);
    expect(verdict({ ...attestation(envelope), certificate: cert.pem, rekorBundle: authority.log(dsseBody(envelope, cert.pem), now) }, options)).toBe("bad-signature");
    expect(verdict(signed(cert, now, [{ digest: { sha256: other } }]), options)).toBe("wrong-subject");
    const two = dsse(statement(), [cert.key, stranger.privateKey]);
    expect(verdict({ ...attestation(two), certificate: cert.pem, rekorBundle: authority.log(dsseBody(two, cert.pem), now) }, options)).toBe("malformed");
  });

  test("an entry of the log is needed, and must be about this very signature", () => {
    const { rekorBundle, ...unlogged } = signed(cert, now);
    expect(verdict(unlogged, options)).toBe("no-log-entry");
    expect(verdict({ ...unlogged, ...(signed(cert, now).rekorBundle === undefined ? {} : { rekorBundle: signed(cert, now, [{ digest: { sha256: other } }]).rekorBundle as NonNullable<typeof rekorBundle> }) }, options)).toBe("no-log-entry");
    const envelope = JSON.parse(unlogged.envelope) as ReturnType<typeof dsse>;
    const entryOf = (body: JsonObject): SignedDocument => ({ ...unlogged, rekorBundle: authority.log(body, now) });
    expect(verdict(entryOf(dsseBody(envelope, cert.pem)), options)).toBe("verified");
    expect(verdict(entryOf(dsseBody({ ...envelope, payload: Buffer.from(statement([{ digest: { sha256: other } }])).toString("base64") }, cert.pem)), options)).toBe("no-log-entry");
    expect(verdict(entryOf(dsseBody(envelope, authority.issue({ names: identity, from: now }).pem)), options)).toBe("no-log-entry");
    expect(verdict(entryOf({ ...dsseBody(envelope, cert.pem), kind: "rpm" }), options)).toBe("no-log-entry");
  });

  test("the log's promise must hold", () => {
    const document = signed(cert, now);
    const { rekorBundle } = document;
    if (rekorBundle === undefined) throw new Error("expected an entry");
    expect(verdict({ ...document, rekorBundle: { ...rekorBundle, Payload: { ...rekorBundle.Payload, integratedTime: rekorBundle.Payload.integratedTime - 1 } } }, options)).toBe("no-log-entry");
    expect(verdict({ ...document, rekorBundle: { ...rekorBundle, Payload: { ...rekorBundle.Payload, logID: other } } }, options)).toBe("no-log-entry");
  });

  test.each([[-60_001, "untrusted-signer"], [-60_000, "verified"], [540_000, "verified"], [541_000, "untrusted-signer"]] as const)("a certificate counts while it is valid: signed %d ms from now", (offset, expected) => {
    expect(verdict(signed(cert, now + offset), { ...options, now: now + 600_000 })).toBe(expected);
  });

  test("the future is refused, but for five minutes of clocks that differ", () => {
    expect(verdict(signed(cert, now + 300_000), options)).toBe("verified");
    expect(verdict(signed(cert, now + 301_000), options)).toBe("no-log-entry");
  });

  test.each<readonly [string, Partial<Extract<AcceptedSigner, { kind: "certificate" }>>, "verified" | RejectionCode]>([
    ["a part of the name", { identity: { exact: "acme/app" } }, "untrusted-signer"],
    ["its beginning", { identity: { exact: identity.slice(0, -1) } }, "untrusted-signer"],
    ["a pattern of a part", { identity: { pattern: "acme/app" } }, "untrusted-signer"],
    ["a pattern of all", { identity: { pattern: "https://github\\.com/acme/app/.+@refs/heads/main" } }, "verified"],
    ["alternatives, of which one is a part", { identity: { pattern: "https://github|https://github\\.com/acme/.*" } }, "verified"],
    ["alternatives that are all parts", { identity: { pattern: "https://github|.*heads/ma" } }, "untrusted-signer"],
    ["a pattern that would go on for ever", { identity: { pattern: "(?:[a-z:/@._-]+)+!" } }, "untrusted-signer"],
    ["a pattern that closes our parenthesis", { identity: { pattern: "x)|(?:.*" } }, "cannot-verify"],
    ["a pattern that everybody matches", { identity: { pattern: ".*" } }, "cannot-verify"],
    ["a pattern that nobody can bound", { identity: { pattern: "(https).*\\1" } }, "cannot-verify"],
    ["another issuer", { issuer: "https://issuer.test.evil.test" }, "untrusted-signer"],
    ["a part of the issuer", { issuer: "https://issuer" }, "untrusted-signer"],
    ["no issuer", { issuer: "" }, "cannot-verify"],
  ])("an accepted signer with %s", (_, changed, expected) => {
    expect(verdict(signed(cert, now), { ...options, signers: [{ ...acme, ...changed } as AcceptedSigner] })).toBe(expected);
  });

  test.each<readonly [string, Partial<Issue>]>([
    ["of an authority", { extra: [extension("2.5.29.19", der(0x30, der(1, Buffer.from([255]))))] }],
    ["that is not for signing code", { usage: "1.3.6.1.5.5.7.3.1" }],
    ["with two names", { names: [uri(identity), uri("https://evil.test")] }],
    ["with two names, the other way round", { names: [uri("https://evil.test"), uri(identity)] }],
    ["without a name", { names: [] }],
    // The eighth bit of every byte is dropped by a reader that takes it for ASCII.
    ["with a name that looks alike without its high bits", { names: [uri(identity.replace("acme", "\u00e1cme"))] }],
    ["with a name that goes on after a NUL", { names: `${identity}\0.evil.test` }],
    ["with an extension twice", { extra: [extension("1.3.6.1.4.1.57264.1.8", der(12, Buffer.from("https://evil.test")))] }],
  ])("a certificate %s is refused", (_, changed) => {
    expect(verdict(signed(authority.issue({ names: identity, from: now - 60_000, ...changed }), now), options)).toBe("malformed");
  });

  test("a certificate does not stand in for a key, nor a key for a certificate", () => {
    expect(verdict(signed(cert, now), { trustedRoot: authority.trustedRoot })).toBe("untrusted-signer");
    expect(verdict(attestation(dsse(statement(), [privateKey])), options)).toBe("untrusted-signer");
  });
});
