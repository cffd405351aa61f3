import { defineRule, forbids } from "@bulkhead/core";

const apart = { "com.docker.network.bridge.enable_icc": "false" };
const published = { networksAdvanced: [{ name: "front" }, { name: "stock" }], ports: [{ internal: 8080, external: 8443, ip: "192.0.2.1" }] };
const service = { networks: ["front", "stock"], ports: ["192.0.2.1:8443:8080"] };

export default defineRule({
  id: "no-inter-container-communication",
  title: "Containers do not reach each other on the network that leads outside",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "2.2", "nist-sp-800-190": "4.3.3", "owasp-docker": "D03" },
  why: "Containers that share a network for its way out, or to publish ports, need not talk to each other there: the first that is broken into from outside has every port of the others before it.",
  remediation: "Set the option com.docker.network.bridge.enable_icc to \"false\" on the network, and give those that do talk an internal network of their own. Ports that are published stay open.",
  whenNot: "On a host with one application, whose containers talk to each other and to the outside on the same network: exempt that network.",
  about: "containerNetwork",
  inventory: true,
  reads: (network, inventory) => ({ mingling: forbids(inventory.mingling(network)) }),
  check: ({ mingling = 0 }) => (mingling > 1 ? `keep the ${mingling} containers on it from reaching each other: it leads outside` : undefined),
  examples: {
    docker: { bad: { api: { properties: published } }, good: [{}, { api: { properties: published }, front: { properties: { options: apart } } }] },
    compose: {
      bad: { project: { properties: { services: { api: service } } } },
      good: [{}, { project: { properties: { services: { api: service }, networks: { front: { driver_opts: apart } } } } }],
    },
  },
});
