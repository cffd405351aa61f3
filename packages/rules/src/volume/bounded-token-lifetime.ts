import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "bounded-token-lifetime",
  title: "Projected tokens live for hours at most",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "service-account-tokens", "owasp-kubernetes-2025": "K03" },
  why: "A token that is stolen works until it expires; the kubelet renews a short one by itself, so that a long life serves only the thief.",
  remediation: "Leave expirationSeconds out, which is an hour, or set it to what the slowest reader needs.",
  whenNot: "For programs that read the file once, as they start: let them read it again instead, or raise the option `maximum`.",
  about: "volume",
  options: { maximum: { type: "number", description: "The longest life that is allowed, in seconds.", example: 3600, minimum: 600, default: 7200 } },
  reads: ({ tokenSeconds }) => ({ seconds: exact(tokenSeconds) }),
  check: ({ seconds = 0 }, { options }) => (seconds > options.maximum ? `have a service account token that lives for at most ${options.maximum} s, not ${seconds} s` : undefined),
  examples: { kubernetes: { bad: { volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 31536000 } }] } }] }, good: [{ volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience: "vault" } }] } }] }, { volumes: [{ name: "token", projected: { sources: [{ serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 7200 } }] } }] }] } },
});
