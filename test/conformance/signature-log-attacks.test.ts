import { sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { verifyDocument } from "../../packages/image-evidence/src/verify/verify.ts";
import { accepted, attestation, createAuthority, dsse, dsseBody, pemOf, } from "./signature-authority.ts";
import { authority, hex, image, manifest, now, other, privateKey, publicKey, read, statement, stranger, verdict } from "./signature-case.ts";

describe("a key and the log", () => {
  const envelope = dsse(statement(), [privateKey]);
  const body = dsseBody(envelope, pemOf(publicKey));
  const logged: SignedDocument = { ...attestation(envelope), rekorBundle: authority.log(body, now) };
  const { trustedRoot } = authority;
  const required = { signers: [accepted(publicKey, true)] };

  test("an entry is needed where it is required, and gives the time", () => {
    expect(verifyDocument(logged, { subject: image, now, ...required, trustedRoot })).toMatchObject({ verified: true, signer: { kind: "key", signedAt: "2026-06-01T12:00:00Z" } });
    expect(verdict(attestation(envelope), { ...required, trustedRoot })).toBe("no-log-entry");
    expect(verdict(logged, required)).toBe("cannot-verify");
    expect(verdict(attestation(envelope), { trustedRoot })).toBe("verified");
  });

  test("without a root nothing is taken from an entry, and still it must be about this signature", () => {
    const result = verifyDocument(logged, { subject: image, now, signers: [accepted(publicKey)] });
    expect(result).toMatchObject({ verified: true, signer: { kind: "key" } });
    expect(result.verified && "signedAt" in result.signer).toBe(false);
    expect(verdict({ ...attestation(envelope), rekorBundle: authority.log(dsseBody(dsse(statement(), [privateKey]), pemOf(publicKey)), now) })).toBe("no-log-entry");
    const elsewhere = { ...envelope, payload: Buffer.from(statement([{ digest: { sha256: other } }])).toString("base64") };
    expect(verdict({ ...attestation(envelope), rekorBundle: authority.log(dsseBody(elsewhere, pemOf(publicKey)), now) })).toBe("no-log-entry");
  });

  test("a time that the log does not promise is not taken", () => {
    const { inclusionPromise: _, ...entry } = authority.entry(body, now);
    const bundle = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { publicKey: { hint: "x" }, tlogEntries: [entry] }, dsseEnvelope: envelope };
    const result = verifyDocument(read(bundle), { subject: image, now, ...required, trustedRoot });
    expect(result).toMatchObject({ verified: true });
    expect(result.verified && "signedAt" in result.signer).toBe(false);
  });

  test("an entry that does not hold is refused, even where none is required", () => {
    const foreign = createAuthority(now).log(body, now);
    expect(verdict({ ...attestation(envelope), rekorBundle: foreign }, { trustedRoot })).toBe("no-log-entry");
    expect(verdict({ ...attestation(envelope), rekorBundle: authority.log(dsseBody(envelope, pemOf(stranger.publicKey)), now) }, { trustedRoot })).toBe("no-log-entry");
    expect(verdict({ ...attestation(envelope), rekorBundle: authority.log(body, now + 600_000) }, { trustedRoot })).toBe("no-log-entry");
  });
});

describe("a bundle over the manifest itself", () => {
  const signature = sign("sha256", Buffer.from(manifest), privateKey).toString("base64");
  const bundle = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", verificationMaterial: { publicKey: { hint: "x" } }, messageSignature: { messageDigest: { algorithm: "SHA2_256", digest: Buffer.from(hex, "hex").toString("base64") }, signature } };

  test("is a signature where the manifest is at hand, and it is the image's", () => {
    expect(verdict(read(bundle), { artifact: Buffer.from(manifest), wanted: { kind: "signature" } })).toBe("verified");
    expect(verdict(read(bundle))).toBe("cannot-verify");
    expect(verdict(read(bundle), { artifact: Buffer.from(`${manifest} `) })).toBe("bad-signature");
    expect(verdict(read(bundle), { artifact: Buffer.from(manifest), subject: `sha256:${other}` })).toBe("wrong-subject");
  });
});
