import { defineRule, forbids } from "@bulkhead/core";

const policy = (spec: object) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "web", namespace: "shop" }, spec: { podSelector: { matchLabels: { app: "web" } }, ...spec } });
const web = { podSelector: { matchLabels: { app: "web" } } };
const ports = [{ port: 443 }];

export default defineRule({
  id: "no-open-network-policy",
  title: "Network policies let nothing through from or to everywhere",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.3.2", "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "Policies add up: one rule for everybody undoes every other policy for the pods that it selects.",
  remediation: "Name the peers: a pod selector, a namespace selector with labels, or the addresses that are needed.",
  whenNot: "For a public front end whose ingress really is for everybody: name its ports in the rule and exempt that policy, or open it to the ingress controller only.",
  about: "networkPolicy",
  reads: ({ openIngress, openEgress }) => ({ ingress: forbids(openIngress), egress: forbids(openEgress) }),
  check({ ingress, egress }) {
    const open = [ingress === true ? ["let in traffic from everywhere"] : [], egress === true ? ["let out traffic to everywhere"] : []].flat();
    return open.length === 0 ? undefined : `not ${open.join(", nor ")}`;
  },
  examples: {
    kubernetes: {
      on: "document",
      bad: [
        policy({ ingress: [{ ports }] }), policy({ egress: [{ to: [], ports }] }), policy({ ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports }] }),
        policy({ egress: [{ to: [web], ports }, { to: [{ ipBlock: { cidr: "::/0" } }], ports }] }), policy({ ingress: [{ from: [{ namespaceSelector: {} }], ports }] }), policy({ ingress: [{ from: [{ namespaceSelector: { matchLabels: {} }, podSelector: {} }], ports }] }),
      ],
      good: [policy({ policyTypes: ["Ingress", "Egress"] }), policy({ ingress: [{ from: [web], ports }], egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }], ports }] })],
    },
  },
});
