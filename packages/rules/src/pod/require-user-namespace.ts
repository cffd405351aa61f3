import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-user-namespace",
  title: "Pods have a user namespace of their own",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "In a user namespace of its own root is nobody outside of it: an escape, a stolen capability or a set-user-id binary reaches the node as a user that owns nothing.",
  remediation: "Set hostUsers to false. It needs Linux 6.3, a runtime that supports it and Kubernetes 1.33 (a beta feature before); host namespaces, and raw block volumes, cannot be had with it, and a pod does not start on a node that cannot do it: it is not set by itself.",
  whenNot: "On clusters whose nodes or storage drivers cannot map ids (NFS volumes, older kernels), and for node agents, which share namespaces of the host by design.",
  about: "pod",
  appliesTo: ({ windows }) => !windows,
  reads: ({ userNamespace }) => ({ own: exact(userNamespace) }),
  check: ({ own }) => (own === true ? undefined : "have a user namespace of its own (hostUsers: false)"),
  examples: { kubernetes: { bad: [{ hostUsers: true }, { hostUsers: null }], good: { hostUsers: false } } },
});
