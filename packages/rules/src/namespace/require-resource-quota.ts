import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "require-resource-quota",
  title: "Every namespace has a ResourceQuota",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "resource-policies" },
  why: "Without a quota one namespace can take all that the nodes have, and starve every other.",
  remediation: "Add a ResourceQuota for pods, CPU and memory to the namespace.",
  whenNot: "For the only namespace of a cluster of its own.",
  about: "tenancy",
  inventory: true,
  appliesTo: ({ declared }) => declared,
  reads: (tenancy, inventory) => ({ found: requires(inventory.holds(tenancy, "ResourceQuota")) }),
  check: ({ found }) => (found === true ? undefined : "have a ResourceQuota"),
  examples: { kubernetes: { bad: { quota: null }, good: {} } },
});
