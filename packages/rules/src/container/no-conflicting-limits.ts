import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-conflicting-limits",
  title: "A limit that stands in two places has one value",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["compose"],
  frameworks: { "cis-docker-1.6": ["5.11", "5.12", "5.29"], "nist-sp-800-190": "4.4.3" },
  why: "Compose refuses a service whose mem_limit, cpus or pids_limit differs from deploy.resources.limits, and older releases and Swarm each obey only one of the two: the limit that a reader sees is not the one that holds.",
  remediation: "Keep one of the two, or write the same value in both. Where deploy.resources.limits is there and leaves out what the service sets, Compose counts that as a difference too.",
  whenNot: "For a file that only Swarm deploys: it reads deploy.resources.limits and passes over the other spelling.",
  about: "composeService",
  reads: ({ limitConflicts }) => ({ names: forbids(limitConflicts) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `have one value for ${names.join(", ")}, the same as under deploy.resources.limits`),
  examples: {
    compose: {
      bad: [{ deploy: { resources: { limits: { memory: "256m", cpus: 0.5, pids: 128 } } } }, { mem_limit: null, cpus: null, deploy: { resources: { limits: { memory: "64m", cpus: "0.5" } } } }],
      good: [{ deploy: { resources: { limits: { memory: "128M", cpus: "0.50", pids: 128 } } } }, { mem_limit: null, cpus: null, pids_limit: null, deploy: { resources: { limits: { memory: "64m", cpus: "0.5", pids: 64 } } } }],
    },
  },
});
