import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-init-process",
  title: "Containers have an init process",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: {},
  why: "A program that runs as process 1 and does not wait for its children leaves them behind until the limit of processes is reached.",
  remediation: "Set init to true; the daemon then starts its own small init in front of the program.",
  whenNot: "For images whose first process is an init already (tini, dumb-init, s6) or that never start children.",
  about: "container",
  reads: ({ initProcess }) => ({ init: exact(initProcess) }),
  check: ({ init }) => (init === true ? undefined : "have an init process"),
  fix: ({ init }) => init.to(true),
  examples: {
    docker: { bad: [{ init: null }, { init: false }], good: { init: true } },
    compose: { bad: [{ init: null }, { init: false }], good: { init: true } },
  },
});
