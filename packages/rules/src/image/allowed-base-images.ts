import { defineRule, exact, matchesRegistry, parseRegistryPattern } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

export default defineRule({
  id: "allowed-base-images",
  title: "Images are built upon allowed base images",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.2", "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "Everything in the base image is in every image that is built upon it: its packages, its users, and whatever its author put there.",
  remediation: "Begin each stage with an image of the list; add another only after review.",
  whenNot: "Where a pull-through mirror enforces the list. Without the option `images` the rule is not applied at all.",
  about: "image",
  appliesTo: ({ use }) => use === "base",
  options: {
    images: {
      type: "strings",
      description: "Repositories, or registries, that a stage may begin with, as in allowed-registries: a whole domain, optionally followed by whole path components.",
      example: ["gcr.io/distroless", "docker.io/library/golang"],
      check: (pattern: string) => {
        const parsed = parseRegistryPattern(pattern);
        return "error" in parsed ? `an image such as "gcr.io/distroless" (${parsed.error})` : undefined;
      },
    },
  },
  overlaps: ["allowed-registries"],
  reads: ({ registry }) => ({ image: exact(registry) }),
  check({ image }, { options }) {
    if (image === undefined || options.images.some((pattern) => matchesRegistry(image, pattern))) return;
    return `be one of the allowed base images (${options.images.join(", ")}), not ${image.domain}/${image.path}`;
  },
  exampleOptions: { images: ["registry.example.com"] },
  examples: {
    dockerfile: {
      bad: [{ instructions: [`FROM docker.io/library/nginx:1.29@${digest}`, ...imageEnd] }, { instructions: ["ARG BASE=registry.example.com.evil.org", `FROM \${BASE}/app@${digest} AS build`, "RUN compile", "FROM scratch", "COPY --from=build /app /app", ...imageEnd] }],
      good: { instructions: ["ARG BASE=registry.example.com", `FROM \${BASE}/app@${digest}`, ...imageEnd] },
    },
  },
});
