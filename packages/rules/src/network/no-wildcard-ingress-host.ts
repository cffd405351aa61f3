import { defineRule, forbids } from "@bulkhead/core";
import { ingress } from "./_ingress";

export default defineRule({
  id: "no-wildcard-ingress-host",
  title: "Ingresses name their hosts",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A rule without a host, or for a wildcard, answers for names of other teams, and for names that nobody meant to serve.",
  remediation: "Write a rule for each host that the workload serves.",
  whenNot: "For a product that serves a name for each customer (*.example.com) from one workload that tells the customers apart itself.",
  about: "ingress",
  reads: ({ hosts }) => ({ hosts: forbids(hosts) }),
  check: ({ hosts = [] }) => (hosts.some((host) => host === "" || host.startsWith("*")) ? "name each host that it serves" : undefined),
  examples: { kubernetes: { on: "document", bad: [ingress({ rules: [{ host: "*.example.com", http: { paths: [] } }] }), ingress({ rules: [{ http: { paths: [] } }] })], good: ingress({}) } },
});
