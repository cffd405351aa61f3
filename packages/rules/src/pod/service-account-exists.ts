import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "service-account-exists",
  title: "The service accounts of pods exist",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A pod with an account that does not exist is not created; and whoever may create accounts in the namespace decides later what rights it has.",
  remediation: "Create the ServiceAccount in the pod's namespace, or correct its name in serviceAccountName.",
  whenNot: "Where an operator or the cloud makes the account in the program's namespace.",
  about: "workload",
  inventory: true,
  reads: (workload, inventory) => ({ found: exact(inventory.serviceAccountExists(workload)) }),
  check: ({ found }) => (found === false ? "name a service account that its namespace has" : undefined),
  examples: {
    kubernetes: {
      bad: [{ web: { spec: { template: { spec: { serviceAccountName: "wbe" } } } } }, { db: null, dbFromWeb: null, webToDb: null, account: { metadata: { namespace: "other" } } }],
      good: [{}, { account: null, web: { spec: { template: { spec: { serviceAccountName: "default" } } } }, db: { spec: { template: { spec: { serviceAccountName: null } } } } }],
    },
  },
});
