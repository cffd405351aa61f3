const { defineRule, exact } = require("@bulkhead/core");

const mebibyte = 1024 * 1024;

module.exports = defineRule({
  id: "memory-below-maximum",
  title: "Containers ask for no more memory than was agreed on",
  severity: "medium",
  since: "1.0.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: {},
  why: "Our nodes have 16 GiB: one container with a larger limit than most keeps the others from being scheduled.",
  remediation: "Lower the memory limit, or ask the platform team for a larger maximum.",
  whenNot: "For the batch nodes, which run one container at a time.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  options: { mebibytes: { type: "number", description: "The largest memory limit.", example: 512, minimum: 1, default: 1024 } },
  reads: ({ memoryLimit }) => ({ limit: exact(memoryLimit) }),
  check: ({ limit = 0 }, { options }) => (limit > options.mebibytes * mebibyte ? `have a memory limit of at most ${options.mebibytes} MiB` : undefined),
  fix: ({ limit }, { options }) => limit.to(options.mebibytes * mebibyte),
  examples: {
    kubernetes: { bad: { resources: { limits: { memory: "2Gi" } } }, good: { resources: { limits: { memory: "1Gi" } } } },
    docker: { bad: { memory: 2048 }, good: { memory: 1024 } },
    compose: { bad: { mem_limit: "2g" }, good: { mem_limit: "1g" } },
  },
});
