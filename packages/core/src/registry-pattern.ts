import type { ImageReference } from "./image-reference";

export interface RegistryPattern {
  /** Lower case, with its port; a leading `*.` stands for one or more whole labels. */
  readonly domain: string;
  /** Whole leading components of the repository, or empty. */
  readonly path: string;
}

const domainForm = /^(?:\*\.)?(?:\[[a-f0-9:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::[0-9]+)?$/;
const pathForm = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/**
 * An allow-list entry: `ghcr.io`, `ghcr.io/acme`, `registry.example.com:5000`, `*.example.com`. The registry is always
 * written: `docker.io/library`, not `library`.
 */
export function parseRegistryPattern(pattern: string): RegistryPattern | { readonly error: string } {
  const slash = pattern.indexOf("/");
  const domain = (slash < 0 ? pattern : pattern.slice(0, slash)).toLowerCase();
  const path = slash < 0 ? "" : pattern.slice(slash + 1).replace(/\/$/, "");
  if (!domainForm.test(domain)) return { error: "the registry is not a domain name" };
  if (domain.startsWith("*.[")) return { error: "an address has no subdomains" };
  if (domain === "index.docker.io") return { error: "images of Docker Hub are of docker.io" };
  if (!/[.:]/.test(domain) && domain !== "localhost") return { error: "the registry is missing; write docker.io for Docker Hub" };
  if (path !== "" && !pathForm.test(path)) return { error: "the repository is not lower-case components separated by /" };
  return { domain, path };
}

/** Whether an image comes from what a pattern names: the whole domain, and whole components of the repository. An invalid pattern matches nothing. */
export function matchesRegistry(reference: ImageReference, pattern: string): boolean {
  const parsed = parseRegistryPattern(pattern);
  if ("error" in parsed) return false;
  const domain = reference.domain.toLowerCase();
  const sameDomain = parsed.domain.startsWith("*.") ? domain.endsWith(parsed.domain.slice(1)) && domain.length > parsed.domain.length - 1 : domain === parsed.domain;
  if (!sameDomain) return false;
  return parsed.path === "" || reference.path === parsed.path || reference.path.startsWith(`${parsed.path}/`);
}
