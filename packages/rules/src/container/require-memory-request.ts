import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-memory-request",
  title: "Containers have a memory request",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "owasp-kubernetes-2025": "K01" },
  why: "The scheduler places pods by their requests: one that asks for nothing lands on a node that is full, and is the first to be evicted.",
  remediation: "Set resources.requests.memory to what the process is seen to use; where only a limit is set, that is the request too.",
  whenNot: "Where a LimitRange of the namespace gives every container a default request.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  reads: ({ memoryRequest }) => ({ request: exact(memoryRequest) }),
  check: ({ request = 0 }) => (request > 0 ? undefined : "have a memory request"),
  examples: { kubernetes: { within: ["require-memory-limit"], bad: { resources: { limits: { memory: null } } }, good: [{ resources: { requests: { memory: "64Mi" } } }, { resources: { limits: { memory: "64Mi" } } }] } },
});
