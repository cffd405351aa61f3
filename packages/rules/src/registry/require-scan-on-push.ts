import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-scan-on-push",
  title: "Registries scan images when they are pushed",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "nist-sp-800-190": "4.1.1", "owasp-docker": "D08" },
  why: "What is scanned only where somebody remembers to is not scanned; the registry sees every image.",
  remediation: "Set imageScanningConfiguration.scanOnPush to true; on Artifact Registry, leave vulnerabilityScanningConfig.enablementConfig at INHERITED.",
  whenNot: "Where the whole registry is scanned by rules of its own (enhanced scanning of ECR): the repository's setting then says nothing.",
  about: "imageRepository",
  reads: ({ scansOnPush }) => ({ scans: exact(scansOnPush) }),
  check: ({ scans }) => (scans === true ? undefined : "scan images when they are pushed"),
  examples: {
    docker: [
      { on: "document", kind: "aws:ecr/repository:Repository", bad: [{ imageTagMutability: "IMMUTABLE" }, { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: false } }], good: { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } } },
      { on: "document", kind: "gcp:artifactregistry/repository:Repository", bad: { format: "DOCKER", repositoryId: "apps", dockerConfig: { immutableTags: true }, vulnerabilityScanningConfig: { enablementConfig: "DISABLED" } }, good: { format: "DOCKER", repositoryId: "apps", dockerConfig: { immutableTags: true }, vulnerabilityScanningConfig: { enablementConfig: "INHERITED" } } },
    ],
  },
});
