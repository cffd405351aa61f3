import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-secret-arguments",
  title: "No credential is written into a command line",
  severity: "critical",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-kubernetes-1.10": "5.4.1", "nsa-cisa-1.2": "secrets", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06", "owasp-kubernetes-2025": "K03" },
  why: "A command line is shown to every process of the host, to whoever may describe the pod, and stands in the program, its state and the logs of its plans.",
  remediation: "Pass the name of a file that a Secret is mounted as (--password-file), and replace the credential that was written down.",
  whenNot: "Where a flag such as --token takes something that is no credential: exempt that container, since an option that allowed names would also allow the next real credential.",
  about: "container",
  reads: ({ secretArguments }) => ({ names: forbids(secretArguments) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `not write a credential into a command line (${[...new Set(names)].sort().join(", ")})`),
  examples: {
    kubernetes: {
      bad: [{ args: ["--db-password=example"] }, { args: ["serve", "--api-key", "example"] }, { command: ["sh", "-c", "exec app --source postgres://app:example@db/app"] }, { livenessProbe: { httpGet: null, exec: { command: ["mysqladmin", "ping", "-uroot", "-pexample"] } } }, { lifecycle: { postStart: { exec: { command: ["app", "login", "--token=example"] } } } }],
      good: [{ args: ["--password-file=/run/secrets/db", "--token=$(TOKEN)", "--token", "/run/secrets/token", "--secret-namespace=shop"] }, { args: ["mysqldump", "-p$(PASSWORD)", "-P3306", "shop"], lifecycle: { preStop: { exec: { command: ["psql", "-p5432"] } } } }],
    },
    docker: { bad: [{ command: ["app", "--token=example"] }, { entrypoints: ["env", "API_KEY=example", "app"] }, { healthcheck: { tests: ["CMD", "mysqladmin", "ping", "-pexample"] } }], good: { command: ["app", "--token-file", "/run/secrets/token"] } },
    compose: { bad: [{ command: "app --token=example" }, { entrypoint: ["env", "API_KEY=example", "app"] }, { post_start: [{ command: ["mysql", "-pexample"] }] }], good: { command: ["app", "--token-file", "/run/secrets/token"] } },
  },
});
