import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-user-namespace",
  title: "Containers stay out of the host's user namespace",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.31", "nist-sp-800-190": "4.4.3", "owasp-docker": "D01" },
  why: "Where the daemon remaps users, host turns that off for the container: its root is the host's root again.",
  remediation: "Remove the user namespace mode host.",
  whenNot: "For a container that must own files or devices of the host as their real user on a daemon that remaps users. Where the daemon does not remap, the setting does nothing.",
  about: "pod",
  reads: ({ hostUserNamespace }) => ({ host: exact(hostUserNamespace) }),
  check: ({ host }) => (host === true ? "not use the host's user namespace" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: {
    docker: { bad: { usernsMode: "host" }, good: { usernsMode: "" } },
    compose: { bad: { userns_mode: "host" }, good: { userns_mode: "" } },
  },
});
