import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign, constants } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ed25519ph } from "./sigstore.ts";
import { publicKeyId, readPublicKey, verifies } from "./public-key.ts";

const pem = (key: KeyObject): string => key.export({ type: "spki", format: "pem" }) as string;
const ec = (namedCurve: string): ReturnType<typeof generateKeyPairSync> & { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync("ec", { namedCurve });
const data = Buffer.from("signed");

describe("a public key", () => {
  test("is named by the digest of its SubjectPublicKeyInfo", () => {
    const { publicKey } = ec("P-256");
    expect(publicKeyId(pem(publicKey))).toBe(`sha256:${createHash("sha256").update(publicKey.export({ type: "spki", format: "der" })).digest("hex")}`);
    expect(publicKeyId(`\n${pem(publicKey).replaceAll("\n", "\r\n")}\n`)).toBe(publicKeyId(pem(publicKey)));
  });

  test("has one name, however its point is encoded", () => {
    const { publicKey } = ec("P-256");
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    const last = Buffer.from(y, "base64url").at(-1) ?? 0;
    const compressed = Buffer.concat([Buffer.from("3039301306072a8648ce3d020106082a8648ce3d030107032200", "hex"), Buffer.from([2 + (last & 1)]), Buffer.from(x, "base64url")]);
    const other = pem(createPublicKey({ key: compressed, format: "der", type: "spki" }));
    expect(publicKeyId(other)).toBe(publicKeyId(pem(publicKey)));
  });

  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const p256 = ec("P-256");
  const refused: readonly (readonly [string, string, string])[] = [
    ["a private key", p256.privateKey.export({ type: "pkcs8", format: "pem" }) as string, "is a private key"],
    ["an EC private key", p256.privateKey.export({ type: "sec1", format: "pem" }) as string, "is a private key"],
    ["an RSA private key", rsa.privateKey.export({ type: "pkcs1", format: "pem" }) as string, "is a private key"],
    ["an encrypted key", p256.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }) as string, "is an encrypted private key"],
    ["cosign's private key", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\neyJrZGYi\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n", "is an encrypted private key"],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "is a certificate"],
    ["a private key behind a public one", pem(p256.publicKey) + (p256.privateKey.export({ type: "pkcs8", format: "pem" }) as string), "is a private key"],
    ["two keys", pem(p256.publicKey).repeat(2), "has 2 PEM blocks"],
    ["text before the key", `key:\n${pem(p256.publicKey)}`, "text around it"],
    ["a key that is cut off", pem(p256.publicKey).slice(0, 90), "no whole PEM block"],
    ["nothing", "", "is no PEM"],
    ["a path", "cosign.pub", "is no PEM"],
    ["an SSH key", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "is no PEM"],
    ["a key that is none", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "cannot be decoded".replace("cannot", "can")],
    ["a curve that is not accepted", pem(ec("secp256k1").publicKey), "is an ECDSA key on the curve secp256k1"],
    ["a short RSA key", pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey), "is an RSA key of 1024 bits"],
    ["a key that does not sign", pem(generateKeyPairSync("x25519").publicKey), "is a key of kind x25519"],
    ["another curve of Edwards'", pem(generateKeyPairSync("ed448").publicKey), "is a key of kind ed448"],
  ];

  test.each(refused)("%s is refused, and not repeated", (_, text, message) => {
    let found = "";
    try {
      readPublicKey(text);
    } catch (error) {
      found = (error as Error).message;
    }
    expect(found).toContain(message);
    for (const line of text.split("\n").filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line))) expect(found).not.toContain(line);
  });
});

function prehashed(key: KeyObject): Buffer {
  return Buffer.from(ed25519ph().sign(data, Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url")));
}

/** RFC 8032, section 7.3. */
test("a signature of the standard's own is verified with Ed25519ph", () => {
  const raw = Buffer.from("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "hex");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: raw.toString("base64url") }, format: "jwk" });
  const signature = Buffer.from("98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406", "hex");
  expect(verifies(key, Buffer.from("abc"), signature)).toBe(true);
  expect(verifies(key, Buffer.from("abd"), signature)).toBe(false);
});

describe("a signature is verified", () => {
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048, hashAlgorithm: "sha256", mgf1HashAlgorithm: "sha256" });
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const ed25519 = generateKeyPairSync("ed25519");
  const curves = { "P-256": ec("P-256"), "P-384": ec("P-384"), "P-521": ec("P-521") };
  const cases: readonly (readonly [string, { publicKey: KeyObject }, Buffer, boolean])[] = [
    ["P-256 with SHA-256", curves["P-256"], sign("sha256", data, curves["P-256"].privateKey), true],
    ["P-256 with SHA-384", curves["P-256"], sign("sha384", data, curves["P-256"].privateKey), false],
    ["P-256 with SHA-1", curves["P-256"], sign("sha1", data, curves["P-256"].privateKey), false],
    ["P-384 with SHA-384", curves["P-384"], sign("sha384", data, curves["P-384"].privateKey), true],
    ["P-384 with SHA-256", curves["P-384"], sign("sha256", data, curves["P-384"].privateKey), true],
    ["P-521 with SHA-512", curves["P-521"], sign("sha512", data, curves["P-521"].privateKey), true],
    ["P-521 with SHA-1", curves["P-521"], sign("sha1", data, curves["P-521"].privateKey), false],
    ["the raw form of ECDSA", curves["P-256"], sign("sha256", data, { key: curves["P-256"].privateKey, dsaEncoding: "ieee-p1363" }), false],
    ["Ed25519", ed25519, sign(null, data, ed25519.privateKey), true],
    ["Ed25519ph", ed25519, prehashed(ed25519.privateKey), true],
    ["RSA, PKCS #1 v1.5", rsa, sign("sha256", data, rsa.privateKey), true],
    ["RSA with SHA-1", rsa, sign("sha1", data, rsa.privateKey), false],
    ["RSA-PSS", rsa, sign("sha256", data, { key: rsa.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }), true],
    ["a key of RSA-PSS", pss, sign("sha256", data, pss.privateKey), true],
  ];

  test.each(cases)("%s: %#", (_, { publicKey }, signature, expected) => {
    const { key } = readPublicKey(pem(publicKey));
    expect(verifies(key, data, signature)).toBe(expected);
    expect(verifies(key, Buffer.from("other"), signature)).toBe(false);
    expect(verifies(key, data, Buffer.concat([signature, Buffer.from([0])]))).toBe(false);
    expect(verifies(key, data, Buffer.alloc(0))).toBe(false);
  });
});
