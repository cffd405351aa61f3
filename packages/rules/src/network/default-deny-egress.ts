import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "default-deny-egress",
  title: "Every namespace denies egress by default",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": ["4.3.3", "4.4.2"], "owasp-kubernetes-2025": "K05" },
  why: "Without it a pod that is broken into may send what it finds anywhere, and fetch what it needs to go on.",
  remediation: "Add a NetworkPolicy with an empty podSelector and policyTypes [Egress] to the namespace; other policies then let through what is needed.",
  whenNot: "Where a cluster-wide policy (AdminNetworkPolicy, GlobalNetworkPolicy) denies by default for every namespace, or all egress goes through a proxy that is enforced elsewhere.",
  about: "tenancy",
  inventory: true,
  reads: (tenancy, inventory) => ({ denied: requires(inventory.deniesByDefault(tenancy, "egress")) }),
  check: ({ denied }) => (denied === true ? undefined : "have a NetworkPolicy that denies every pod the egress that no other policy lets through"),
  examples: {
    kubernetes: {
      bad: { deny: { spec: { policyTypes: ["Ingress"] } }, dns: { spec: { podSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } } } },
      good: [{}, { deny: { spec: { policyTypes: ["Ingress"] } } }],
    },
  },
});
