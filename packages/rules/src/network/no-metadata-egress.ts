import type { Fragment } from "@bulkhead/core";
import { defineRule, exact } from "@bulkhead/core";

const both = ["169.254.169.254/32", "fd00:ec2::254/128"];
const linkLocal = { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] }] } } };
const ofWeb = { pods: { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } }, podSelector: { matchLabels: { app: "web" } } } };
const cluster = (kind: string, version: string, spec: Fragment): Fragment => ({ cluster: { apiVersion: `policy.networking.k8s.io/${version}`, kind, metadata: { name: "metadata" }, spec } });
const denied = { action: "Deny", to: [{ networks: both }] };

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
  remediation: "Restrict egress with a NetworkPolicy that selects the pods, and except 169.254.169.254/32 (and fd00:ec2::254/128) where a rule lets out to a range of addresses; or deny both, for all pods, by a ClusterNetworkPolicy of the Admin tier.",
  whenNot: "For agents that need the node's identity, and on clusters where the metadata service itself refuses pods (hop limit 1, workload identity).",
  about: "workload",
  inventory: true,
  asksNetwork: true,
  reads: (workload, inventory) => ({ egress: exact(inventory.metadataEgress(workload)) }),
  check({ egress }) {
    if (egress === undefined || egress.kind === "blocked") return undefined;
    const metadata = `the instance metadata at ${egress.address}`;
    if (egress.kind === "let through") return `not be let out to ${metadata}, as it is by ${egress.by.join(", ")}`;
    if (egress.kind === "network of the node") return `not be on the network of its node, where no policy keeps it from ${metadata}`;
    return `be selected by a NetworkPolicy that restricts its egress, so that it cannot reach ${metadata}`;
  },
  examples: {
    kubernetes: [
      {
        bad: [
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "169.254.0.0/16" } }] }] } } },
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } }], ports: [{ port: 1, endPort: 1024 }] }] } } },
          { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "fd00::/8" } }] }] } } },
          { more: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "more", namespace: "shop" }, spec: { podSelector: { matchLabels: { app: "web" } }, policyTypes: ["Egress"], egress: [{ to: [{ ipBlock: { cidr: "169.254.169.254/32" } }], ports: [{ port: 80 }] }] } } },
          cluster("ClusterNetworkPolicy", "v1alpha2", { tier: "Admin", priority: 1, subject: ofWeb, egress: [{ action: "Accept", to: [{ networks: both }] }, denied] }),
        ],
        good: [
          {}, { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.0.0/16"] } }] }] } } }, { webToDb: { spec: { egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port: 443 }] }] } } },
          { ...linkLocal, ...cluster("ClusterNetworkPolicy", "v1alpha2", { tier: "Admin", priority: 1, subject: { namespaces: {} }, egress: [denied] }) },
          { ...linkLocal, ...cluster("AdminNetworkPolicy", "v1alpha1", { priority: 1, subject: { namespaces: {} }, egress: [denied] }) },
        ],
      },
      {
        within: ["default-deny-egress"],
        bad: { db: null, dbFromWeb: null, webToDb: null, dns: null, deny: { spec: { policyTypes: ["Ingress"] } } },
        good: { db: null, dbFromWeb: null, webToDb: null },
      },
    ],
  },
});
