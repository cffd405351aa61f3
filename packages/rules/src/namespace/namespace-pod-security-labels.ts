import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "namespace-pod-security-labels",
  title: "Namespaces enforce a Pod Security level",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.2.1", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.5", "owasp-kubernetes-2025": "K04" },
  why: "Without the label the API server admits any pod, whoever creates it and whatever tool they use.",
  remediation: "Label the namespace pod-security.kubernetes.io/enforce: baseline or restricted, and pin enforce-version to the cluster's version.",
  whenNot: "Where the levels are set for the whole cluster in the admission configuration, or another admission controller enforces the same: labels would only repeat it.",
  about: "namespace",
  reads: ({ enforce }) => ({ level: exact(enforce) }),
  check: ({ level }) => (level === "baseline" || level === "restricted" ? undefined : 'have the label pod-security.kubernetes.io/enforce with "baseline" or "restricted"'),
  fix: ({ level }) => level.to("baseline"),
  examples: {
    kubernetes: {
      on: "document", within: ["pinned-pod-security-version"],
      bad: [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "privileged", "pod-security.kubernetes.io/enforce-version": "v1.34" } } },
      ],
      good: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "v1.34" } } },
    },
  },
});
