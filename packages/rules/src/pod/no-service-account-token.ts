import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-service-account-token",
  title: "Pods do not mount a service account token",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.1.6", "nsa-cisa-1.2": "service-account-tokens", "owasp-kubernetes-2025": "K01" },
  why: "The token lets whoever breaks into the container talk to the API server as the pod.",
  remediation: "Set automountServiceAccountToken to false on the pod. A pod that calls the API server mounts a projected token with an audience and an expiry instead.",
  whenNot: "For controllers and operators that call the API server as their work and have a narrow role: keep the token there, or project one with an expiry.",
  about: "pod",
  reads: ({ automountedToken }) => ({ mounted: exact(automountedToken) }),
  check: ({ mounted }) => (mounted === false ? undefined : "set automountServiceAccountToken to false"),
  fix: ({ mounted }) => mounted.to(false),
  examples: { kubernetes: { bad: [{ automountServiceAccountToken: true }, { automountServiceAccountToken: null }], good: { automountServiceAccountToken: false } } },
});
