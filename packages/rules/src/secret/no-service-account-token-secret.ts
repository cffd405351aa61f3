import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-service-account-token-secret",
  title: "Service accounts have no token without an end",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "service-account-tokens", "owasp-kubernetes-2025": "K03" },
  why: "The token in such a Secret never expires and is bound to no pod: whoever copied it once has it until the Secret is deleted.",
  remediation: "Project a token with an audience and an expiry into the pod, or ask for one with kubectl create token.",
  whenNot: "For tools outside of the cluster that can use nothing but a token without an end: keep the account's role narrow, and rotate the Secret.",
  about: "secret",
  reads: ({ type }) => ({ type: exact(type) }),
  check: ({ type }) => (type === "kubernetes.io/service-account-token" ? "not hold the token of a service account" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: { apiVersion: "v1", kind: "Secret", metadata: { name: "ci", annotations: { "kubernetes.io/service-account.name": "ci" } }, type: "kubernetes.io/service-account-token" },
      good: { apiVersion: "v1", kind: "Secret", metadata: { name: "app" }, type: "Opaque" },
    },
  },
});
