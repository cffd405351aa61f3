import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "no-broad-exemption",
  title: "Exemptions name their rules, and are narrowed to what they are for",
  severity: "medium",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "An exemption from everything, or of everything, turns the policy off where nobody looks.",
  remediation: "Name each rule. In the configuration, name a type, a name, a URN, a namespace or a container as well.",
  whenNot: "Where a rule is to be off everywhere: turn the rule off, so that the configuration says so.",
  about: "exemption",
  reads: ({ breadth }) => ({ breadth: exact(breadth) }),
  check: ({ breadth }) => breadth,
  examples: exemptionExamples(["* owner=team-a; expires=2027-03-31; reason=legacy"]),
});
