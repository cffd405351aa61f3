import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-pids-limit",
  title: "The number of processes is limited",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.29", "cis-kubernetes-1.10": "4.2.13", "owasp-docker": "D07" },
  why: "A fork bomb, or a miner that starts as many processes as it can, stops every other container of the host.",
  remediation: "Set podPidsLimit in the kubelet's configuration or the node pool: a pod spec has no input for it. In a compose file set pids_limit, or deploy.resources.limits.pids. @pulumi/docker has no input either: use HardenedContainer, or give a container that is not started a PidsLimit, both of @bulkhead/components, which set the limit through the Engine API.",
  whenNot: "Where the nodes are managed elsewhere and their limit is checked there: the program then holds nothing to judge.",
  about: ["container", "node", "dockerContainer"],
  inventory: ["docker"],
  roles: ["main", "init", "sidecar"],
  options: { maximum: { type: "number", description: "The highest limit that is allowed.", example: 1024, minimum: 1, default: 4096 } },
  reads: (subject, inventory) => ({ limit: exact(subject.about === "dockerContainer" ? inventory.pidsLimit(subject) : subject.pidsLimit) }),
  check({ limit = 0 }, { about, options }) {
    if (limit > options.maximum) return `allow at most ${options.maximum} processes, not ${limit}`;
    if (limit > 0) return;
    return about === "node" ? "set podPidsLimit to a positive number" : "limit the number of processes";
  },
  examples: {
    kubernetes: {
      on: "document",
      bad: [
        { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", podPidsLimit: -1 },
        { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" },
        { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", podPidsLimit: 4194304 },
      ],
      good: { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration", podPidsLimit: 1024 },
    },
    docker: { on: "stack", bad: [{ webLimit: null }, { webLimit: { properties: { limit: 4194304 } } }], good: {} },
    compose: { bad: [{ pids_limit: null }, { pids_limit: -1 }], good: [{ pids_limit: 64 }, { cpus: null, mem_limit: null, pids_limit: null, deploy: { resources: { limits: { cpus: "0.5", memory: "64m", pids: 64 } } } }] },
  },
});
