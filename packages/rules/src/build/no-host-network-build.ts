import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-host-network-build",
  title: "Builds do not run in the host's network",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: {},
  why: "Every step of the Dockerfile, and every package script that it starts, reaches what listens on the builder's loopback and what its network trusts.",
  remediation: "Leave the network at its default, or take it away (none) and fetch in a step of its own.",
  whenNot: "For a build that must reach a proxy on the builder's own loopback, on a builder that does nothing else.",
  about: "build",
  reads: ({ hostNetwork }) => ({ hostNetwork: exact(hostNetwork) }),
  check: ({ hostNetwork }) => (hostNetwork === true ? "not run in the network of the host" : undefined),
  fix: ({ hostNetwork }) => hostNetwork.to(undefined),
  examples: {
    docker: [
      { on: "document", kind: "docker-build:index:Image", bad: { push: false, network: "host" }, good: [{ push: false, network: "default" }, { push: false }] },
      { on: "document", kind: "docker:index/remoteImage:RemoteImage", bad: { name: "registry.example.com/app", build: { context: ".", networkMode: "host" } }, good: { name: "registry.example.com/app", build: { context: "." } } },
      { on: "document", kind: "docker:index/buildxBuilder:BuildxBuilder", bad: { name: "ci", dockerContainer: { network: "host" } }, good: { name: "ci", dockerContainer: {} } },
    ],
    compose: { bad: [{ build: { context: ".", network: "host" } }, { build: { context: ".", entitlements: ["network.host"] } }], good: [{ build: { context: "." } }, { build: { context: ".", network: "none" } }] },
  },
});
