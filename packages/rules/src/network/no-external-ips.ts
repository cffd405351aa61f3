import { defineRule, forbids } from "@bulkhead/core";

const service = (externalIPs: readonly string[]) => ({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { ports: [{ port: 80 }], externalIPs } });

export default defineRule({
  id: "no-external-ips",
  title: "Services claim no external addresses",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Whoever may create a Service with externalIPs takes over the traffic of the whole cluster to that address (CVE-2020-8554).",
  remediation: "Remove externalIPs and let a load balancer hand out the address.",
  whenNot: "On bare metal without a load balancer, where administrators hand out the addresses by hand and an admission plugin limits who may claim them.",
  about: "service",
  reads: ({ externalIps }) => ({ addresses: forbids(externalIps) }),
  check: ({ addresses = [] }) => (addresses.length === 0 ? undefined : "claim no external addresses"),
  fix: ({ addresses }) => addresses.to(undefined),
  examples: { kubernetes: { on: "document", bad: service(["203.0.113.7"]), good: service([]) } },
});
