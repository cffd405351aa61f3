import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-crowded-network",
  title: "Networks are shared by those who talk to each other, and no others",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "nist-sp-800-190": "4.3.3", "owasp-docker": "D03" },
  why: "Every container on a network can reach every other one there. A network for each pair that talks keeps one that is broken into from reaching the rest.",
  remediation: "Give each pair of containers that talk a network of its own; a container may be on several.",
  whenNot: "For a service that all others talk to, such as a broker: give its network a higher `maximum`, or exempt it.",
  about: "containerNetwork",
  inventory: true,
  options: { maximum: { type: "number", description: "How many containers, or services, may share a network.", example: 3, minimum: 1, default: 2 } },
  reads: (network, inventory) => ({ attached: forbids(inventory.attached(network)) }),
  check: ({ attached = 0 }, { options }) => (attached > options.maximum ? `not be shared by more than ${options.maximum} containers: ${attached} are attached to it` : undefined),
  examples: {
    docker: { bad: { db: { properties: { networksAdvanced: [{ name: "orders" }] } } }, good: {} },
    compose: { bad: { project: { properties: { services: { db: { networks: ["orders"] } } } } }, good: {} },
  },
});
