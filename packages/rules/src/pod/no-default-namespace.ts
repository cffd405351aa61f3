import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

export default defineRule({
  id: "no-default-namespace",
  title: "Workloads are not in the default namespace",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.7.4" },
  why: "Policies, quotas and rights are given by namespace; in default everything that nobody thought about shares them.",
  remediation: "Name a namespace of the workload's own.",
  whenNot: "On small clusters with one tenant, and where the namespace is given by the tool that applies the manifests (`kubectl -n`, Argo CD, Kustomize): the manifest then does not say where it goes.",
  about: "pod",
  reads: ({ namespace }) => ({ namespace: exact(namespace) }),
  check: ({ namespace }) => (namespace === "default" ? "be in a namespace of its own, not in default" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...goodMetadata, namespace: "default" }, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } },
      good: { apiVersion: "apps/v1", kind: "Deployment", metadata: { ...goodMetadata, namespace: "shop" }, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } },
    },
  },
});
