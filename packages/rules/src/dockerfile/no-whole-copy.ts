import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-whole-copy",
  title: "No step copies everything there is",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.10", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06" },
  why: "The whole build context holds what was never meant for an image: the history of the repository, environment files, keys of whoever builds. A whole file system takes along everything that a stage was built with.",
  remediation: "Copy the folders that are needed, or say in .dockerignore what to leave out; from another stage copy the result alone.",
  whenNot: "For a stage that squashes a root file system into FROM scratch on purpose.",
  about: "buildStep",
  reads: ({ copiesWhole }) => ({ whole: forbids(copiesWhole) }),
  check: ({ whole }) => (whole === undefined ? undefined : whole === "file system" ? "copy what is needed, not a whole file system" : "copy what is needed, or have a .dockerignore: it copies the whole build context"),
  examples: {
    dockerfile: { bad: [{ ignores: false, steps: ["COPY . /app"] }, { steps: ["COPY --from=build / /"] }], good: [{ ignores: true, steps: ["COPY . /app"] }, { ignores: false, steps: ["COPY src /app/src"] }] },
  },
});
