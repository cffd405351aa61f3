import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "require-network-policy",
  title: "Every pod is selected by a NetworkPolicy",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "A pod that no policy selects takes traffic from every pod of the cluster and may reach every other: one that is broken into reaches them all.",
  remediation: "Add a NetworkPolicy to the workload's namespace whose podSelector selects its pods, best beside one that denies by default.",
  whenNot: "Where another kind isolates the pods (a Cilium or Calico policy, a service mesh): those are not examined. Pods on the host's network are not reached by policies at all.",
  about: "workload",
  inventory: true,
  overlaps: ["no-metadata-egress"],
  reads: (workload, inventory) => ({ selected: requires(inventory.isSelected(workload)) }),
  check: ({ selected }) => (selected === true ? undefined : "be selected by a NetworkPolicy of its namespace"),
  examples: {
    kubernetes: {
      // A policy that denies by default selects every pod.
      within: ["default-deny-egress", "default-deny-ingress"],
      bad: { deny: null, dns: { spec: { podSelector: { matchLabels: { app: "db" } } } }, webToDb: null },
      good: [{}, { deny: null, dns: { spec: { podSelector: null, policyTypes: ["Ingress", "Egress"] } } }],
    },
  },
});
