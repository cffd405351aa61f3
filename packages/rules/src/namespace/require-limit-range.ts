import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "require-limit-range",
  title: "Every namespace has a LimitRange",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "resource-policies" },
  why: "A LimitRange gives containers that set no limits some, and caps those that ask for too much, whoever creates them.",
  remediation: "Add a LimitRange with default limits for containers to the namespace.",
  whenNot: "Where an admission controller sets the limits of every pod.",
  about: "tenancy",
  inventory: true,
  appliesTo: ({ declared }) => declared,
  reads: (tenancy, inventory) => ({ found: requires(inventory.holds(tenancy, "LimitRange")) }),
  check: ({ found }) => (found === true ? undefined : "have a LimitRange"),
  examples: { kubernetes: { bad: [{ limits: null }, { limits: { metadata: { namespace: "other" } } }], good: {} } },
});
