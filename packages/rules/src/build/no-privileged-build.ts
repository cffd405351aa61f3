import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-privileged-build",
  title: "Builds keep their confinement",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "owasp-docker": "D04" },
  why: "A build runs whatever its base image and its packages bring; without confinement that is root on the builder, with the credentials that it pushes with.",
  remediation: "Remove the entitlement or the security option; build what needs it on a builder of its own.",
  whenNot: "For images that build other images or file systems, on a builder that is thrown away afterwards.",
  about: "build",
  reads: ({ privileges }) => ({ privileges: forbids(privileges) }),
  check: ({ privileges = [] }) => (privileges.length === 0 ? undefined : `keep its confinement, without ${[...new Set(privileges)].join(", ")}`),
  examples: {
    docker: [
      { on: "document", kind: "docker:index/buildxBuilder:BuildxBuilder", bad: { name: "ci", buildkitFlags: "--debug --allow-insecure-entitlement security.insecure" }, good: { name: "ci", buildkitFlags: "--debug" } },
      {
        on: "document", kind: "docker:index/remoteImage:RemoteImage",
        bad: { name: "registry.example.com/app", build: { context: ".", securityOpts: ["seccomp=unconfined"] } }, good: { name: "registry.example.com/app", build: { context: ".", securityOpts: ["no-new-privileges"] } },
      },
    ],
    compose: { bad: [{ build: { context: ".", privileged: true } }, { build: { context: ".", entitlements: ["security.insecure"] } }], good: [{ build: { context: "." } }, { build: { context: ".", privileged: false } }] },
  },
});
