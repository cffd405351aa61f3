import { defineRule, exact } from "@bulkhead/core";
import { ingress } from "./_ingress";

export default defineRule({
  id: "require-ingress-tls",
  title: "Ingresses use TLS",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "encryption" },
  why: "Without TLS everything between the client and the cluster can be read and changed on the way, credentials included.",
  remediation: "Add a tls entry with the host and the Secret that holds its certificate.",
  whenNot: "Where TLS ends in front of the Ingress (a cloud load balancer, a mesh gateway) and the way from there is protected by other means.",
  about: "ingress",
  reads: ({ tls }) => ({ tls: exact(tls) }),
  check: ({ tls = 0 }) => (tls > 0 ? undefined : "use TLS"),
  examples: { kubernetes: { on: "document", bad: [ingress({ tls: null }), ingress({ tls: [] })], good: ingress({}) } },
});
