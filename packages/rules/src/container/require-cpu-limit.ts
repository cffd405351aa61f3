import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-cpu-limit",
  title: "Containers have a CPU limit",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.12", "owasp-docker": "D07", "owasp-kubernetes-2025": "K01" },
  why: "Without a limit one busy or hostile process, a miner say, takes the processors of the whole host.",
  remediation: "Set resources.limits.cpu of the container or the pod (Kubernetes), cpus (Docker), cpus or deploy.resources.limits.cpus (compose).",
  whenNot: "Where latency matters more than isolation and nodes are not shared: a limit throttles bursts even on an idle node. Turn the rule off there and rely on requests, knowing that a neighbour can be starved.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  overlaps: ["require-cpu-request"],
  reads: ({ cpuLimit }) => ({ limit: exact(cpuLimit) }),
  check: ({ limit = 0 }) => (limit > 0 ? undefined : "have a CPU limit"),
  examples: {
    kubernetes: { bad: { resources: { limits: { cpu: null } } }, good: { resources: { limits: { cpu: "250m" } } } },
    docker: { bad: [{ cpus: null }, { cpus: "0" }], good: [{ cpus: "1.5" }, { cpus: null, cpuShares: 512 }] },
    compose: { bad: [{ cpus: null }, { cpus: 0 }], good: [{ cpus: "1.5" }, { cpus: null, mem_limit: null, pids_limit: null, deploy: { resources: { limits: { cpus: "0.5", memory: "64m", pids: 64 } } } }] },
  },
});
