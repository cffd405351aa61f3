import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-lone-package-update",
  title: "The index of packages is updated where packages are installed",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.7", "nist-sp-800-190": "4.1.1", "owasp-docker": "D02" },
  why: "A step of its own is kept in the build cache: the next build installs from an index that is months old, or fails.",
  remediation: "Update and install in one RUN: apt-get update && apt-get install ...",
  whenNot: "Where the cache is never used (--no-cache), the two may stand apart.",
  about: "buildStep",
  reads: ({ loneUpdates }) => ({ programs: forbids(loneUpdates) }),
  check: ({ programs = [] }) => (programs.length === 0 ? undefined : `install packages in the step that updates their index (${programs.join(", ")})`),
  examples: {
    dockerfile: { bad: { steps: ["RUN --mount=type=cache,target=/var/lib/apt apt-get update"] }, good: { steps: ["RUN apt-get update && apt-get install -y --no-install-recommends tini=0.19.0-1 && rm -rf /var/lib/apt/lists/*"] } },
  },
});
