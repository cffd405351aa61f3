import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-literal-secrets",
  title: "No credential is written into the environment, a file beside it, or the header of a probe",
  severity: "critical",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-kubernetes-1.10": "5.4.1", "nsa-cisa-1.2": "secrets", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06", "owasp-kubernetes-2025": "K03" },
  why: "A literal credential is in the program, in the state, in every log of a plan, and in the definition that whoever may read it can see.",
  remediation: "Keep the credential in a Secret or an external store, mount it as a file, and replace the one that was written down. Let a probe ask for something that needs no credential.",
  whenNot: "Where names such as PASSWORD_MIN_LENGTH or values made for tests look like credentials and are none: exempt that container, since an option that allowed names would also allow the next real credential.",
  about: "container",
  reads: ({ literalSecrets }) => ({ names: forbids(literalSecrets) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `not write a credential into ${[...new Set(names)].sort().join(", ")}`),
  examples: {
    kubernetes: {
      bad: [{ env: [{ name: "DB_PASSWORD", value: "example" }] }, { env: [{ name: "DATABASE", value: "postgres://app:example@db/app" }] }, { livenessProbe: { httpGet: { path: "/live", port: 8080, httpHeaders: [{ name: "Authorization", value: "Bearer example" }] } } }],
      good: { env: [{ name: "DB_PASSWORD_FILE", value: "/run/secrets/db" }, { name: "TOKEN_TTL", value: "3600" }, { name: "SECRET_NAME", value: "db" }, { name: "MONKEY", value: "x" }], livenessProbe: { httpGet: { path: "/live", port: 8080, httpHeaders: [{ name: "Accept", value: "text/plain" }] } } },
    },
    docker: {
      bad: [{ envs: ["LOG=info", "API_KEY=example"] }, { uploads: [{ file: "/etc/tls/tls.key", content: "-----BEGIN PRIVATE KEY-----\nexample\n-----END PRIVATE KEY-----\n" }] }],
      good: { envs: ["DB_PASSWORD_FILE=/run/secrets/db", "PATH=/bin"], uploads: [{ file: "/etc/app/app.conf", content: "log = info\n" }, { file: "/etc/tls/tls.key", source: "tls.key" }] },
    },
    compose: { bad: [{ environment: { API_KEY: "example" } }, { environment: ["LOG=info", "DATABASE=postgres://app:example@db/app"] }], good: { environment: ["DB_PASSWORD_FILE=/run/secrets/db", "DATABASE=postgres://app:${DB_PASSWORD}@db/app"], secrets: ["db"] } },
  },
});
