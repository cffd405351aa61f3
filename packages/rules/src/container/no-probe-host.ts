import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-probe-host",
  title: "Probes and lifecycle handlers name no host",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  platforms: ["kubernetes"],
  sinceKubernetes: 34,
  frameworks: { pss: "baseline", "nsa-cisa-1.2": "pod-security-enforcement" },
  why: "The kubelet makes the request: a host that the pod names is reached from the node, past every NetworkPolicy.",
  remediation: "Remove host; without it the request goes to the pod itself.",
  whenNot: "Where a hostNetwork pod listens on 127.0.0.1 only and the probe must name it; better let it listen on the pod's address.",
  about: "container",
  reads: ({ probeHosts }) => ({ hosts: forbids(probeHosts) }),
  check: ({ hosts = [] }) => (hosts.length === 0 ? undefined : "name no host in probes and lifecycle handlers"),
  fix: ({ hosts }) => hosts.to([]),
  examples: {
    kubernetes: {
      bad: [{ livenessProbe: { httpGet: { host: "127.0.0.1", port: 80 } } }, { lifecycle: { preStop: { tcpSocket: { host: "10.0.0.1", port: 22 } } } }],
      good: { livenessProbe: { httpGet: { path: "/", port: 80 } }, readinessProbe: { tcpSocket: { host: "", port: 80 } } },
    },
  },
});
