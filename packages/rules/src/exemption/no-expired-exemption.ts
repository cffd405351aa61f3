import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "no-expired-exemption",
  title: "Exemptions have not expired",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "The time that was asked for is over, so what was exempted is a finding again; the exemption misleads whoever reads it.",
  remediation: "Mend what it exempts from and remove it; or have its owner renew it with a new date. It holds to the end of its day in UTC.",
  whenNot: "Never: an expired exemption has no effect.",
  about: "exemption",
  reads: ({ expired }) => ({ expired: exact(expired) }),
  check: ({ expired }) => (expired === undefined ? undefined : `be renewed or removed: it expired at the end of ${expired}`),
  examples: exemptionExamples(["no-host-path owner=team-a; expires=2026-03-31; reason=reads the logs of the node"]),
});
