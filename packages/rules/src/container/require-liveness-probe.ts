import { defineRule, exact } from "@bulkhead/core";
import { completing, runsOn } from "./_completion";

export default defineRule({
  id: "require-liveness-probe",
  title: "Containers have a liveness probe",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-docker-1.6": "5.27" },
  why: "Without it a process that hangs is kept for ever: only one that ends is started again.",
  remediation: "Add a livenessProbe that asks the program itself.",
  whenNot: "For programs that end by themselves when they cannot go on; a liveness probe that asks too much restarts what is only slow.",
  about: "container",
  roles: ["main"],
  appliesTo: runsOn,
  reads: ({ livenessProbe }) => ({ probe: exact(livenessProbe) }),
  check: ({ probe }) => (probe === true ? undefined : "have a liveness probe"),
  examples: { kubernetes: { exceptKinds: completing, bad: { livenessProbe: null }, good: { livenessProbe: { httpGet: null, tcpSocket: { port: 8080 } } } } },
});
