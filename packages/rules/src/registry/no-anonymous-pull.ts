import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-anonymous-pull",
  title: "Images are pulled only by those who have signed in",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["docker"],
  frameworks: { "nist-sp-800-190": "4.2.3", "owasp-docker": "D08" },
  why: "An image holds code, names of hosts and, too often, credentials: whoever can pull it can read all of them.",
  remediation: "Leave anonymousPullEnabled out, or set it to false; give pullers an identity with the AcrPull role.",
  whenNot: "For a registry that publishes images to everybody on purpose.",
  about: "imageRepository",
  reads: ({ anonymousPull }) => ({ anonymous: exact(anonymousPull) }),
  check: ({ anonymous }) => (anonymous === true ? "let nobody pull without signing in" : undefined),
  fix: ({ anonymous }) => anonymous.to(false),
  examples: {
    docker: [
      { on: "document", kind: "azure-native:containerregistry:Registry", bad: { sku: { name: "Standard" }, anonymousPullEnabled: true }, good: { sku: { name: "Standard" }, anonymousPullEnabled: false } },
      { on: "document", kind: "azure:containerservice/registry:Registry", bad: { sku: "Standard", anonymousPullEnabled: true }, good: { sku: "Standard" } },
    ],
  },
});
