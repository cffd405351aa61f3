import { defineRule, requires } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

const workload = (metadata: object) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: { spec: { ...goodPod, containers: [goodContainer] } } } });

export default defineRule({
  id: "required-labels",
  title: "Workloads have the labels that are asked for",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: {},
  why: "Who owns a workload, and whom to call, is found by what it says of itself, at the moment when somebody needs it.",
  remediation: "Add the labels to the workload's metadata (on Docker, to its labels).",
  whenNot: "Without the option `labels` the rule is not applied at all. Where Kustomize, a transformation or an admission webhook adds them, the program does not show them.",
  about: "pod",
  options: { labels: { type: "strings", description: "Names of labels that every workload must have.", example: ["app.kubernetes.io/name"] } },
  reads: ({ labels }) => ({ names: requires(labels) }),
  check({ names = [] }, { options }) {
    const missing = options.labels.filter((name) => !names.includes(name));
    return missing.length === 0 ? undefined : `have the labels ${missing.join(", ")}`;
  },
  exampleOptions: { labels: ["team"] },
  examples: {
    kubernetes: { on: "document", bad: workload({ name: "api", namespace: "shop", annotations: goodMetadata["annotations"] }), good: workload(goodMetadata) },
    docker: { bad: [{ labels: null }, { labels: [{ label: "app", value: "web" }] }], good: { labels: [{ label: "team", value: "shop" }] } },
    compose: { bad: [{ labels: null }, { labels: { team: null, app: "web" } }], good: { labels: { team: "shop" } } },
  },
});
