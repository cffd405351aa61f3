import { defineRule } from "@bulkhead/core";
import { flaws, isTo, safely } from "./_connection";

export default defineRule({
  id: "require-verified-chart-repository",
  title: "Charts come from a repository that is reached over TLS",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "Whoever stands between can swap the chart, which then runs with the rights of whoever deploys it.",
  remediation: "Use the repository's https address, or an oci:// one.",
  whenNot: "For a repository on the loopback, in a test.",
  about: "connection",
  appliesTo: isTo("chart repository"),
  reads: flaws,
  check: safely("chart repository", "the certificate"),
  examples: {
    kubernetes: {
      on: "document", kind: "kubernetes:helm.sh/v3:Release",
      bad: [{ chart: "app", repositoryOpts: { repo: "http://charts.example.com" } }, { chart: "http://charts.example.com/app-1.2.3.tgz" }],
      good: [{ chart: "app", repositoryOpts: { repo: "https://charts.example.com" } }, { chart: "oci://registry.example.com/charts/app" }],
    },
  },
});
