import { defineRule, exact } from "@bulkhead/core";
import { exemptionExamples } from "../examples";

export default defineRule({
  id: "no-unused-exemption",
  title: "Exemptions exempt from something",
  severity: "low",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "owasp-kubernetes-2025": "K04" },
  why: "What it was for is mended or gone. Left in place it will hide the same fault when somebody makes it again.",
  remediation: "Remove it, or the rules that it names in vain.",
  whenNot: "Where several stacks share a configuration, an exemption for one of them finds nothing in the others: set `unmatched` to `ignore`.",
  about: "exemption",
  options: { unmatched: { type: "string", choices: ["report", "ignore"], default: "report", description: "What happens with an exemption of the configuration that concerns no resource that was judged.", example: "ignore" } },
  reads: ({ unused, concerns }) => ({ unused: exact(unused), concerns: exact(concerns) }),
  check({ unused = [], concerns }, { options }) {
    if (unused.length === 0 || (concerns === false && options.unmatched === "ignore")) return undefined;
    return unused.includes("*") ? "be removed: there is no finding that it exempts" : `be removed: there is no finding of ${unused.join(", ")} that it exempts`;
  },
  examples: exemptionExamples(["no-host-path owner=team-a; expires=2027-03-31; reason=reads the logs of the node"]),
});
