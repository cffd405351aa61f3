import { defineRule, exact } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

const base = `FROM registry.example.com/base:1.2.3@${digest}`;

export default defineRule({
  id: "require-healthcheck",
  title: "Containers and images have a health check",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose", "dockerfile"],
  frameworks: { "cis-docker-1.6": ["4.6", "5.27"] },
  why: "Without one a process that hangs counts as running: nothing restarts it, and what depends on it starts too early.",
  remediation: "Add a health check that asks the program itself. One that the image brings along cannot be seen here.",
  whenNot: "For images that bring their own HEALTHCHECK, which @pulumi/docker and a compose file do not show; in a Dockerfile, for images that only run on Kubernetes, which does not read it.",
  about: ["container", "builtImage"],
  reads: ({ healthcheck }) => ({ check: exact(healthcheck) }),
  check({ check }) {
    if (check === true) return;
    return check === false ? "not turn its health check off" : "have a health check";
  },
  examples: {
    docker: { bad: [{ healthcheck: null }, { healthcheck: { tests: ["NONE"] } }], good: { healthcheck: { tests: ["CMD", "/app", "healthy"] } } },
    dockerfile: { bad: [{ instructions: [base, ...imageEnd.slice(0, -1)] }, { instructions: [base, ...imageEnd.slice(0, -1), "HEALTHCHECK NONE"] }], good: { instructions: [base, ...imageEnd] } },
    compose: { bad: [{ healthcheck: null }, { healthcheck: { disable: true } }, { healthcheck: { test: ["NONE"] } }], good: { healthcheck: { test: ["CMD", "/app", "healthy"] } } },
  },
});
