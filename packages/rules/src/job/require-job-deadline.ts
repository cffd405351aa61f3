import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodJob, goodMetadata, goodPod } from "../example-documents";

const job = (spec: object) => ({ apiVersion: "batch/v1", kind: "Job", metadata: goodMetadata, spec: { ...goodJob, ...spec, template: { spec: { ...goodPod, containers: [goodContainer] } } } });

export default defineRule({
  id: "require-job-deadline",
  title: "Jobs have a deadline",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A job that hangs, or mines, holds its node's resources and its rights until somebody notices.",
  remediation: "Set activeDeadlineSeconds to what the slowest run may take.",
  whenNot: "For jobs that are queues: workers that run as long as there is work.",
  about: "job",
  reads: ({ deadline }) => ({ deadline: exact(deadline) }),
  check: ({ deadline = 0 }) => (deadline > 0 ? undefined : "have a deadline (activeDeadlineSeconds)"),
  examples: { kubernetes: { on: "document", bad: job({ activeDeadlineSeconds: null }), good: job({ activeDeadlineSeconds: 3600 }) } },
});
