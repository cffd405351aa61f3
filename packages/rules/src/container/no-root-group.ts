import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-root-group",
  title: "The primary group is not root's",
  severity: "medium",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "nsa-cisa-1.2": "non-root", "nist-sp-800-190": "4.1.2", "owasp-docker": "D01" },
  why: "Files of root are often readable, and some writable, for root's group: a user id other than 0 alone does not keep a process from them.",
  remediation: "Name a group id other than 0 (runAsGroup; on Docker user:group).",
  whenNot: "For images made for OpenShift, which give their files to group 0 on purpose so that any user id works.",
  about: ["pod", "container"],
  overlaps: ["no-low-group-id"],
  reads: ({ group }) => ({ group: forbids(group) }),
  check: ({ group = "" }) => (group === "root" || (/^\d+$/.test(group) && Number(group) === 0) ? "run as a group other than root (0)" : undefined),
  examples: {
    kubernetes: [
      { bad: { securityContext: { runAsGroup: 0 } }, good: { securityContext: { runAsGroup: 10001 } } },
      { on: "pod", bad: { securityContext: { runAsGroup: 0 } }, good: { securityContext: { runAsGroup: 10001 } } },
    ],
    docker: { bad: [{ user: "10001:0" }, { user: "10001:root" }], good: { user: "10001:10001" } },
    compose: { bad: [{ user: "10001:0" }, { user: "10001:root" }], good: { user: "10001:10001" } },
  },
});
