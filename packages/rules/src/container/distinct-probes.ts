import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "distinct-probes",
  title: "Readiness and liveness probes ask different things",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-docker-1.6": "5.27" },
  why: "A dependency that is slow then does not only take traffic away: it restarts every replica, at the moment when that helps least.",
  remediation: "Let the liveness probe ask only whether the process itself can go on.",
  whenNot: "For programs that have one answer only, with a liveness probe that waits much longer before it gives up.",
  about: "container",
  reads: ({ sameProbes }) => ({ same: exact(sameProbes) }),
  check: ({ same }) => (same === true ? "not ask the same in its liveness and its readiness probe" : undefined),
  examples: {
    kubernetes: {
      bad: [{ livenessProbe: { httpGet: { path: "/ready", port: 8080 } } }, { livenessProbe: { httpGet: null, tcpSocket: { port: 8080 } }, readinessProbe: { httpGet: null, tcpSocket: { port: 8080 }, periodSeconds: 5 } }],
      good: { livenessProbe: { httpGet: { path: "/live", port: 8080 } }, readinessProbe: { httpGet: { path: "/ready", port: 8080 } } },
    },
  },
});
