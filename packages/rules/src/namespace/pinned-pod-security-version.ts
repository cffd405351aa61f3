import { defineRule, exact } from "@bulkhead/core";

const namespace = (labels: object) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted", ...labels } } });

export default defineRule({
  id: "pinned-pod-security-version",
  title: "The Pod Security level is pinned to a version",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.2.1", "nsa-cisa-1.2": "pod-security-enforcement", "owasp-kubernetes-2025": "K04" },
  why: "Without a version the level is that of the API server: an upgrade of the cluster then refuses pods that it let in the day before.",
  remediation: "Label the namespace pod-security.kubernetes.io/enforce-version with the cluster's version, such as v1.34, and raise it on purpose.",
  whenNot: "Where the newest checks are wanted as soon as they are there, and a refused pod is noticed.",
  about: "namespace",
  reads: ({ enforce, enforceVersion }) => ({ level: exact(enforce), version: exact(enforceVersion) }),
  check: ({ level, version = "" }) => (level === undefined || /^v1\.\d+$/.test(version) ? undefined : "pin pod-security.kubernetes.io/enforce-version to a version such as v1.34"),
  examples: { kubernetes: { on: "document", bad: [namespace({}), namespace({ "pod-security.kubernetes.io/enforce-version": "latest" })], good: namespace({ "pod-security.kubernetes.io/enforce-version": "v1.34" }) } },
});
