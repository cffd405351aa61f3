import { defineRule, requires } from "@bulkhead/core";

const meshed = { namespace: { metadata: { labels: { "istio-injection": "enabled" } } } };
const authorization = { apiVersion: "security.istio.io/v1", kind: "AuthorizationPolicy", metadata: { name: "web", namespace: "shop" }, spec: {} };

export default defineRule({
  id: "require-mesh-authorization",
  title: "A namespace of a mesh says who may call its workloads",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "network-policies", "nist-sp-800-190": "4.3.3", "owasp-kubernetes-2025": "K05" },
  why: "A mesh gives every workload an identity, and without an AuthorizationPolicy asks nobody for it: whoever is in the mesh may call everything.",
  remediation: "Add an AuthorizationPolicy that allows nothing (an empty spec) to the namespace, and one for each workload that names its callers.",
  whenNot: "Where a policy in the mesh's root namespace denies what no other policy allows, for all namespaces.",
  about: "tenancy",
  inventory: true,
  appliesTo: ({ declared }) => declared,
  reads: (tenancy, inventory) => ({ authorized: requires(inventory.authorizesCallers(tenancy)) }),
  check: ({ authorized }) => (authorized === true ? undefined : "have an AuthorizationPolicy, as its pods are in a mesh"),
  examples: {
    kubernetes: {
      bad: [meshed, { namespace: { metadata: { labels: { "istio.io/rev": "stable" } } } }, { namespace: { metadata: { annotations: { "linkerd.io/inject": "enabled" } } } }],
      good: [{}, { ...meshed, authorization }, { namespace: { metadata: { labels: { "istio-injection": "disabled" } } } }],
    },
  },
});
