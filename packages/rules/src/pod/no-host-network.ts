import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-network",
  title: "Pods and containers have a network of their own",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.10", "cis-kubernetes-1.10": "5.2.5", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.2", "owasp-kubernetes-2025": "K01" },
  why: "In the host's network namespace a process reaches the services that listen on localhost, and can watch and answer for its neighbours.",
  remediation: "Remove hostNetwork (Kubernetes) or the network mode host (Docker), and expose the port through a Service or a published port.",
  whenNot: "For the node's own networking (CNI, kube-proxy, node-local DNS) and for agents that watch the traffic of the host.",
  about: ["pod", "network"],
  reads: ({ hostNetwork }) => ({ host: exact(hostNetwork) }),
  check: ({ host }) => (host === true ? "not use the host's network namespace" : undefined),
  fix: ({ host }) => host.to(undefined),
  examples: {
    kubernetes: { bad: { hostNetwork: true }, good: { hostNetwork: false } },
    docker: [
      { bad: { networkMode: "host" }, good: { networkMode: "bridge" } },
      { on: "document", kind: "docker:index/network:Network", bad: { driver: "host" }, good: { driver: "bridge" } },
    ],
    compose: [
      { bad: [{ networks: null, network_mode: "host" }], good: { networks: null, network_mode: "none" } },
      { on: "document", kind: "compose", bad: { services: {}, networks: { web: { driver: "host" } } }, good: { services: {}, networks: { web: { driver: "bridge" } } } },
    ],
  },
});
