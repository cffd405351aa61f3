import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "default-deny-ingress",
  title: "Every namespace denies ingress by default",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "Without it every pod for which nobody wrote a policy takes traffic from the whole cluster, and so does the next one that is added.",
  remediation: "Add a NetworkPolicy with an empty podSelector and policyTypes [Ingress] to the namespace; other policies then let through what is needed.",
  whenNot: "Where a cluster-wide policy (AdminNetworkPolicy, GlobalNetworkPolicy) denies by default for every namespace.",
  about: "tenancy",
  inventory: true,
  reads: (tenancy, inventory) => ({ denied: requires(inventory.deniesByDefault(tenancy, "ingress")) }),
  check: ({ denied }) => (denied === true ? undefined : "have a NetworkPolicy that denies every pod the ingress that no other policy lets through"),
  examples: {
    kubernetes: {
      bad: { deny: { spec: { policyTypes: ["Egress"] } } },
      good: [{}, { deny: { spec: { policyTypes: null, ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }] } } }],
    },
  },
});
