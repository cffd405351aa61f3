import { defineRule, forbids } from "@bulkhead/core";

const release = (values: object) => ({ chart: "app", repositoryOpts: { repo: "https://charts.example.com" }, values });

export default defineRule({
  id: "no-weakening-chart-values",
  title: "The values of a chart do not weaken what it deploys",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "pod-security-enforcement", "owasp-kubernetes-2025": "K01" },
  why: "What a Release renders is never seen before it runs; values that go into the pod spec under their own names are all that can be looked at.",
  remediation: "Remove the values, or render the chart (kubernetes.helm.v4.Chart, or `helm template | bulkhead check -`) and have every object judged.",
  whenNot: "For charts of node agents and network plugins, which need the host; exempt the Release by name.",
  about: "chartValues",
  reads: ({ weakenings }) => ({ paths: forbids(weakenings) }),
  check: ({ paths = [] }) => (paths.length === 0 ? undefined : `not weaken what its chart deploys, in ${paths.join(", ")}`),
  examples: {
    kubernetes: [
      {
        on: "document", kind: "kubernetes:helm.sh/v3:Release",
        bad: [release({ controller: { containerSecurityContext: { privileged: true, capabilities: { add: ["SYS_ADMIN"] } }, hostNetwork: true } }), release({ podSecurityContext: { runAsUser: 0, runAsNonRoot: false } })],
        good: release({ replicaCount: 2, securityContext: { privileged: false, runAsUser: 1001, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } } }),
      },
      {
        on: "document",
        bad: { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", metadata: { name: "app", namespace: "shop" }, spec: { values: { extraVolumes: [{ name: "root", hostPath: { path: "/" } }] } } },
        good: { apiVersion: "helm.toolkit.fluxcd.io/v2", kind: "HelmRelease", metadata: { name: "app", namespace: "shop" }, spec: { values: { extraVolumes: [{ name: "tmp", emptyDir: {} }] } } },
      },
    ],
  },
});
