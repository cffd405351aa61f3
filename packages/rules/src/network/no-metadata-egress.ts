import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-metadata-egress",
  title: "Pods cannot reach the cloud's instance metadata",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "cloud-infrastructure", "nist-sp-800-190": "4.4.2", "owasp-kubernetes-2025": "K08" },
  why: "The metadata service at 169.254.169.254 hands out the node's credentials to whoever asks: with them, one pod that is broken into becomes the whole cloud account.",
  remediation: "Restrict egress with a NetworkPolicy that selects the pods, and except 169.254.169.254/32 (and fd00:ec2::254/128) where a rule lets out to a range of addresses.",
  whenNot: "For agents that need the node's identity, and on clusters where the metadata service itself refuses pods (hop limit 1, workload identity).",
  about: "workload",
  inventory: true,
  reads: (workload, inventory) => ({ egress: exact(inventory.metadataEgress(workload)) }),
  check({ egress }) {
    if (egress === "let through") return "not be let out to the instance metadata at 169.254.169.254";
    return egress === "not isolated" ? "be selected by a NetworkPolicy that restricts its egress, so that it cannot reach the instance metadata at 169.254.169.254" : undefined;
  },
  examples: {
    kubernetes: [
      {
        bad: [
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] }] } } },
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: [{ port: 1, endPort: 1024 }] }] } } },
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "fd00::/8" } }] }] } } },
        ],
        good: [{}, { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }] }] } } }, { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] }] } } }],
      },
      {
        within: ["default-deny-egress"],
        bad: { db: null, dbFromWeb: null, webToDb: null, dns: null, deny: { spec: { policyTypes: ["Ingress"] } } },
        good: { db: null, dbFromWeb: null, webToDb: null },
      },
    ],
  },
});
