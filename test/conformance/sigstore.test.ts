import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AcceptedSigner, RejectionCode } from "@bulkhead/core";
import { describe, expect, test } from "vitest";
import { parseBundle } from "../../packages/image-evidence/src/verify/bundle.ts";
import { certificateIdentity } from "../../packages/image-evidence/src/verify/certificate.ts";
import { DocumentError } from "../../packages/image-evidence/src/read/document-error.ts";
import { readSignedDocument, type SignedDocument, writeSignedDocument } from "../../packages/image-evidence/src/verify/document.ts";
import { sigstoreVerify } from "../../packages/image-evidence/src/verify/sigstore.ts";
import { type VerifyOptions, verifyDocument } from "../../packages/image-evidence/src/verify/verify.ts";
import { sharedData } from "../e2e/support.ts";

const folder = join(sharedData, "sigstore");
const cases = join(folder, "sigstore-conformance/test/assets/bundle-verify");
const go = join(folder, "sigstore-go/pkg/testing/data");
if (!existsSync(folder)) process.stderr.write("skipped for want of ../shared/data/sigstore: sigstore's own bundles\n");

const github = "https://token.actions.githubusercontent.com";
const beacon: AcceptedSigner = {
  kind: "certificate",
  issuer: github,
  identity: { exact: "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main" },
};
const by = (identity: string, issuer: string): AcceptedSigner => ({ kind: "certificate", issuer, identity: { exact: identity } });
const text = (file: string): string => readFileSync(file, "utf8");
const digestOf = (bytes: Uint8Array | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

type Verdict = "verified" | RejectionCode;

function judge(bytes: Uint8Array, options: VerifyOptions): Verdict {
  let document: SignedDocument;
  try {
    document = readSignedDocument(bytes, "bundle");
  } catch (error) {
    if (error instanceof DocumentError) return "malformed";
    throw error;
  }
  const result = verifyDocument(document, options);
  // What is kept beside a lockfile must be judged as what was fetched.
  const kept = writeSignedDocument(document);
  const again = readSignedDocument(kept, "kept");
  if (!writeSignedDocument(again).equals(kept)) throw new Error("a kept document changes when it is written again");
  expect(verifyDocument(again, options)).toEqual(result);
  return result.verified ? "verified" : result.code;
}

describe.skipIf(!existsSync(cases))("sigstore's conformance bundles", () => {
  /** The reason that each one is refused for: a bundle that is refused for another one tests nothing. */
  const expected: { readonly [name: string]: Verdict } = {
    "bundle-empty-certificate-chain_fail": "malformed",
    "bundle-from-wrong-instance_fail": "untrusted-signer",
    "bundle-invalid-base64-signature_fail": "malformed",
    "bundle-malformed-json_fail": "malformed",
    "bundle-negative-log-index_fail": "malformed",
    "bundle-unknown-version_fail": "malformed",
    "bundle-with-root-cert_fail": "malformed",
    "bundle-with-sct-with-extensions": "verified",
    "checkpoint-bad-keyhint_fail": "no-log-entry",
    "checkpoint-wrong-roothash_fail": "no-log-entry",
    "dsse-invalid-sig_fail": "bad-signature",
    "dsse-mismatch-envelope_fail": "no-log-entry",
    "happy-path-v0.2": "verified",
    "happy-path-v0.3": "verified",
    "happy-path-v0.3-new-mediaType": "verified",
    "incorrect-public-key_fail": "no-log-entry",
    // Its certificate is in a log that is newer than the root that is at hand. The future is tested in verify.test.ts.
    "integrated-time-in-future_fail": "untrusted-signer",
    "intoto-log-entry-mismatch_fail": "no-log-entry",
    "intoto-missing-inclusion-proof_fail": "malformed",
    "intoto-set-outside-signing-cert-validity_fail": "untrusted-signer",
    "intoto-tsa-timestamp-outside-cert-validity_fail": "untrusted-signer",
    "invalid-ct-key_fail": "untrusted-signer",
    "managed-key-no-key_fail": "untrusted-signer",
    // What it gives as a key is no point of the curve.
    "managed-key-wrong-key_fail": "cannot-verify",
    "signature-mismatch_fail": "bad-signature",
    "wrong-hashedrekord-artifact_fail": "no-log-entry",
    "wrong-hashedrekord-cert-and-sig_fail": "no-log-entry",
    "wrong-hashedrekord-entry_fail": "no-log-entry",
    "wrong-material_fail": "bad-signature",
  };
  const artifact = readFileSync(join(cases, "a.txt"));

  /** The bundle is one that verifies; the other artifact that it is tried with is not among the data. */
  const artifactOf = (name: string): Buffer => (name === "wrong-material_fail" ? readFileSync(join(cases, "../statement.json")) : artifact);

  test("are verified or refused as each of them says, and for its reason", () => {
    const rows = readdirSync(cases, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort();
    const verdicts: { [name: string]: Verdict } = {};
    for (const name of rows) {
      const ownRoot = join(cases, name, "trusted_root.json");
      const key = join(cases, name, "key.pub");
      verdicts[name] = judge(readFileSync(join(cases, name, "bundle.sigstore.json")), {
        // The intoto bundles are about another file, of which only the digest is known.
        subject: name.startsWith("intoto-") ? "sha256:330a043220fa13e01d68a7db39c89e12b0c4c3b6a0346fe624b0903f1303b5b2" : digestOf(artifactOf(name)),
        artifact: artifactOf(name),
        signers: [existsSync(key) ? { kind: "key", key: text(key) } : beacon],
        trustedRoot: existsSync(ownRoot) ? text(ownRoot) : publicGood(),
      });
    }
    const different = rows.filter((name) => (verdicts[name] === "verified") === name.endsWith("_fail"));
    process.stderr.write(`sigstore conformance: ${rows.length} bundles, ${rows.filter((name) => verdicts[name] === "verified").length} verified, ${different.length} verdicts differ\n`);
    expect(different).toEqual([]);
    expect(verdicts).toEqual(expected);
  });
});

const keyCases = join(folder, "cosign-key-dsse-cases.jsonl");

interface KeyCase {
  readonly id: string;
  readonly expected: "pass" | "fail";
  readonly public_key_pem: string;
  readonly blob: string;
  readonly predicateType: string | null;
  readonly envelope: unknown;
}

describe.skipIf(!existsSync(keyCases))("attestations that cosign's own tests verify with a key", () => {
  /** What cosign calls the types (pkg/cosign/attestation); others are taken as they are. */
  const types: { readonly [alias: string]: string } = { custom: "https://cosign.sigstore.dev/attestation/v1", slsaprovenance: "https://slsa.dev/provenance/v0.2" };
  const expected: { readonly [id: string]: Verdict } = {
    "cosign-blob-attestation/1": "wrong-type",
    "cosign-blob-attestation/3": "malformed",
    "cosign-blob-attestation/5": "verified",
    "cosign-blob-attestation/6": "wrong-type",
    "cosign-blob-attestation/7": "wrong-subject",
    // Of cosign's limit of sizes; here the image is another one.
    "cosign-blob-attestation/8": "wrong-subject",
    "cosign-blob-attestation/9": "verified",
    "cosign-blob-attestation/10": "untrusted-signer",
  };

  test("are verified or refused as there, and for their reasons", () => {
    const rows = text(keyCases).trim().split("\n").map((line) => JSON.parse(line) as KeyCase);
    const verdicts: { [id: string]: Verdict } = {};
    for (const { id, public_key_pem, blob, predicateType, envelope } of rows) {
      verdicts[id] = judge(Buffer.from(JSON.stringify(envelope)), {
        subject: digestOf(blob),
        signers: [{ kind: "key", key: public_key_pem }],
        wanted: { kind: "attestation", ...(predicateType === null ? {} : { predicateTypes: [types[predicateType] ?? predicateType] }) },
      });
    }
    const different = rows.filter(({ id, expected: verdict }) => (verdicts[id] === "verified") !== (verdict === "pass"));
    process.stderr.write(`cosign key attestations: ${rows.length} cases, ${rows.filter(({ expected: verdict }) => verdict === "pass").length} verified, ${different.length} verdicts differ\n`);
    expect(different).toEqual([]);
    expect(verdicts).toEqual(expected);
  });
});

describe.skipIf(!existsSync(go))("bundles of sigstore-go and cosign", () => {
  const cosign = join(folder, "cosign/pkg/cosign/testdata");
  const other = `sha256:${"a".repeat(64)}`;
  const release = "https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main";
  const rows: readonly (readonly [file: string, options: Partial<VerifyOptions>, verdict: Verdict])[] = [
    [join(cosign, "oci-attestation.sigstore.json"), { subject: "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4", signers: [by("cody@soyland.com", "https://github.com/login/oauth")], trustedRoot: join(cosign, "trusted_root_pgi.json") }, "verified"],
    [join(cosign, "oci-attestation.sigstore.json"), { signers: [by("cody@soyland.com", "https://github.com/login/oauth")] }, "wrong-subject"],
    [join(cosign, "oci-attestation.sigstore.json"), { signers: [by("soyland", "https://github.com/login/oauth")] }, "untrusted-signer"],
    [join(cosign, "oci-attestation.sigstore.json"), { signers: [by("cody@soyland.com", github)] }, "untrusted-signer"],
    [join(cosign, "oci-attestation.sigstore.json"), { signers: [by("cody@soyland.com", "https://github.com/login/oauth")], trustedRoot: join(go, "trusted-roots/scaffolding.json") }, "untrusted-signer"],
    // Its subject has a sha512 only, and so is no image; that it is the subject that fails shows that all before it held.
    [join(go, "bundles/sigstore.js@2.0.0-provenance.sigstore.json"), { signers: [by(release, github)] }, "wrong-subject"],
    [join(go, "bundles/sigstore.js@2.0.0-provenance.sigstore.json"), { signers: [by(release.slice(0, -1), github)] }, "untrusted-signer"],
    [join(go, "bundles/dsse-2sigs.sigstore.json"), {}, "malformed"],
    // A root certificate is in its chain, as signers must not have it.
    [join(go, "bundles/dsse.sigstore.json"), {}, "malformed"],
    // What these two sign is not among the data.
    [join(go, "bundles/public-key-validity.sigstore.json"), { signers: [{ kind: "key", key: join(go, "public-keys/public-key-validity.pem") }] }, "cannot-verify"],
    [join(go, "bundles/othername.sigstore.json"), { trustedRoot: join(go, "trusted-roots/scaffolding.json") }, "cannot-verify"],
  ];

  test("a name that is no address is read whole", () => {
    const document = readSignedDocument(readFileSync(join(go, "bundles/othername.sigstore.json")), "othername");
    if (document.kind !== "bundle") throw new Error("expected a bundle");
    const { key } = sigstoreVerify().toSignedEntity(parseBundle(document.bundle), Buffer.from(""));
    if (key.$case !== "certificate") throw new Error("expected a certificate");
    const raw = (document.bundle["verificationMaterial"] as { readonly certificate: { readonly rawBytes: string } }).certificate.rawBytes;
    expect(certificateIdentity(key.certificate, Buffer.from(raw, "base64"))).toEqual({ identity: "foo!oidc.local", issuer: "http://oidc.local:8080" });
  });

  test.each(rows)("%#: %s", (file, options, verdict) => {
    const trustedRoot = options.trustedRoot === undefined ? publicGood() : text(options.trustedRoot);
    expect(judge(readFileSync(file), { subject: other, signers: [beacon], ...options, trustedRoot })).toBe(verdict);
  });
});

function publicGood(): string {
  return text(join(go, "trusted-roots/public-good.json"));
}
