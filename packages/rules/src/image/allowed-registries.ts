import { defineRule, exact, matchesRegistry, parseRegistryPattern } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

export default defineRule({
  id: "allowed-registries",
  title: "Images come from allowed registries",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "4.2", "cis-kubernetes-1.10": "5.5.1", "nsa-cisa-1.2": "secure-images", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "Anyone can push an image to a public registry; a typo or a hijacked name then runs a stranger's code.",
  remediation: "Use an image from a registry in the list, or mirror the image there; add the registry only after review.",
  whenNot: "Where every pull goes through a mirror or an admission controller that enforces the list: then the program's names say nothing about the source. Without the option `registries` the rule is not applied at all.",
  about: "image",
  options: {
    registries: {
      type: "strings",
      description: "Registries, or repositories in them, that images may come from: a whole domain (with its port), optionally followed by whole path components; `*.` stands for any subdomain.",
      example: ["ghcr.io/acme", "*.registry.example.com"],
      check: (pattern: string) => {
        const parsed = parseRegistryPattern(pattern);
        return "error" in parsed ? `a registry such as "ghcr.io/acme" (${parsed.error})` : undefined;
      },
    },
  },
  reads: ({ registry }) => ({ registry: exact(registry) }),
  check({ registry }, { options }) {
    if (registry === undefined || options.registries.some((pattern) => matchesRegistry(registry, pattern))) return;
    return `come from an allowed registry (${options.registries.join(", ")}), not from ${registry.domain}/${registry.path}`;
  },
  exampleOptions: { registries: ["registry.example.com"] },
  examples: {
    kubernetes: { bad: [{ image: `nginx@${digest}` }, { image: `registry.example.com.evil.org/app@${digest}` }], good: { image: `registry.example.com/team/app@${digest}` } },
    docker: { bad: { image: `registry.example.com:5000/app@${digest}` }, good: { image: `registry.example.com/team/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=busybox@${digest} /bin/busybox /bin/`] }, good: { instructions: [`FROM registry.example.com/team/base@${digest}`, ...imageEnd] } },
    compose: { bad: { image: `registry.example.com:5000/app@${digest}` }, good: { image: `registry.example.com/team/app@${digest}` } },
  },
});
