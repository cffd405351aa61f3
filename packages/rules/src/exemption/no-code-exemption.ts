import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "no-code-exemption",
  title: "Rules that the configuration protects are not exempted in code",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "Whoever writes the program must not be the one who exempts it from the rules that protect everybody else.",
  remediation: "Ask the owners of the configuration for an exemption there, and remove this one: it has no effect. `noCodeExemptions` of the configuration lists the rules; without it there is none.",
  whenNot: "Leave `noCodeExemptions` out where teams may exempt themselves.",
  about: "exemption",
  reads: ({ forbidden }) => ({ forbidden: exact(forbidden) }),
  check: ({ forbidden }) => (forbidden === true ? "stand in the configuration: it is not allowed in code" : undefined),
  examples: exemptionExamples(["no-privileged owner=team-a; expires=2027-03-31; reason=debugging"]),
});
