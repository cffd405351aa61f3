import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-host-aliases",
  title: "Host names are not overridden",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: {},
  why: "An entry in /etc/hosts sends the traffic for a name elsewhere, past DNS and whoever watches it.",
  remediation: "Remove the entries and let the names resolve.",
  whenNot: "For names that DNS cannot give (a licence server, a test double) in a cluster whose resolver you do not manage.",
  about: "pod",
  reads: ({ hostAliases }) => ({ aliases: forbids(hostAliases) }),
  check: ({ aliases = [] }) => (aliases.length === 0 ? undefined : "add no entries to /etc/hosts"),
  fix: ({ aliases }) => aliases.to(undefined),
  examples: {
    kubernetes: { bad: { hostAliases: [{ ip: "10.0.0.1", hostnames: ["db"] }] }, good: { hostAliases: [] } },
    docker: { bad: { hosts: [{ host: "db", ip: "10.0.0.1" }] }, good: { hosts: [] } },
    compose: { bad: [{ extra_hosts: ["db=10.0.0.1"] }, { extra_hosts: { db: "10.0.0.1" } }], good: { extra_hosts: [] } },
  },
});
