import { defineRule, forbids } from "@bulkhead/core";
import { goodService } from "../example-documents";

export default defineRule({
  id: "no-host-port",
  title: "Containers take no port of the host",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-kubernetes-1.10": "5.2.13", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.2" },
  why: "A port of the host goes around Services and NetworkPolicies, and is open on every node that the pod lands on. On one Docker host a published port is the only way in, and what counts is where it listens: bind-published-ports and no-privileged-host-port judge that.",
  remediation: "Remove hostPort and expose the port through a Service; in a Swarm, publish it in the ingress mode, also from a compose file that is deployed there.",
  whenNot: "For an ingress controller or a node agent that every node must answer for on a fixed port, on clusters without a load balancer.",
  about: "container",
  reads: ({ hostPorts }) => ({ ports: forbids(hostPorts) }),
  check({ ports = [] }) {
    const taken = ports.filter((port) => port !== 0);
    return taken.length === 0 ? undefined : `take no port of the host, not ${taken.join(", ")}`;
  },
  fix: ({ ports }) => ports.to([]),
  examples: {
    kubernetes: { bad: { ports: [{ containerPort: 8080, hostPort: 8080 }] }, good: { ports: [{ containerPort: 8080 }, { containerPort: 8081, hostPort: 0 }] } },
    docker: {
      on: "document", kind: "docker:index/service:Service",
      bad: goodService({ endpointSpec: { ports: [{ targetPort: 8080, publishedPort: 8080, publishMode: "host" }] } }), good: goodService({ endpointSpec: { ports: [{ targetPort: 8080, publishedPort: 8080, publishMode: "ingress" }] } }),
    },
    compose: {
      bad: { ports: [{ target: 8080, published: "8080", host_ip: "127.0.0.1", mode: "host" }] },
      good: { ports: [{ target: 8080, published: "8080", host_ip: "127.0.0.1", mode: "ingress" }, "127.0.0.1:8081:8081"] },
    },
  },
});
