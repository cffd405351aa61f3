import { defineRule, forbids } from "@bulkhead/core";

const configMap = (data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "ingress-nginx-controller", namespace: "ingress-nginx" }, data });

export default defineRule({
  id: "no-snippet-permission",
  title: "The ingress controller takes no configuration from Ingresses",
  severity: "high",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.5.3", "owasp-kubernetes-2025": "K07" },
  why: "With allow-snippet-annotations whoever may write an Ingress writes the controller's configuration, and reads with it every Secret of the cluster (CVE-2021-25742).",
  remediation: 'Set allow-snippet-annotations to "false" in the controller\'s ConfigMap, or leave it out (the default since ingress-nginx 1.9).',
  whenNot: "On a cluster of one team, which answers for the controller as well.",
  about: "configMap",
  reads: ({ allowsSnippets }) => ({ allowed: forbids(allowsSnippets) }),
  check: ({ allowed }) => (allowed === true ? "not let Ingresses bring configuration of their own (allow-snippet-annotations)" : undefined),
  examples: {
    kubernetes: {
      on: "document",
      bad: [configMap({ "allow-snippet-annotations": "true" }), configMap({ "allow-snippet-annotations": "True", "proxy-body-size": "8m" })],
      good: [configMap({ "allow-snippet-annotations": "false" }), configMap({ "proxy-body-size": "8m" })],
    },
  },
});
