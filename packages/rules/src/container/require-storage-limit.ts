import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-storage-limit",
  title: "Containers have an ephemeral storage limit",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "owasp-docker": "D07", "owasp-kubernetes-2025": "K01" },
  why: "Logs, layers and scratch files share the node's disk: one container fills it, and the kubelet evicts its neighbours.",
  remediation: "Set resources.limits.ephemeral-storage a little above what the container is seen to write.",
  whenNot: "Where a LimitRange of the namespace gives every container a default. On Docker a read-only root and scratch space with a size do the same.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  reads: ({ storageLimit }) => ({ limit: exact(storageLimit) }),
  check: ({ limit = 0 }) => (limit > 0 ? undefined : "have an ephemeral storage limit"),
  examples: { kubernetes: { bad: [{ resources: { limits: { "ephemeral-storage": null } } }, { resources: { limits: { "ephemeral-storage": "0" } } }], good: { resources: { limits: { "ephemeral-storage": "2Gi" } } } } },
});
