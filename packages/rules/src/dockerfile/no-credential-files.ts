import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-credential-files",
  title: "No file that holds a credential is copied into the image",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.10", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06" },
  why: "A key or a token in a layer is everybody's who can pull the image, also where a later step deletes the file.",
  remediation: "Leave the file out, name it in .dockerignore, and mount it for the one step that needs it (RUN --mount=type=secret).",
  whenNot: "For a file whose name misleads, such as an .npmrc with no token in it: copy it under another name, or exempt it.",
  about: "buildStep",
  reads: ({ credentialFiles, inImage }) => ({ names: forbids(inImage ? credentialFiles : { ...credentialFiles, state: "unset" as const }) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `copy no file that holds a credential: ${[...names].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: [{ steps: ["COPY id_rsa /root/.ssh/"] }, { steps: ["COPY config/.env config/app.yaml /app/"] }, { steps: ['COPY ["tls/server.key", "/app/"]'] }], good: { steps: ["COPY id_rsa.pub .env.example /app/"] } },
  },
});
