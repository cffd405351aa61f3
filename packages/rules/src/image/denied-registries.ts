import { defineRule, exact, matchesRegistry, parseRegistryPattern } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

export default defineRule({
  id: "denied-registries",
  title: "Images do not come from denied registries",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "4.2", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "A registry, or a repository in one, that is known to be bad stays out whatever else is allowed.",
  remediation: "Use another image, or a copy of this one in a registry of your own after review.",
  whenNot: "Without the option `registries` the rule is not applied at all. A list of what is allowed (allowed-registries) is the stronger of the two.",
  about: "image",
  options: {
    registries: {
      type: "strings",
      description: "Registries, or repositories in them, that images must not come from, as in allowed-registries.",
      example: ["docker.io/library", "*.example.net"],
      check: (pattern: string) => {
        const parsed = parseRegistryPattern(pattern);
        return "error" in parsed ? `a registry such as "ghcr.io/acme" (${parsed.error})` : undefined;
      },
    },
  },
  reads: ({ registry }) => ({ registry: exact(registry) }),
  check: ({ registry }, { options }) => (registry !== undefined && options.registries.some((pattern) => matchesRegistry(registry, pattern)) ? `not come from ${registry.domain}/${registry.path}, which is denied` : undefined),
  exampleOptions: { registries: ["registry.example.com/legacy"] },
  examples: {
    kubernetes: { bad: { image: `registry.example.com/legacy/app@${digest}` }, good: { image: `registry.example.com/legacy-app@${digest}` } },
    docker: { bad: { image: `registry.example.com/legacy/app@${digest}` }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { instructions: [`FROM registry.example.com/legacy/base@${digest}`, ...imageEnd] }, good: { instructions: [`FROM registry.example.com/base@${digest}`, ...imageEnd] } },
    compose: { bad: { image: `registry.example.com/legacy/app@${digest}` }, good: { image: `registry.example.com/app@${digest}` } },
  },
});
