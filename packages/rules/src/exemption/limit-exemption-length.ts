import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "limit-exemption-length",
  title: "Exemptions last no longer than the configuration allows",
  severity: "medium",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "An exemption that lasts for years is a change of the policy that nobody agreed to.",
  remediation: "Choose an earlier date, and renew the exemption when it comes. `maxExemptionDays` of the configuration says how many days it may be away; without it there is no limit.",
  whenNot: "Leave `maxExemptionDays` out where nobody limits exemptions.",
  about: "exemption",
  reads: ({ exceeded }) => ({ exceeded: exact(exceeded) }),
  check: ({ exceeded }) => (exceeded === undefined ? undefined : `expire within ${exceeded.days} days, not ${exceeded.expires === "never" ? "never" : `on ${exceeded.expires}`}`),
  examples: exemptionExamples(["no-host-path owner=team-a; expires=2099-12-31; reason=reads the logs of the node"]),
});
