import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-node-name",
  title: "Pods are placed by the scheduler",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A pod that names its node goes past the scheduler, and with it past taints and past what keeps workloads apart.",
  remediation: "Remove nodeName; use a node selector or affinity.",
  whenNot: "For static pods and for debugging one particular node. Use it knowing that the scheduler's checks do not apply.",
  about: "pod",
  reads: ({ nodeName }) => ({ node: exact(nodeName) }),
  check: ({ node = "" }) => (node === "" ? undefined : "not name its node"),
  fix: ({ node }) => node.to(undefined),
  examples: {
    kubernetes: { bad: { nodeName: "master-0" }, good: { nodeSelector: { pool: "web" } } },
  },
});
