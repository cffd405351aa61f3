import { defineRule } from "@bulkhead/core";
import { flaws, isTo, safely } from "./_connection";

const config = (cluster: string): string => `apiVersion: v1\nkind: Config\nclusters:\n- name: prod\n  cluster:\n${cluster}`;

export default defineRule({
  id: "require-verified-cluster",
  title: "Providers check the cluster that they talk to",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nsa-cisa-1.2": "encryption" },
  why: "Whoever stands between reads the provider's credentials and every Secret that it sends, and answers in the cluster's name.",
  remediation: "Reach the API server over https, put its certificate authority into the kubeconfig (certificate-authority-data), and remove insecure-skip-tls-verify.",
  whenNot: "For a cluster on the same machine that lives as long as a test.",
  about: "connection",
  appliesTo: isTo("cluster"),
  reads: flaws,
  check: safely("cluster", "the certificate"),
  examples: {
    kubernetes: {
      on: "document", kind: "pulumi:providers:kubernetes",
      bad: [{ kubeconfig: config("    server: https://k8s.example.com\n    insecure-skip-tls-verify: true\n") }, { kubeconfig: "{\"clusters\":[{\"cluster\":{\"server\":\"http://k8s.example.com\"}}]}" }],
      good: [{ kubeconfig: config("    server: https://k8s.example.com\n    # insecure-skip-tls-verify: true\n    certificate-authority-data: LS0t\n") }],
    },
  },
});
