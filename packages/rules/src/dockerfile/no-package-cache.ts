import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-package-cache",
  title: "Package managers leave no index and no cache in the image",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.7", "nist-sp-800-190": "4.1.1", "owasp-docker": "D04" },
  why: "What was fetched to install is of no use to the program, makes every pull larger, and gives whoever breaks in a package manager that works at once.",
  remediation: "Remove it in the same RUN (rm -rf /var/lib/apt/lists/*, apk add --no-cache, dnf clean all), or mount a cache there (RUN --mount=type=cache).",
  whenNot: "For images that are only built with: stages that do not stay in the image are not looked at.",
  about: "buildStep",
  reads: ({ keptCaches }) => ({ programs: forbids(keptCaches) }),
  check: ({ programs = [] }) => (programs.length === 0 ? undefined : `leave no index or cache of ${programs.join(", ")} in the layer`),
  examples: {
    dockerfile: { bad: [{ steps: ["RUN apt-get update && apt-get install -y tini=0.19.0-1"] }, { steps: ["RUN apk add tini=0.19.0-r3"] }, { steps: ["RUN dnf -y install tini-0.19.0"] }], good: [{ steps: ["RUN apk add --no-cache tini=0.19.0-r3"] }, { steps: ["RUN --mount=type=cache,target=/var/cache/dnf dnf -y install tini-0.19.0"] }] },
  },
});
