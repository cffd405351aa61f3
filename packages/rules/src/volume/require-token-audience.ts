import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-token-audience",
  title: "Projected tokens name their audience",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "service-account-tokens", "owasp-kubernetes-2025": "K03" },
  why: "Without an audience the token is one for the API server: the service that it is shown to can use it there, as this pod.",
  remediation: "Name the service that the token is for in audience.",
  whenNot: "For pods whose token is meant for the API server, and that project it only to give it a short life.",
  about: "volume",
  reads: ({ tokenWithoutAudience }) => ({ missing: exact(tokenWithoutAudience) }),
  check: ({ missing }) => (missing === true ? "name the audience of its service account token" : undefined),
  examples: { kubernetes: { bad: [{ volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }] }, { volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience: "" } }] } }] }], good: { volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 600 } }] } }] } } },
});
