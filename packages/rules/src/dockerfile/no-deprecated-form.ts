import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-deprecated-form",
  title: "No instruction has a form that was given up",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "owasp-docker": "D04" },
  why: "MAINTAINER and ENV or LABEL with a blank instead of an equals sign are kept for old files only; of `ENV A B C=1` everything behind A becomes its value.",
  remediation: "Write LABEL org.opencontainers.image.authors=..., and name=value.",
  whenNot: "For Dockerfiles of others that are only mirrored.",
  about: "buildStep",
  reads: ({ deprecatedForm }) => ({ form: forbids(deprecatedForm) }),
  check: ({ form }) => (form === undefined ? undefined : form === "MAINTAINER" ? "be a label org.opencontainers.image.authors" : "be written name=value"),
  fix: ({ form }) => form.to(undefined),
  examples: {
    dockerfile: { bad: [{ steps: ["MAINTAINER Team A"] }, { steps: ["ENV MODE fast"] }, { steps: ["LABEL team shop a"] }], good: { steps: ["LABEL org.opencontainers.image.authors=\"Team A\"", "ENV MODE=fast"] } },
  },
});
