import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-deprecated-service-account",
  title: "The service account is named by its own field",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.1.5" },
  why: "The field serviceAccount is an old alias of serviceAccountName: readers and policies that look at the one do not see the other.",
  remediation: "Name the account in serviceAccountName.",
  whenNot: "Never for new manifests; old ones that are about to be deleted may stay.",
  about: "pod",
  reads: ({ deprecatedServiceAccount }) => ({ account: exact(deprecatedServiceAccount) }),
  check: ({ account }) => (account === undefined ? undefined : "name its service account in serviceAccountName, not in the deprecated serviceAccount"),
  fix: ({ account }) => account.to(undefined),
  examples: { kubernetes: { bad: { serviceAccountName: null, serviceAccount: "api" }, good: [{ serviceAccountName: "api" }, { serviceAccountName: "api", serviceAccount: "api" }] } },
});
