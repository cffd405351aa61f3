import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "internal-backend-network",
  title: "Containers that publish no port are on internal networks only",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "nist-sp-800-190": "4.3.3", "owasp-docker": "D03" },
  why: "A network that is not internal leads to the outside: a back end that is broken into can send out what it holds and fetch tools, though nobody ever needed it to.",
  remediation: "Set internal on the networks of the back end; what it needs from outside goes through a container that has a second network.",
  whenNot: "For back ends whose work is outside, such as a crawler, or one that sends mail: exempt that container.",
  about: "attachment",
  inventory: true,
  reads: (attachment, inventory) => ({ internal: exact(inventory.isBackendInternal(attachment)) }),
  check: ({ internal }) => (internal === false ? "be attached to internal networks only: it publishes no port" : undefined),
  examples: {
    docker: {
      bad: [
        { stock: { properties: { internal: false } }, api: { properties: { networksAdvanced: [{ name: "orders" }] } } },
        { db: { properties: { networksAdvanced: [{ name: "stock" }, { name: "outside" }] } }, outside: { type: "docker:index/network:Network", properties: { name: "outside" } } },
      ],
      good: [{}, { db: { properties: { networksAdvanced: null, networkMode: "none" } } }],
    },
    compose: {
      bad: [
        { project: { properties: { networks: { stock: { internal: false } }, services: { api: { networks: ["orders"] } } } } },
        { project: { properties: { services: { db: { networks: null } } } } },
      ],
      good: [{}, { project: { properties: { services: { db: { networks: null, network_mode: "none" } } } } }],
    },
  },
});
