import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "external-secret-store",
  title: "Secrets are filled from an external store",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.4.2", "nist-sp-800-190": "4.1.4", "owasp-kubernetes-2025": "K03" },
  why: "What stands in a manifest is in its repository, in every clone of it and in the state of the tool that applied it, base64 or not; a store shows who read it and replaces it.",
  remediation: "Keep it in an external store and let an operator (External Secrets, the Secrets Store CSI driver, Vault) fill the Secret, or seal it.",
  whenNot: "For programs whose values come from Pulumi's own encrypted configuration or a generated resource: the rule sees only that there is something, never what, or where it is from.",
  about: "secret",
  reads: ({ holdsData }) => ({ data: exact(holdsData) }),
  check: ({ data }) => (data === true ? "be filled from an external store, not from its definition" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: [{ apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, stringData: { login: "example" } }, { apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, data: { login: "ZXhhbXBsZQ==" } }],
      good: { apiVersion: "v1", kind: "Secret", metadata: { name: "db" }, type: "Opaque", data: {} },
    },
  },
});
