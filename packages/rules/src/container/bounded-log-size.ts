import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "bounded-log-size",
  title: "The log of a container is limited",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "owasp-docker": "D07" },
  why: "The driver json-file writes to one file without an end: a container that logs much, or is made to, fills the host's disk.",
  remediation: "Set max-size (and max-file) in the log options, or use the driver local, which rotates by itself.",
  whenNot: "Where the daemon's configuration gives json-file a max-size for every container.",
  about: "container",
  reads: ({ logDriver, logSizeLimited }) => ({ driver: exact(logDriver), limited: exact(logSizeLimited) }),
  check: ({ driver, limited }) => (driver === "json-file" && limited !== true ? "limit the size of its log (max-size)" : undefined),
  examples: {
    docker: { bad: [{ logDriver: "json-file" }, { logDriver: "json-file", logOpts: { "max-file": "3" } }], good: [{ logDriver: "json-file", logOpts: { "max-size": "10m" } }, { logDriver: "local" }] },
    compose: { bad: { logging: { driver: "json-file" } }, good: { logging: { driver: "json-file", options: { "max-size": "10m" } } } },
  },
});
