import { defineRule, exact } from "@bulkhead/core";

const policy = (spec: object) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "web", namespace: "shop" }, spec });
const web = { podSelector: { matchLabels: { app: "web" } } };

export default defineRule({
  id: "named-policy-ports",
  title: "Network policies name their ports",
  severity: "low",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "A rule without ports opens all of them: the debug port, the metrics and the database beside the one that is meant.",
  remediation: "Name the ports, and their protocol where it is not TCP.",
  whenNot: "For peers that use many changing ports by design (FTP, some RPC).",
  about: "networkPolicy",
  reads: ({ openPorts }) => ({ open: exact(openPorts) }),
  check: ({ open }) => (open === true ? "name the ports in each of its rules" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: [policy({ ...web, ingress: [{ from: [web] }] }), policy({ ...web, egress: [{ to: [web], ports: [{ port: 5432 }] }, { to: [web], ports: [] }] })],
      good: [policy({ ...web, policyTypes: ["Ingress"] }), policy({ ...web, ingress: [{ from: [web], ports: [{ port: 8080 }] }], egress: [{ to: [web], ports: [{ port: 5432 }] }] })],
    },
  },
});
