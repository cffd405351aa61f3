import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-pid",
  title: "Pods and containers have a process namespace of their own",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.16", "cis-kubernetes-1.10": "5.2.3", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "In the host's process namespace a container sees every process of the host, with its environment, and may signal or trace it.",
  remediation: "Remove hostPID (Kubernetes) or the pid mode host (Docker).",
  whenNot: "For agents that observe or trace processes of the node by design (security sensors, profilers).",
  about: "pod",
  reads: ({ hostPid }) => ({ host: exact(hostPid) }),
  check: ({ host }) => (host === true ? "not use the host's process namespace" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: {
    kubernetes: { bad: { hostPID: true }, good: { hostPID: false } },
    docker: { bad: { pidMode: "host" }, good: { pidMode: null } },
    compose: { bad: { pid: "host" }, good: { pid: null } },
  },
});
