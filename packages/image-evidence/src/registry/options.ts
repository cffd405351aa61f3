import type { CredentialSource } from "./credential";
import { dockerCredentials } from "./docker-config";

export interface RegistryOptions {
  /** Default: Docker's configuration of this process, `dockerCredentials()`. */
  readonly credentials?: CredentialSource;
  /** Registries (host with port) that are spoken to over plain HTTP; `loopback` is each address of this machine. Default `["loopback"]`. */
  readonly plainHttp?: readonly string[];
  /** Requests at once, default 32. */
  readonly concurrency?: number;
  /** Milliseconds from a request to the last byte of its answer, redirects included; default 30,000. */
  readonly requestMilliseconds?: number;
  /** Milliseconds for all requests together, from the first; default 600,000. */
  readonly totalMilliseconds?: number;
  /** Times that a request is made before its failure counts; default 4. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, doubled before each one after it; default 500. */
  readonly backoffMilliseconds?: number;
  /** The longest wait that a registry may ask for (Retry-After), in milliseconds; default 30,000. */
  readonly maxRetryAfterMilliseconds?: number;
  /** Default 4 MiB. */
  readonly maxManifestBytes?: number;
  /** Of one blob; default 32 MiB. */
  readonly maxBlobBytes?: number;
  /** Of all documents of one image together; default 64 MiB. */
  readonly maxAttachmentBytes?: number;
  /** Referrers of one image, and documents of one referrer; default 50. */
  readonly maxReferrers?: number;
}

export type Settings = Required<RegistryOptions>;

export function settingsOf(options: RegistryOptions): Settings {
  return {
    credentials: dockerCredentials(), plainHttp: ["loopback"], concurrency: 32, requestMilliseconds: 30_000, totalMilliseconds: 600_000, attempts: 4,
    backoffMilliseconds: 500, maxRetryAfterMilliseconds: 30_000, maxManifestBytes: 4 * 1024 * 1024, maxBlobBytes: 32 * 1024 * 1024,
    maxAttachmentBytes: 64 * 1024 * 1024, maxReferrers: 50, ...options,
  };
}
