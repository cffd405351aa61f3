import { exampleEvidence } from "./example-evidence";
import type { AnyRule, EvaluationContext, ExamplePair, Fragment, NetworkSource } from "@bulkhead/core";
import { defaultFlowsLock } from "@bulkhead/core";

export { digest } from "./example-evidence";

/** What examples are judged by: the time, and what a configuration allows of exemptions. */
export const exampleContext: EvaluationContext = { now: Date.UTC(2026, 5, 1), exemptions: { configured: [], maxDays: 365, notInCode: ["no-privileged"], catalogue: [] }, evidence: exampleEvidence };

/**
 * What the examples of a rule are judged by. `network` answers who may talk to whom; it has accepted flows only for the
 * rule about them, as the examples of others change what is let through.
 */
export function contextFor(rule: AnyRule, network: NetworkSource | undefined): EvaluationContext {
  if (network === undefined) return exampleContext;
  return { ...exampleContext, network: rule.about.includes("flowStore") ? network : { judge: network.judge, flows: { kind: "missing", file: defaultFlowsLock } } };
}

/** How a Dockerfile ends that satisfies the whole catalogue. */
export const imageEnd = ["LABEL org.opencontainers.image.source=https://git.example.com/app", "USER 10001", 'HEALTHCHECK CMD ["/app", "healthy"]'];

type Texts = readonly [string, ...string[]];

/** Examples of exemptions: each text is `rule value`. The bad ones exempt from what is not there, the good ones from what is. */
export function exemptionExamples(bad: Texts): { readonly kubernetes: ExamplePair; readonly docker: ExamplePair; readonly compose: ExamplePair } {
  const good = "owner=team-a; expires=2027-03-31; reason=moves to its own cluster, see PLAT-42";
  const of = (text: string): readonly [string, string] => [`exempt.bulkhead.dev/${text.split(" ")[0] ?? ""}`, text.slice(text.indexOf(" ") + 1)];
  const namespace = (annotations: Fragment, labels: Fragment): Fragment => ({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels, annotations } });
  const labelled = (label: string, value: string): Fragment => ({ labels: [{ label, value }] });
  return {
    kubernetes: {
      on: "document", bad: bad.map((text) => namespace(Object.fromEntries([of(text)]), { "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "v1.34" })),
      good: namespace({ "exempt.bulkhead.dev/namespace-pod-security-labels": good }, {}),
    },
    docker: {
      on: "document", kind: "docker:index/volume:Volume", bad: bad.map((text) => ({ driver: "local", ...labelled(...of(text)) })),
      good: { driverOpts: { type: "none", o: "bind", device: "/srv/data" }, ...labelled("exempt.bulkhead.dev/no-host-path", good) },
    },
    compose: { bad: bad.map((text) => ({ labels: Object.fromEntries([of(text)]) })), good: { pid: "host", labels: { "exempt.bulkhead.dev/no-host-pid": good } } },
  };
}
