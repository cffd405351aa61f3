import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-immutable-tags",
  title: "Tags of a registry's repositories cannot be moved",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "nist-sp-800-190": "4.2.2", "owasp-docker": "D08" },
  why: "Whoever can push can otherwise put another image under a tag that was scanned, signed and approved.",
  remediation: "Set imageTagMutability to IMMUTABLE (ECR), or dockerConfig.immutableTags to true (Artifact Registry), and give each build a tag of its own.",
  whenNot: "For repositories of caches, where tags are meant to move; deployments that pin digests are not concerned either.",
  about: "imageRepository",
  reads: ({ immutableTags }) => ({ immutable: exact(immutableTags) }),
  check: ({ immutable }) => (immutable === true ? undefined : "keep each tag what it was when it was pushed"),
  examples: {
    docker: [
      { on: "document", kind: "aws:ecr/repository:Repository", bad: [{ imageScanningConfiguration: { scanOnPush: true } }, { imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: true } }], good: { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } } },
      { on: "document", kind: "gcp:artifactregistry/repository:Repository", bad: { format: "DOCKER", repositoryId: "apps" }, good: { format: "DOCKER", repositoryId: "apps", dockerConfig: { immutableTags: true } } },
    ],
  },
});
