import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-image-secrets",
  title: "No instruction writes a credential into the image",
  severity: "critical",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.10", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06" },
  why: "Whoever has the image has its variables and the command lines of its history, and what a later step deletes is still in the layer before.",
  remediation: "Mount the credential for the one step that needs it (RUN --mount=type=secret), or give it to the container when it runs; replace the one that was in an image.",
  whenNot: "For a variable that only sounds like a credential: give it another name, such as TOKEN_FILE for the path of one.",
  about: "buildStep",
  reads: ({ secretVariables }) => ({ names: forbids(secretVariables) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `write no credential into the image: ${[...new Set(names)].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: [{ steps: ["ENV DB_PASSWORD=example"] }, { steps: ['ENV A=1 API_TOKEN="$NPM"'] }, { steps: ["RUN export AWS_SECRET_KEY=example && deploy"] }, { steps: ["RUN migrate --password=example"] }], good: { steps: ["ENV DB_PASSWORD_FILE=/run/secrets/db", "RUN --mount=type=secret,id=npm NPM_TOKEN=$(cat /run/secrets/npm) compile"] } },
  },
});
