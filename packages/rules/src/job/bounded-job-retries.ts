import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodJob, goodMetadata, goodPod } from "../example-documents";

const job = (spec: object) => ({ apiVersion: "batch/v1", kind: "Job", metadata: goodMetadata, spec: { ...goodJob, ...spec, template: { spec: { ...goodPod, containers: [goodContainer] } } } });

export default defineRule({
  id: "bounded-job-retries",
  title: "Jobs are not retried without an end",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Each retry is another pod: a job that cannot succeed fills the node with dead ones, and gives an attacker as many attempts as they like.",
  remediation: "Lower backoffLimit; left out it is 6.",
  whenNot: "For indexed jobs over many items, where each item has a limit of its own (backoffLimitPerIndex): raise the option `maximum`.",
  about: "job",
  options: { maximum: { type: "number", description: "How many retries are allowed.", example: 3, minimum: 0, default: 6 } },
  reads: ({ retries }) => ({ retries: exact(retries) }),
  check: ({ retries = 6 }, { options }) => (retries <= options.maximum ? undefined : `be retried at most ${options.maximum} times (backoffLimit), not ${retries} times`),
  examples: { kubernetes: { on: "document", bad: job({ backoffLimit: 1000 }), good: [job({ backoffLimit: 2 }), job({})] } },
});
