import { defineRule, exact } from "@bulkhead/core";
import { completing, runsOn } from "./_completion";

export default defineRule({
  id: "require-readiness-probe",
  title: "Containers have a readiness probe",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-docker-1.6": "5.27" },
  why: "Without it traffic is sent to a container from the moment its process starts, also while it cannot answer yet.",
  remediation: "Add a readinessProbe that asks the program itself.",
  whenNot: "For workers that nobody sends traffic to.",
  about: "container",
  roles: ["main"],
  appliesTo: runsOn,
  reads: ({ readinessProbe }) => ({ probe: exact(readinessProbe) }),
  check: ({ probe }) => (probe === true ? undefined : "have a readiness probe"),
  examples: { kubernetes: { exceptKinds: completing, bad: { readinessProbe: null }, good: { readinessProbe: { httpGet: null, tcpSocket: { port: 8080 } } } } },
});
