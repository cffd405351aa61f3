import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "valid-exemption",
  title: "Exemptions can be read, and name a rule, a reason, an owner and an expiry",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "An exemption that nobody can read exempts nothing, and one without a reason and an owner is never taken away.",
  remediation: "Write it as `exempt.bulkhead.dev/RULE: owner=...; expires=2027-03-31; reason=...`, with container=a,b to narrow it; the helper exempt() of @bulkhead/core writes it so.",
  whenNot: "Never: such an exemption has no effect, and whoever wrote it believes that it has.",
  about: "exemption",
  reads: ({ problem }) => ({ problem: exact(problem) }),
  check: ({ problem }) => problem,
  examples: exemptionExamples(["no-host-path owner=team-a; reason=reads the logs of the node", "no-host-path until the migration is done"]),
});
