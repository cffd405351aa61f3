import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodCron, goodJob, goodMetadata, goodPod } from "../example-documents";

const cron = (spec: object) => ({ apiVersion: "batch/v1", kind: "CronJob", metadata: goodMetadata, spec: { ...goodCron, ...spec, jobTemplate: { spec: { ...goodJob, template: { spec: { ...goodPod, containers: [goodContainer] } } } } } });

export default defineRule({
  id: "require-cron-deadline",
  title: "Missed starts of CronJobs expire",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Without a deadline the controller counts every start since the last one: after 100 that were missed it gives up for good, and before that it starts late what nobody expects any more.",
  remediation: "Set startingDeadlineSeconds, to less than the time between two starts.",
  whenNot: "For runs that must happen however late, a monthly bill say.",
  about: "cronJob",
  reads: ({ startingDeadline }) => ({ seconds: exact(startingDeadline) }),
  check: ({ seconds = 0 }) => (seconds > 0 ? undefined : "let missed starts expire (startingDeadlineSeconds)"),
  examples: { kubernetes: { on: "document", bad: cron({ startingDeadlineSeconds: null }), good: cron({ startingDeadlineSeconds: 300 }) } },
});
