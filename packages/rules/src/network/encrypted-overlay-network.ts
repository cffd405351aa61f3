import { defineRule, exact } from "@bulkhead/core";

const project = (options: { readonly [name: string]: string } | undefined) => ({ services: {}, networks: { orders: { driver: "overlay", ...(options === undefined ? {} : { driver_opts: options }) } } });

export default defineRule({
  id: "encrypted-overlay-network",
  title: "Overlay networks are encrypted",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "7.3", "nist-sp-800-190": "4.3.3", "owasp-docker": "D03" },
  why: "An overlay carries what containers say to each other between hosts, in the clear unless it is told otherwise: whoever is on the way reads it, and can join in.",
  remediation: "Set the option encrypted on the network. A network that has it anew is another network: services have to be moved to it.",
  whenNot: "Where the hosts' own network is encrypted (WireGuard, IPsec), where everything on the overlay speaks TLS, and for nodes with Windows, which cannot encrypt one.",
  about: "network",
  reads: ({ encrypted }) => ({ encrypted: exact(encrypted) }),
  check: ({ encrypted }) => (encrypted === false ? "encrypt what it sends between hosts" : undefined),
  fix: ({ encrypted }) => encrypted.to(true),
  examples: {
    docker: {
      on: "document", kind: "docker:index/network:Network",
      bad: [{ driver: "overlay" }, { driver: "overlay", options: { "com.docker.network.driver.mtu": "1400" } }],
      good: [{ driver: "overlay", options: { encrypted: "" } }, { driver: "bridge" }],
    },
    compose: { on: "document", kind: "compose", bad: [project(undefined), project({ "com.docker.network.driver.mtu": "1400" })], good: project({ encrypted: "true" }) },
  },
});
