import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-log-driver",
  title: "Containers keep a log",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "2.13", "owasp-docker": "D10" },
  why: "Without a log nobody sees what a container did: none throws it away, and what is not named depends on the daemon's configuration.",
  remediation: "Name the driver that the host's log collector reads, or local.",
  whenNot: "Where the daemon's own default is managed and known (`log-driver` in daemon.json): turn the rule off there.",
  about: "container",
  options: { drivers: { type: "strings", description: "Drivers that are allowed.", example: ["journald", "fluentd"], default: ["awslogs", "etwlogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"] } },
  reads: ({ logDriver }) => ({ driver: exact(logDriver) }),
  check({ driver = "" }, { options }) {
    if (options.drivers.includes(driver)) return;
    return driver === "" ? "name its log driver" : `keep its log with one of ${options.drivers.join(", ")}, not ${driver}`;
  },
  examples: {
    docker: { bad: [{ logDriver: "none" }, { logDriver: null }], good: [{ logDriver: "journald" }, { logDriver: "local" }] },
    compose: { bad: [{ logging: { driver: "none" } }, { logging: null }], good: [{ logging: { driver: "journald" } }, { logging: { driver: "local" } }] },
  },
});
