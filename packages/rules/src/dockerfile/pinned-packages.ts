import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "pinned-packages",
  title: "Packages are installed in a version that is named",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.11", "nist-sp-800-190": "4.1.1", "owasp-docker": "D02" },
  why: "Without a version the same Dockerfile gives another image tomorrow: nobody reviewed what is in it, and nobody can build the old one again.",
  remediation: "Name the version (tini=0.19.0-1, requests==2.32.3, typescript@5.9.3), or install from a lock file (pip install -r, npm ci).",
  whenNot: "Where the distribution keeps only the newest version, a pinned one breaks the build with each repair: pin the base image by digest and rebuild often instead.",
  about: "buildStep",
  reads: ({ unpinnedPackages }) => ({ names: forbids(unpinnedPackages) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `install packages in a version that is named: ${[...names].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: [{ steps: ["RUN apk add --no-cache tini"] }, { steps: ["RUN pip install requests==2.32.3 flask"] }, { steps: ["RUN npm install -g typescript@latest"] }, { steps: ["RUN gem install rake"] }], good: [{ steps: ["RUN apk add --no-cache tini=0.19.0-r3"] }, { steps: ["RUN pip install -r requirements.txt && npm ci && gem install rake -v 13.2.1"] }] },
  },
});
