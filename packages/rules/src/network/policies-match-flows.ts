import type { Drift, Fragment } from "@bulkhead/core";
import { defineRule, driftOf, exact, forbids, unset } from "@bulkhead/core";

const extra = (from: Fragment): Fragment => ({ dbFromWeb: { spec: { ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5432 }] }, from] } } });

export default defineRule({
  id: "policies-match-flows",
  title: "What is let through is what accepted flows need",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes", "docker", "compose"],
  frameworks: { "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-docker": "D03", "owasp-kubernetes-2025": "K05" },
  why: "Policies are written once, and applications go on: what nobody needs any more stays open, and what is needed next is found missing when it is enforced. The flows that were seen and accepted say which it is, before anything is deployed.",
  remediation: "Take away what no flow needs, and let through what is missing: bulkhead network learn writes the least policies for recorded flows, and with --lock the lockfile that this rule reads (bulkhead.flows.json, or flows.lockfile of the configuration). Where the flows have changed, record and learn anew, and review the difference.",
  whenNot: "Before flows of a whole period were recorded, jobs that run once a month among them; and for policies of Cilium or Calico, which are not judged. Port 53 is left to allow-dns-egress, addresses within a block that a flow needs are not told apart, and ICMP is none of NetworkPolicy's.",
  about: ["workload", "trafficPolicy", "attachment", "containerNetwork", "flowStore"],
  inventory: true,
  asksNetwork: true,
  reads: (subject, inventory, surroundings) => ({
    problem: exact(subject.about === "flowStore" ? subject.problem : unset<string>([])),
    drift: forbids(subject.about === "flowStore" ? unset<readonly Drift[]>([]) : driftOf(subject, inventory, surroundings)),
  }),
  check({ drift = [], problem }, { about }) {
    if (problem !== undefined) return `have a lockfile of accepted flows that can be read: ${problem}`;
    const [denied, unneeded] = (["denied", "unneeded"] as const).map((kind) => listed(drift.flatMap((one) => (one.kind === kind ? [one.text] : []))));
    const needed = denied === undefined ? undefined : `be let through what accepted flows need: ${denied}`;
    if (unneeded === undefined) return needed;
    const open = about === "trafficPolicy" ? `not let through what no accepted flow needs: ${unneeded}` : `not ${about === "attachment" ? "share a network with" : "join"} containers that no accepted flow joins: ${unneeded}`;
    return needed === undefined ? open : `${needed}; and ${open}`;
  },
  examples: {
    kubernetes: {
      bad: [
        extra({ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }], ports: [{ port: 9187 }] }),
        { dbFromWeb: { spec: { ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5432 }, { port: 9187 }] }] } } },
        { dbFromWeb: null },
      ],
      good: [{}, { dbFromWeb: { spec: { ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5000, endPort: 6000 }] }] } } }],
    },
    docker: {
      bad: [
        { spare: { type: "docker:index/network:Network", properties: { name: "spare", internal: true } }, web: { properties: { networksAdvanced: [{ name: "front" }, { name: "orders" }, { name: "spare" }] } }, db: { properties: { networksAdvanced: [{ name: "stock" }, { name: "spare" }] } } },
        { api: { properties: { networksAdvanced: [{ name: "orders" }] } } },
      ],
      good: {},
    },
    compose: {
      bad: [
        { project: { properties: { networks: { spare: { internal: true } }, services: { web: { networks: ["front", "orders", "spare"] }, db: { networks: ["stock", "spare"] } } } } },
        { project: { properties: { services: { api: { networks: ["orders"] } } } } },
      ],
      good: {},
    },
  },
});

const most = 5;

/** Undefined for nothing. */
function listed(texts: readonly string[]): string | undefined {
  if (texts.length === 0) return undefined;
  const more = texts.length > most ? `; and ${texts.length - most} more` : "";
  return `${texts.slice(0, most).join("; ")}${more}`;
}
