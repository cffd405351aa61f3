import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-scratch-size-limit",
  title: "Scratch space is limited",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "owasp-docker": "D07" },
  why: "An emptyDir fills the node's disk, and a tmpfs its memory, until the node evicts its neighbours.",
  remediation: "Set emptyDir.sizeLimit (Kubernetes) or tmpfsOptions.sizeBytes (Docker), or size among the options of a tmpfs (compose).",
  whenNot: "Where the namespace or the pod has an ephemeral-storage limit already: it covers an emptyDir on disk, though not one in memory.",
  about: "volume",
  appliesTo: ({ scratch }) => scratch,
  reads: ({ sizeLimit }) => ({ limit: exact(sizeLimit) }),
  check: ({ limit = 0 }) => (limit > 0 ? undefined : "have a size limit"),
  examples: {
    kubernetes: { bad: [{ volumes: [{ name: "tmp", emptyDir: {} }] }, { volumes: [{ name: "tmp" }] }], good: { volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }] } },
    docker: { bad: { mounts: [{ type: "tmpfs", target: "/tmp" }] }, good: { mounts: [{ type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 67108864 } }] } },
    compose: { bad: [{ tmpfs: "/tmp" }, { volumes: [{ type: "tmpfs", target: "/tmp" }] }], good: { tmpfs: ["/tmp:size=64m,mode=1777"], volumes: [{ type: "tmpfs", target: "/run", tmpfs: { size: 1048576 } }] } },
  },
});
