import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-default-bridge",
  title: "Containers are not on the default bridge",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.30", "nist-sp-800-190": "4.3.3", "owasp-docker": "D03" },
  why: "Every container on the default bridge can talk to every other one there.",
  remediation: "Attach the container to a network of its own (networksAdvanced, or networks in a compose file).",
  whenNot: "For a single container that talks to nobody: the default bridge then shares nothing. Published ports work the same on a network of its own.",
  about: "pod",
  reads: ({ defaultBridge }) => ({ bridge: exact(defaultBridge) }),
  check: ({ bridge }) => (bridge === true ? "be attached to a network of its own, not to the default bridge" : undefined),
  examples: {
    docker: { bad: [{ networksAdvanced: null }, { networksAdvanced: [], networkMode: "bridge" }], good: { networksAdvanced: [{ name: "backend" }], networkMode: "bridge" } },
    compose: { bad: { networks: null, network_mode: "bridge" }, good: [{ networks: null }, { networks: { backend: { aliases: ["db"] } } }] },
  },
});
