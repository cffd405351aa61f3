import { defineRule, exact, matchesRegistry, parseRegistryPattern, requires } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";
import { digest } from "../examples";

const workload = (more: object) => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: goodMetadata,
  spec: { template: { spec: { ...goodPod, ...more, containers: [{ ...goodContainer, image: `registry.example.com/private/app@${digest}` }] } } },
});

export default defineRule({
  id: "require-pull-secret",
  title: "Images of private registries are pulled with a secret",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.2.3" },
  why: "Without credentials of its own the pod gets the image only where a node has it, or has rights to the registry that every pod of it then shares.",
  remediation: "Name the registry's secret in imagePullSecrets.",
  whenNot: "Where the service account carries the secret, or the nodes' own identity is meant to pull: without the option `registries` the rule is not applied at all.",
  about: "image",
  appliesTo: ({ use }) => use === "run",
  options: {
    registries: {
      type: "strings",
      description: "Registries, or repositories in them, whose images need credentials, as in allowed-registries.",
      example: ["registry.example.com/private"],
      check: (pattern: string) => {
        const parsed = parseRegistryPattern(pattern);
        return "error" in parsed ? `a registry such as "ghcr.io/acme" (${parsed.error})` : undefined;
      },
    },
  },
  reads: ({ registry, pullSecrets }) => ({ registry: exact(registry), secrets: requires(pullSecrets) }),
  check: ({ registry, secrets = [] }, { options }) => (secrets.length === 0 && registry !== undefined && options.registries.some((pattern) => matchesRegistry(registry, pattern)) ? "be pulled with a secret (imagePullSecrets)" : undefined),
  exampleOptions: { registries: ["registry.example.com/private"] },
  examples: { kubernetes: { on: "document", bad: workload({}), good: workload({ imagePullSecrets: [{ name: "registry" }] }) } },
});
