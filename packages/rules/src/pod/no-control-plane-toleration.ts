import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-control-plane-toleration",
  title: "Pods stay off the control plane",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.3.4" },
  why: "Next to the API server and etcd, an escape from a container is an escape into the control of the cluster.",
  remediation: "Tolerate only the taints of the nodes that the workload is meant for.",
  whenNot: "For monitoring and node agents that must run on every node, and for clusters of one node, where the control plane is the only place.",
  about: "pod",
  reads: ({ tolerations }) => ({ keys: forbids(tolerations) }),
  check: ({ keys = [] }) => (keys.some((key) => key === "*" || key === "" || /^node-role\.kubernetes\.io\/(control-plane|master)$/.test(key)) ? "not tolerate the taint of the control plane" : undefined),
  examples: {
    kubernetes: { bad: [{ tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists" }] }, { tolerations: [{ operator: "Exists" }] }], good: { tolerations: [{ key: "pool", operator: "Equal", value: "web" }] } },
  },
});
