import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-memory-limit",
  title: "Containers have a memory limit",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.11", "owasp-docker": "D07", "owasp-kubernetes-2025": "K01" },
  why: "One leaking or hostile process takes the memory of the whole host, and the kernel then kills its neighbours.",
  remediation: "Set a memory limit a little above what the process is seen to use: resources.limits.memory of the container or the pod (Kubernetes), memory (Docker), mem_limit or deploy.resources.limits.memory (compose).",
  whenNot: "For a workload that may use a whole node by design (a database on machines of its own): its limit is the machine.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  overlaps: ["require-memory-request"],
  reads: ({ memoryLimit }) => ({ limit: exact(memoryLimit) }),
  check: ({ limit = 0 }) => (limit > 0 ? undefined : "have a memory limit"),
  examples: {
    kubernetes: { bad: { resources: { limits: { memory: null } } }, good: { resources: { limits: { memory: "64Mi" } } } },
    docker: { bad: [{ memory: null }, { memory: 0 }], good: { memory: 64 } },
    compose: { bad: [{ mem_limit: null }, { mem_limit: 0 }], good: [{ mem_limit: "64m" }, { cpus: null, mem_limit: null, pids_limit: null, deploy: { resources: { limits: { cpus: "0.5", memory: "64m", pids: 64 } } } }] },
  },
});
