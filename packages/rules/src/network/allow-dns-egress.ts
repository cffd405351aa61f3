import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "allow-dns-egress",
  title: "Pods whose egress is restricted may ask a name server",
  severity: "low",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Where egress is denied and DNS forgotten, nothing finds anything by its name; policies that break what they protect are taken off again. Answers that are too long for UDP come over TCP.",
  remediation: "Let out port 53 over UDP and TCP, to the namespace or the address of the name server.",
  whenNot: "For pods that reach everything by address, or through a proxy that asks for them.",
  about: "workload",
  inventory: true,
  reads: (workload, inventory) => ({ blocked: exact(inventory.blockedDns(workload)) }),
  check: ({ blocked = [] }) => (blocked.length === 0 ? undefined : `be let out to port 53 over ${blocked.join(" and ")}, to ask for names: its egress is restricted`),
  examples: {
    kubernetes: {
      bad: [
        { db: null, dbFromWeb: null, webToDb: null, dns: null },
        { db: null, dbFromWeb: null, webToDb: null, dns: { spec: { egress: [{ ports: [{ port: 53, protocol: "UDP" }] }] } } },
      ],
      good: [{}, { dns: { spec: { egress: [{ to: [{ ipBlock: { cidr: "10.96.0.10/32" } }], ports: [{ port: 1, endPort: 1023 }, { protocol: "UDP" }] }] } } }],
    },
  },
});
