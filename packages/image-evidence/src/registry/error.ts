export type RegistryErrorCode =
  /** Not a reference of an image in a registry, or a digest that is not sha256. */
  | "invalid-reference"
  /** Docker's configuration, or a credential helper, is not as it must be. */
  | "credentials"
  /** 401 although a credential, or an anonymous token, was sent; or there is no credential. */
  | "unauthorized"
  /** 403. */
  | "denied"
  /** The registry asks for a credential in a way that is not accepted. */
  | "bad-challenge"
  | "not-found"
  /** 429 until the attempts, or the patience, were spent. */
  | "rate-limited"
  | "server-error"
  | "unexpected-status"
  /** A request took longer than it may, or everything together did. */
  | "timeout"
  /** No connection, or one that ended before the answer was whole. */
  | "network"
  | "redirect-refused"
  /** The answer is larger than is accepted. */
  | "too-large"
  | "wrong-length"
  | "wrong-digest"
  /** The answer is not what the OCI specifications say. */
  | "malformed"
  /** More referrers, or more of other things, than are accepted. */
  | "too-many";

/** What was asked for. */
export type RegistryStep = "reference" | "credentials" | "token" | "manifest" | "referrers" | "referrers-tag" | "signature-tag" | "attestation-tag" | "blob";

export interface RegistryErrorDetails {
  readonly code: RegistryErrorCode;
  /** Host with its port, as in the reference. */
  readonly registry: string;
  /** Repository with a tag or digest. */
  readonly reference: string;
  readonly step: RegistryStep;
  /** Of the last answer, where there was one. */
  readonly status?: number;
}

/**
 * The only error of the registry client. Neither its message nor its fields hold a credential, a token, a query string,
 * or text that the registry sent.
 */
export class RegistryError extends Error {
  readonly code: RegistryErrorCode;
  readonly registry: string;
  readonly reference: string;
  readonly step: RegistryStep;
  readonly status: number | undefined;

  constructor(details: RegistryErrorDetails, reason: string) {
    super(`${details.reference} (${stepWords[details.step]}): ${reason}`);
    this.name = "RegistryError";
    this.code = details.code;
    this.registry = details.registry;
    this.reference = details.reference;
    this.step = details.step;
    this.status = details.status;
  }
}

const stepWords: { readonly [S in RegistryStep]: string } = {
  reference: "reading the reference",
  credentials: "looking up a credential",
  token: "fetching a token",
  manifest: "fetching the manifest",
  referrers: "listing the referrers",
  "referrers-tag": "fetching the list of referrers by its tag",
  "signature-tag": "fetching cosign's signatures",
  "attestation-tag": "fetching cosign's attestations",
  blob: "fetching a blob",
};

/** What is asked for at the moment: an error is made of it. */
export interface Subject {
  readonly registry: string;
  readonly reference: string;
  readonly step: RegistryStep;
}

export function failure(subject: Subject, code: RegistryErrorCode, reason: string, status?: number): RegistryError {
  const { registry, reference, step } = subject;
  return new RegistryError({ code, registry, reference, step, ...(status === undefined ? {} : { status }) }, reason);
}
