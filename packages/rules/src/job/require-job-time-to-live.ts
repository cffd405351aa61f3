import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodJob, goodMetadata, goodPod } from "../example-documents";

const job = (spec: object) => ({ apiVersion: "batch/v1", kind: "Job", metadata: goodMetadata, spec: { ...goodJob, ...spec, template: { spec: { ...goodPod, containers: [goodContainer] } } } });

export default defineRule({
  id: "require-job-time-to-live",
  title: "Jobs are removed after their end",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A job that is done stays, with its pods, their logs and the names of their secrets, until somebody deletes it.",
  remediation: "Set ttlSecondsAfterFinished. The jobs of a CronJob are removed by its history limits.",
  whenNot: "Where Pulumi itself, or a Helm hook's delete policy, removes the job: one that is removed by its time is created again at the next update.",
  about: "job",
  appliesTo: ({ scheduled }) => !scheduled,
  reads: ({ timeToLive }) => ({ seconds: exact(timeToLive) }),
  check: ({ seconds }) => (seconds === undefined ? "be removed after its end (ttlSecondsAfterFinished)" : undefined),
  examples: { kubernetes: { on: "document", bad: job({ ttlSecondsAfterFinished: null }), good: [job({ ttlSecondsAfterFinished: 0 }), job({ ttlSecondsAfterFinished: 86400 })] } },
});
