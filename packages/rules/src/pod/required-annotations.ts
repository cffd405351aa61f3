import { defineRule, requires } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

const workload = (metadata: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } });

export default defineRule({
  id: "required-annotations",
  title: "Workloads have the annotations that are asked for",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Who owns a workload, and whom to call, is found by what it says of itself, at the moment when somebody needs it.",
  remediation: "Add the annotations to the workload's metadata.",
  whenNot: "Without the option `annotations` the rule is not applied at all. Where Kustomize, a transformation or an admission webhook adds them, the program does not show them.",
  about: "pod",
  options: { annotations: { type: "strings", description: "Names of annotations that every workload must have.", example: ["example.com/contact"] } },
  reads: ({ annotations }) => ({ names: requires(annotations) }),
  check({ names = [] }, { options }) {
    const missing = options.annotations.filter((name) => !names.includes(name));
    return missing.length === 0 ? undefined : `have the annotations ${missing.join(", ")}`;
  },
  exampleOptions: { annotations: ["example.com/contact"] },
  examples: {
    kubernetes: { on: "document", bad: workload({ name: "api", namespace: "shop", labels: goodMetadata["labels"] }), good: workload(goodMetadata) },
  },
});
