import { defineRule, forbids } from "@bulkhead/core";
import { ingress } from "./_ingress";

export default defineRule({
  id: "no-ingress-snippets",
  title: "Ingresses put no text into the controller's configuration",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.5.3", "owasp-kubernetes-2025": "K07" },
  why: "A snippet is configuration of nginx that nobody checks: whoever may write an Ingress reads with it the controller's token, and so every Secret of the cluster (CVE-2021-25742).",
  remediation: "Say it with the annotations that have a meaning of their own, or in the controller's configuration; leave allow-snippet-annotations at false.",
  whenNot: "On a cluster of one team, which answers for the controller as well, and for what no other annotation can say.",
  about: "ingress",
  reads: ({ snippets }) => ({ snippets: forbids(snippets) }),
  check: ({ snippets = [] }) => (snippets.length > 0 ? `put no text into the controller's configuration by ${[...snippets].sort().join(", ")}` : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: [
        ingress({}, { "nginx.ingress.kubernetes.io/configuration-snippet": "more_set_headers \"X-Frame-Options: DENY\";" }),
        ingress({}, { "nginx.ingress.kubernetes.io/auth-snippet": "proxy_set_header Foo-Header 42;" }),
        ingress({}, { "nginx.org/server-snippets": "location /status { stub_status; }" }),
      ],
      good: [ingress({}, { "nginx.ingress.kubernetes.io/ssl-redirect": "true" }), ingress({})],
    },
  },
});
