import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-cpu-request",
  title: "Containers have a CPU request",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "owasp-kubernetes-2025": "K01" },
  why: "The scheduler places pods by their requests: one that asks for nothing lands on a node that is full, and is the first to be starved.",
  remediation: "Set resources.requests.cpu to what the process is seen to use; where only a limit is set, that is the request too.",
  whenNot: "Where a LimitRange of the namespace gives every container a default request.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  reads: ({ cpuRequest }) => ({ request: exact(cpuRequest) }),
  check: ({ request = 0 }) => (request > 0 ? undefined : "have a CPU request"),
  examples: { kubernetes: { within: ["require-cpu-limit"], bad: { resources: { limits: { cpu: null } } }, good: [{ resources: { requests: { cpu: "100m" } } }, { resources: { limits: { cpu: "100m" } } }] } },
});
