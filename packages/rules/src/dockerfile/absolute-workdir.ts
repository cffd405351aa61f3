import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "absolute-workdir",
  title: "The working directory is absolute",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "owasp-docker": "D04" },
  why: "A relative folder starts from wherever the base image left off: with another base, files and commands are somewhere else.",
  remediation: "Begin WORKDIR with a slash, at least the first of a stage.",
  whenNot: "Where the base image is your own and its folder is part of what it promises.",
  about: "buildStep",
  reads: ({ relativeFolder }) => ({ relative: forbids(relativeFolder) }),
  check: ({ relative }) => (relative === true ? "name an absolute folder" : undefined),
  examples: {
    dockerfile: { bad: { steps: ["WORKDIR app"] }, good: { steps: ["WORKDIR /srv", "WORKDIR app"] } },
  },
});
