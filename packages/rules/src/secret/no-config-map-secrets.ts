import { defineRule, forbids } from "@bulkhead/core";

const configMap = (data: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "app", namespace: "shop" }, data });

export default defineRule({
  id: "no-config-map-secrets",
  title: "No credential is written into a ConfigMap",
  severity: "critical",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "cis-kubernetes-1.10": "5.4.1", "nsa-cisa-1.2": "secrets", "nist-sp-800-190": "4.1.4", "owasp-kubernetes-2025": "K03" },
  why: "A ConfigMap is not encrypted in the API server's store, and far more people and pods may read it than Secrets.",
  remediation: "Move it to a Secret or an external store, mount it as a file, and replace the credential that was written down.",
  whenNot: "Where a key such as token holds something that is no credential: exempt that ConfigMap.",
  about: "configMap",
  reads: ({ literalSecrets }) => ({ names: forbids(literalSecrets) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `not hold a credential (${[...new Set(names)].sort().join(", ")})`),
  examples: {
    kubernetes: {
      on: "document",
      bad: [configMap({ DB_PASSWORD: "example" }), configMap({ "application.properties": "server.port=8080\nspring.datasource.password=example\n" }), configMap({ database: "postgres://app:example@db/app" })],
      good: configMap({ LOG_LEVEL: "info", DB_PASSWORD_FILE: "/run/secrets/db", "app.env": "TOKEN=${TOKEN}\nTOKEN_TTL=3600\n", "notes.md": "password=example" }),
    },
  },
});
