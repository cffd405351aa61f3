import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-ipc",
  title: "Pods and containers have an IPC namespace of their own",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.17", "cis-kubernetes-1.10": "5.2.4", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "In the host's IPC namespace a container reads and writes the shared memory and semaphores of the host's processes.",
  remediation: "Remove hostIPC (Kubernetes) or the IPC mode host (Docker).",
  whenNot: "For a pair of programs that must share memory with a process of the host (some GPU and database tools); sharing it between containers of one pod needs no hostIPC.",
  about: "pod",
  reads: ({ hostIpc }) => ({ host: exact(hostIpc) }),
  check: ({ host }) => (host === true ? "not use the host's IPC namespace" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: {
    kubernetes: { bad: { hostIPC: true }, good: { hostIPC: false } },
    docker: { bad: { ipcMode: "host" }, good: { ipcMode: "private" } },
    compose: { bad: { ipc: "host" }, good: { ipc: "shareable" } },
  },
});
