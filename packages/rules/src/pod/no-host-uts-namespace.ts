import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-uts-namespace",
  title: "Containers do not share the host's name",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["compose"],
  frameworks: { "cis-docker-1.6": "5.21", "nist-sp-800-190": "4.4.3" },
  why: "In the host's UTS namespace a container reads the host's name, and with SYS_ADMIN changes it for everything on the host.",
  remediation: "Remove uts; name the container with hostname. Neither Kubernetes nor @pulumi/docker has such a setting.",
  whenNot: "For agents that must report under the host's own name, as it changes.",
  about: "pod",
  reads: ({ hostUtsNamespace }) => ({ host: exact(hostUtsNamespace) }),
  check: ({ host }) => (host === true ? "not share the host's name (its UTS namespace)" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: { compose: { bad: { uts: "host" }, good: { hostname: "web" } } },
});
