import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "declared-probe-ports",
  title: "Probes ask ports that exist",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-docker-1.6": "5.27" },
  why: "A probe of a port that the container does not name fails for ever: the pod gets no traffic, or is restarted without an end.",
  remediation: "Name the port in ports, or correct the name in the probe.",
  whenNot: "Where the ports are added by something that changes pods on their way into the cluster.",
  about: "container",
  reads: ({ danglingProbePorts }) => ({ names: forbids(danglingProbePorts) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `name the port that its probes ask (${[...new Set(names)].sort().join(", ")})`),
  examples: {
    kubernetes: {
      bad: [{ readinessProbe: { httpGet: { path: "/ready", port: "web" } } }, { ports: [{ name: "http", containerPort: 8080 }], livenessProbe: { httpGet: null, tcpSocket: { port: "https" } } }],
      good: { ports: [{ name: "web", containerPort: 8080 }], readinessProbe: { httpGet: { path: "/ready", port: "web" } }, livenessProbe: { httpGet: { path: "/live", port: "8080" } } },
    },
  },
});
