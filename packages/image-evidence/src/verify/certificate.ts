import { X509Certificate } from "node:crypto";
import type { SignedEntity } from "@sigstore/verify";
import { strictText } from "./canonical";

type Certificate = Extract<SignedEntity["key"], { $case: "certificate" }>["certificate"];

/** Whom a certificate of Fulcio is for. */
export interface CertificateIdentity {
  readonly identity: string;
  readonly issuer: string;
}

/** A certificate that is not read as one of Fulcio. */
export class CertificateError extends Error {}

const oid = {
  subjectAltName: "2.5.29.17",
  codeSigning: "1.3.6.1.5.5.7.3.3",
  // github.com/sigstore/fulcio/blob/main/docs/oid-info.md
  issuer: "1.3.6.1.4.1.57264.1.8",
  oldIssuer: "1.3.6.1.4.1.57264.1.1",
  userName: "1.3.6.1.4.1.57264.1.7",
} as const;

const tag = { otherName: 0, email: 1, uri: 6 } as const;

/**
 * The one subject alternative name, as a whole, and the issuer of the token that it was made for. The library's own
 * reading takes the first of several names, and drops the high bit of every byte: here such a certificate is refused.
 *
 * @throws {CertificateError}
 */
export function certificateIdentity(certificate: Certificate, der: Buffer): CertificateIdentity {
  const decoded = decode(der);
  if (decoded.ca) throw new CertificateError("the certificate is one of an authority");
  if (!(decoded.keyUsage ?? []).includes(oid.codeSigning)) throw new CertificateError("the certificate is not for signing code");
  const oids = certificate.extensions.map(({ subs }) => subs[0]?.toOID());
  if (new Set(oids).size !== oids.length) throw new CertificateError("the certificate has an extension twice");
  const identity = nameOf(certificate);
  const issuer = issuerOf(certificate);
  if (identity === undefined) throw new CertificateError("the certificate does not have exactly one name that is an address or a URI");
  if (issuer === undefined) throw new CertificateError("the certificate does not say who issued the token it was made for");
  return { identity, issuer };
}

function decode(der: Buffer): X509Certificate {
  try {
    const decoded = new X509Certificate(der);
    if (decoded.raw.equals(der)) return decoded;
  } catch {
    // As for anything else that is none.
  }
  throw new CertificateError("the certificate cannot be decoded");
}

function nameOf(certificate: Certificate): string | undefined {
  const names = certificate.extension(oid.subjectAltName)?.valueObj.subs[0]?.subs ?? [];
  const [name] = names;
  if (name === undefined || names.length !== 1) return undefined;
  if (name.tag.isContextSpecific(tag.email) || name.tag.isContextSpecific(tag.uri)) return printable(name.value);
  if (!name.tag.isContextSpecific(tag.otherName) || name.subs[0]?.toOID() !== oid.userName) return undefined;
  const value = name.subs[1]?.subs[0]?.value;
  return value === undefined ? undefined : printable(value);
}

function issuerOf(certificate: Certificate): string | undefined {
  const value = certificate.extension(oid.issuer)?.valueObj.subs[0]?.value ?? certificate.extension(oid.oldIssuer)?.value;
  return value === undefined ? undefined : printable(value);
}

const maxLength = 2048;

/** Text without anything that is not seen: control characters, marks of direction, other kinds of space. */
function printable(bytes: Buffer): string | undefined {
  const text = strictText(bytes);
  return text === undefined || text === "" || text.length > maxLength || /[\p{C}\p{Z}]/u.test(text.replaceAll(" ", "")) ? undefined : text;
}
