import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-shell-probe",
  title: "Probes run programs, not shells",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.4.3", "owasp-docker": "D04" },
  why: "A probe that needs a shell keeps one in the image, for whoever breaks in as well, and starts it every few seconds.",
  remediation: "Ask over the network (httpGet, grpc, tcpSocket), or run a small program that checks by itself.",
  whenNot: "For images that have no other way to check than a script; the image is then not one without a shell.",
  about: "container",
  reads: ({ shellProbes }) => ({ probes: forbids(shellProbes) }),
  check: ({ probes = [] }) => (probes.length === 0 ? undefined : `start no shell in its ${probes.join(", ")}`),
  examples: {
    kubernetes: { bad: [{ livenessProbe: { httpGet: null, exec: { command: ["sh", "-c", "test -f /tmp/alive"] } } }, { startupProbe: { exec: { command: ["/bin/bash", "/check.sh"] } } }], good: { livenessProbe: { httpGet: null, exec: { command: ["/app", "alive"] } } } },
    docker: { bad: [{ healthcheck: { tests: ["CMD-SHELL", "test -f /tmp/alive"] } }, { healthcheck: { tests: ["CMD", "/bin/sh", "/check.sh"] } }], good: { healthcheck: { tests: ["CMD", "/app", "alive"] } } },
    compose: { bad: [{ healthcheck: { test: "test -f /tmp/alive" } }, { healthcheck: { test: ["CMD-SHELL", "test -f /tmp/alive"] } }], good: { healthcheck: { test: ["CMD", "/app", "alive"] } } },
  },
});
