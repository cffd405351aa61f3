import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-default-service-account",
  title: "Pods do not use the default service account",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.1.5", "nsa-cisa-1.2": "service-account-tokens" },
  why: "Rights that are given to the default account, once and for one pod, are the rights of every pod that names none.",
  remediation: "Create a service account for the workload and name it in serviceAccountName.",
  whenNot: "For pods that mount no token at all: the account's rights are then out of their reach, and a name of its own is order rather than defence.",
  about: "pod",
  reads: ({ serviceAccount }) => ({ account: exact(serviceAccount) }),
  check: ({ account = "" }) => (account === "" || account === "default" ? "name a service account of its own" : undefined),
  examples: {
    kubernetes: { bad: [{ serviceAccountName: null }, { serviceAccountName: "default" }], good: { serviceAccountName: "api" } },
  },
});
