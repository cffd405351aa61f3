import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "single-command",
  title: "Each stage has one command, entry point and health check",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "owasp-docker": "D04" },
  why: "Only the last one counts. The others look as if they did something, a health check or a user's start script among them.",
  remediation: "Remove all but the last.",
  whenNot: "Never needed: what is not the last does nothing.",
  about: "buildStep",
  reads: ({ superseded }) => ({ superseded: forbids(superseded) }),
  check: ({ superseded }) => (superseded === true ? "not be followed by another of its kind, which alone counts" : undefined),
  fix: ({ superseded }) => superseded.to(false),
  examples: {
    dockerfile: { bad: { steps: ['CMD ["/app"]', 'CMD ["/app", "--fast"]'] }, good: { steps: ['CMD ["/app", "--fast"]'] } },
  },
});
