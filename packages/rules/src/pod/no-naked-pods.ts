import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

export default defineRule({
  id: "no-naked-pods",
  title: "Pods have a controller",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A pod that stands alone is not started again when its node fails or is drained, and nothing rolls a repaired image out to it.",
  remediation: "Use a Deployment, a StatefulSet, a DaemonSet or a Job.",
  whenNot: "For pods that are started by hand to look into something, and for static pods of the control plane. Hooks of a Helm chart are no finding.",
  about: "pod",
  reads: ({ naked }) => ({ naked: exact(naked) }),
  check: ({ naked }) => (naked === true ? "have a controller, which starts it again elsewhere" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: { apiVersion: "v1", kind: "Pod", metadata: goodMetadata, spec: { ...goodPod, containers: [goodContainer] } },
      good: [
        { apiVersion: "batch/v1", kind: "Job", metadata: goodMetadata, spec: { activeDeadlineSeconds: 600, ttlSecondsAfterFinished: 3600, template: { spec: { ...goodPod, containers: [goodContainer] } } } },
        { apiVersion: "v1", kind: "Pod", metadata: { ...goodMetadata, annotations: { "example.com/contact": "shop", "helm.sh/hook": "test" } }, spec: { ...goodPod, containers: [goodContainer] } },
      ],
    },
  },
});
