import { defineRule, exact } from "@bulkhead/core";
import { ingress } from "./_ingress";

export default defineRule({
  id: "no-default-ingress-backend",
  title: "Ingresses have no default backend",
  severity: "low",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A default backend is reached under every name and path that no rule matches, also those that were meant to lead nowhere.",
  remediation: "Remove defaultBackend and write a rule for what is served.",
  whenNot: "For the one Ingress that serves the error page of the whole cluster.",
  about: "ingress",
  reads: ({ defaultBackend }) => ({ backend: exact(defaultBackend) }),
  check: ({ backend }) => (backend === true ? "have no default backend" : undefined),
  fix: ({ backend }) => backend.to(undefined),
  examples: { kubernetes: { on: "document", bad: ingress({ defaultBackend: { service: { name: "web", port: { number: 80 } } } }), good: ingress({}) } },
});
