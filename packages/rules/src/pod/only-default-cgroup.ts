import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "only-default-cgroup",
  title: "Containers stay in the daemon's cgroup",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.25", "nist-sp-800-190": "4.4.3" },
  why: "Under another parent the limits that the host sets for all containers do not hold for this one.",
  remediation: "Remove the parent, or name it in the option `allowed` once its limits are known.",
  whenNot: "Where slices with limits of their own are how the host shares its resources: allow their names.",
  about: "pod",
  options: { allowed: { type: "strings", description: "Parents that are allowed.", example: ["batch.slice"], default: [] } },
  reads: ({ cgroupParent }) => ({ parent: exact(cgroupParent) }),
  check: ({ parent = "" }, { options }) => (parent === "" || options.allowed.includes(parent) ? undefined : `stay in the daemon's own cgroup, not in ${JSON.stringify(parent)}`),
  fix: ({ parent }) => parent.to(undefined),
  examples: {
    docker: { bad: { cgroupParent: "/system.slice" }, good: { cgroupParent: "" } },
    compose: { bad: { cgroup_parent: "/system.slice" }, good: { cgroup_parent: "" } },
  },
});
