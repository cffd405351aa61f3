import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodCron, goodJob, goodMetadata, goodPod } from "../example-documents";

const cron = (spec: object) => ({ apiVersion: "batch/v1", kind: "CronJob", metadata: goodMetadata, spec: { ...goodCron, ...spec, jobTemplate: { spec: { ...goodJob, template: { spec: { ...goodPod, containers: [goodContainer] } } } } } });

export default defineRule({
  id: "no-concurrent-cron-jobs",
  title: "Runs of a CronJob do not pile up",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A run that takes longer than the time between two is joined by the next, and the next, until the node is full.",
  remediation: "Set concurrencyPolicy to Forbid, or to Replace where only the newest run counts.",
  whenNot: "For runs that are independent of each other and short by nature.",
  about: "cronJob",
  reads: ({ concurrency }) => ({ policy: exact(concurrency) }),
  check: ({ policy }) => (policy === "Forbid" || policy === "Replace" ? undefined : "not start while its last run goes on (concurrencyPolicy Forbid)"),
  fix: ({ policy }) => policy.to("Forbid"),
  examples: { kubernetes: { on: "document", bad: [cron({ concurrencyPolicy: null }), cron({ concurrencyPolicy: "Allow" })], good: cron({ concurrencyPolicy: "Replace" }) } },
});
