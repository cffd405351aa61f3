import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-secret-variables",
  title: "Secrets are files, not environment variables",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes", "compose"],
  frameworks: { "cis-kubernetes-1.10": "5.4.1", "nsa-cisa-1.2": "secrets", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06", "owasp-kubernetes-2025": "K03" },
  why: "The environment of a process is inherited by all that it starts, ends up in crash reports and logs, and is shown by the platform to whoever may describe the pod.",
  remediation: "Mount the Secret as a volume, or in a compose file name it under secrets, and read the file.",
  whenNot: "For programs that read their credentials from the environment only and cannot be changed: the variable is still better than a literal, and an entrypoint that reads a file is better than both.",
  about: "container",
  reads: ({ secretVariables }) => ({ names: forbids(secretVariables) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `read secrets from files, not from the environment (${[...new Set(names)].sort().join(", ")})`),
  examples: {
    kubernetes: {
      bad: [{ env: [{ name: "DB_LOGIN", valueFrom: { secretKeyRef: { name: "db", key: "login" } } }] }, { envFrom: [{ secretRef: { name: "db" } }] }],
      good: { env: [{ name: "LOG_LEVEL", value: "info" }, { name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }], envFrom: [{ configMapRef: { name: "app" } }] },
    },
    compose: { bad: [{ environment: { DB_PASSWORD: "${DB_PASSWORD}" } }, { environment: ["API_KEY"] }], good: { environment: { DB_PASSWORD_FILE: "/run/secrets/db", LOG_LEVEL: "${LOG_LEVEL}" }, secrets: ["db"] } },
  },
});
