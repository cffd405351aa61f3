import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-cgroup-namespace",
  title: "Containers have a cgroup namespace of their own",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "nist-sp-800-190": "4.4.3" },
  why: "In the host's cgroup namespace a container sees how every other container of the host is named and limited.",
  remediation: "Remove the cgroup namespace mode host, or set private.",
  whenNot: "For monitoring agents that report the resources of every container of the host (cAdvisor and its like).",
  about: "pod",
  reads: ({ hostCgroupNamespace }) => ({ host: exact(hostCgroupNamespace) }),
  check: ({ host }) => (host === true ? "not use the host's cgroup namespace" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: {
    docker: { bad: { cgroupnsMode: "host" }, good: { cgroupnsMode: "private" } },
    compose: { bad: { cgroup: "host" }, good: { cgroup: "private" } },
  },
});
