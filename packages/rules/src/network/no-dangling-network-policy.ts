import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "no-dangling-network-policy",
  title: "Network policies select pods",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "network-policies" },
  why: "A policy that selects nothing protects nothing: most often its labels were mistyped, or the workload was renamed.",
  remediation: "Write the podSelector with the labels of the pod template, or remove the policy.",
  whenNot: "For a policy that is there before the pods it is meant for, which another program makes.",
  about: "trafficPolicy",
  inventory: true,
  reads: (policy, inventory) => ({ selects: requires(inventory.selectsPods(policy)) }),
  check: ({ selects }) => (selects === true ? undefined : "select a pod of its namespace"),
  examples: {
    kubernetes: {
      bad: [{ webToDb: { spec: { podSelector: { matchLabels: { app: "wbe" } } } } }, { webToDb: { spec: { podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web", "db"] }] } } } }],
      good: [{}, { webToDb: { spec: { podSelector: { matchLabels: null, matchExpressions: [{ key: "app", operator: "In", values: ["web", "api"] }, { key: "tier", operator: "DoesNotExist" }] } } } }],
    },
  },
});
