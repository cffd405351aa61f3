import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-privileged-host-port",
  title: "No privileged port of the host is published",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.8", "nist-sp-800-190": "4.4.2", "owasp-docker": "D03" },
  why: "Ports below 1024 are those that clients trust to be the host's own services: a container that takes one answers in their place.",
  remediation: "Publish on a port of 1024 or above, behind a proxy that owns the well-known one.",
  whenNot: "For the public entry of a host (a reverse proxy on 80 and 443): exempt that container.",
  about: "container",
  overlaps: ["no-host-port"],
  reads: ({ publishedPorts }) => ({ ports: forbids(publishedPorts) }),
  check({ ports = [] }) {
    const privileged = ports.filter((port) => port > 0 && port < 1024);
    return privileged.length === 0 ? undefined : `publish no port of the host below 1024, not ${[...new Set(privileged)].join(", ")}`;
  },
  examples: {
    kubernetes: { bad: { ports: [{ containerPort: 8443, hostPort: 443 }] }, good: { ports: [{ containerPort: 443 }] } },
    docker: { bad: { ports: [{ internal: 8080, external: 80, ip: "127.0.0.1" }] }, good: { ports: [{ internal: 80, external: 8080, ip: "127.0.0.1" }, { internal: 443, ip: "127.0.0.1" }] } },
    compose: { bad: [{ ports: ["127.0.0.1:80:8080"] }, { ports: [{ target: 8443, published: "443", host_ip: "127.0.0.1" }] }], good: { ports: ["127.0.0.1:8080:80"] } },
  },
});
