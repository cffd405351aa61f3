import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

export default defineRule({
  id: "no-system-namespace",
  title: "Workloads are not in the system's namespaces",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "namespaces" },
  why: "What runs in kube-system is trusted by much else, and hidden among what nobody looks at.",
  remediation: "Name a namespace of the workload's own.",
  whenNot: "For those who manage the cluster itself: its DNS, proxies and drivers belong there. Run the pack on their programs with this rule off.",
  about: "pod",
  reads: ({ namespace }) => ({ namespace: exact(namespace) }),
  check: ({ namespace }) => (namespace !== undefined && ["kube-system", "kube-public", "kube-node-lease"].includes(namespace) ? "be in a namespace of its own, not in the system's" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...goodMetadata, namespace: "kube-system" }, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } },
      good: { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...goodMetadata, namespace: "shop" }, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } },
    },
  },
});
