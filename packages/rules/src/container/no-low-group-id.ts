import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-low-group-id",
  title: "Group ids are above those of the host",
  severity: "low",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-docker": "D01" },
  why: "Without a user namespace a group id of the container is the same group on the host, and low ones are its own: disk, docker, adm.",
  remediation: "Name a group id of at least 10000, which no group of the host has.",
  whenNot: "On daemons and nodes that remap users, and where a volume belongs to a group with a low id: lower the option `minimum` there.",
  about: ["pod", "container"],
  options: { minimum: { type: "number", description: "The lowest group id that is allowed.", example: 1000, minimum: 1, default: 10000 } },
  reads: ({ group }) => ({ group: forbids(group) }),
  check: ({ group = "" }, { options }) => (/^\d+$/.test(group) && Number(group) < options.minimum ? `run as a group id of at least ${options.minimum}, not ${group}` : undefined),
  examples: {
    kubernetes: [
      { bad: { securityContext: { runAsGroup: 1000 } }, good: { securityContext: { runAsGroup: 10000 } } },
      { on: "pod", bad: { securityContext: { runAsGroup: 998 } }, good: { securityContext: { runAsGroup: 10001 } } },
    ],
    docker: { bad: { user: "10001:999" }, good: [{ user: "10001:10001" }, { user: "10001" }] },
    compose: { bad: { user: "10001:999" }, good: { user: "10001:10001" } },
  },
});
