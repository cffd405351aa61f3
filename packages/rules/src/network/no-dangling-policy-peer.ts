import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-dangling-policy-peer",
  title: "The peers of network policies select pods",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "network-policies" },
  why: "A peer that selects nothing lets nothing through, until somebody gives a pod those labels: most often they were mistyped.",
  remediation: "Write the peer's selectors with the labels of the pods and namespaces that are meant, or remove it.",
  whenNot: "For a peer that another program makes in the same namespace.",
  about: "trafficPolicy",
  inventory: true,
  reads: (policy, inventory) => ({ dangling: forbids(inventory.danglingPeers(policy)) }),
  check: ({ dangling = [] }) => (dangling.length === 0 ? undefined : `not have peers that select no pod, as ${dangling.length === 1 ? "this one does" : `${dangling.length} do`}`),
  examples: {
    kubernetes: {
      bad: [
        { webToDb: { spec: { egress: [{ to: [{ podSelector: { matchLabels: { app: "database" } } }] }] } } },
        { dbFromWeb: { spec: { ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop", team: "web" } } }] }] } } },
      ],
      good: [{}, { dbFromWeb: { spec: { ingress: [{ from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } }, podSelector: { matchLabels: { app: "web" } } }, { ipBlock: { cidr: "10.0.0.0/8" } }] }] } } }],
    },
  },
});
