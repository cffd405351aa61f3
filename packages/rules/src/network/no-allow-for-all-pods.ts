import { defineRule, exact } from "@bulkhead/core";

const policy = (spec: object) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "web", namespace: "shop" }, spec });
const web = { podSelector: { matchLabels: { app: "web" } } };

export default defineRule({
  id: "no-allow-for-all-pods",
  title: "Network policies that allow something select their pods",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "An empty pod selector is every pod of the namespace, also those that come later: what one of them needs is then allowed for all.",
  remediation: "Select the pods by their labels; keep the empty selector for the policy that denies.",
  whenNot: "For a namespace that holds one application only. Name resolution (egress to port 53) for every pod is no finding.",
  about: "networkPolicy",
  reads: ({ opensAllPods }) => ({ all: exact(opensAllPods) }),
  check: ({ all }) => (all === true ? "select pods by their labels where it allows something" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: [policy({ podSelector: {}, ingress: [{ from: [web], ports: [{ port: 8080 }] }] }), policy({ podSelector: { matchLabels: {} }, egress: [{ to: [web], ports: [{ port: 5432 }] }] })],
      good: [policy({ podSelector: {}, policyTypes: ["Ingress", "Egress"] }), policy({ podSelector: {}, egress: [{ to: [web], ports: [{ port: 53, protocol: "UDP" }] }] }), policy({ ...web, ingress: [{ from: [web], ports: [{ port: 8080 }] }] })],
    },
  },
});
