import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-image-passwords",
  title: "No step sets a password",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.10", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06" },
  why: "A password of the image is the same in every container, and stands in the image's history or, as a hash, in its files.",
  remediation: "Leave accounts without a password (useradd --no-create-home, passwd --lock): the platform starts the process as the user it needs.",
  whenNot: "For images that offer a login by password as their purpose: set it when the container starts.",
  about: "buildStep",
  reads: ({ passwords }) => ({ programs: forbids(passwords) }),
  check: ({ programs = [] }) => (programs.length === 0 ? undefined : `set no password (${programs.join(", ")})`),
  examples: {
    dockerfile: { bad: [{ steps: ["RUN echo app:example | chpasswd"] }, { steps: ["RUN passwd -d app"] }, { steps: ["RUN useradd -p hash app"] }], good: { steps: ["RUN useradd --no-create-home --uid 10001 app && passwd -l app"] } },
  },
});
