import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-secret-build-args",
  title: "No credential is a build argument",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["docker", "compose", "dockerfile"],
  frameworks: { "cis-docker-1.6": "4.10", "nist-sp-800-190": "4.1.4", "owasp-docker": "D06" },
  why: "Build arguments stay in the image's history, for whoever can pull it to read, and in the provenance of the build.",
  remediation: "Give the credential as a build secret and read it with RUN --mount=type=secret; replace the one that was in an image.",
  whenNot: "For an argument that only sounds like a credential, such as a public key's token: give it another name.",
  about: ["build", "buildStep"],
  reads: ({ secretArguments }) => ({ names: forbids(secretArguments) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `take no credential as a build argument: ${[...names].sort().join(", ")}`),
  examples: {
    docker: [
      { on: "document", kind: "docker-build:index:Image", bad: { push: false, buildArgs: { VERSION: "1.2.3", NPM_TOKEN: "example" } }, good: { push: false, buildArgs: { VERSION: "1.2.3", TOKEN_FILE: "/run/secrets/token" }, secrets: { NPM_TOKEN: "example" } } },
      { on: "document", kind: "docker:index/image:Image", bad: { imageName: "registry.example.com/app", build: { args: { REPOSITORY: "https://ci:example@git.example.com/app" } } }, good: { imageName: "registry.example.com/app", build: { args: { REPOSITORY: "https://git.example.com/app" } } } },
      {
        on: "document", kind: "docker:index/remoteImage:RemoteImage",
        bad: { name: "registry.example.com/app", build: { context: ".", buildArgs: { API_KEY: "example" } } }, good: { name: "registry.example.com/app", build: { context: ".", buildArgs: {}, secrets: [{ id: "api_key", env: "API_KEY" }] } },
      },
    ],
    dockerfile: { bad: [{ steps: ["ARG NPM_TOKEN"] }, { steps: ["ARG VERSION=1 DB_PASSWORD=example"] }], good: { steps: ["ARG VERSION=1.2.3 TOKEN_FILE"] } },
    compose: { bad: [{ build: { context: ".", args: { NPM_TOKEN: "example" } } }, { build: { context: ".", args: ["NPM_TOKEN"] } }, { build: { context: ".", args: { NPM_TOKEN: "${NPM_TOKEN}" } } }], good: { build: { context: ".", args: { VERSION: "1.2.3" }, secrets: ["npm"] } } },
  },
});
