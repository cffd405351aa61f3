import { defineRule, requires } from "@bulkhead/core";
import { listed } from "./_capabilities";

export default defineRule({
  id: "drop-all-capabilities",
  title: "Containers drop every Linux capability",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "5.4", "cis-kubernetes-1.10": ["5.2.8", "5.2.10"], "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "The default set lets a compromised process spoof packets, change the owner of files and create devices.",
  remediation: "Drop ALL, then add back only the capability that the process is shown to need.",
  whenNot: "For software that starts as root and then changes to another user by itself (some mail and database servers): drop ALL there too and add the two or three capabilities back, or exempt it until its image is changed.",
  about: "container",
  appliesTo: ({ windows }) => !windows,
  overlaps: ["drop-net-raw"],
  reads: ({ droppedCapabilities }) => ({ drop: requires(droppedCapabilities) }),
  check({ drop = [] }) {
    if (drop.includes("ALL")) return;
    return drop.length === 0 ? "drop ALL capabilities" : `drop ALL capabilities, not only ${listed(drop)}`;
  },
  fix: ({ drop }) => drop.to(["ALL"]),
  examples: {
    kubernetes: { bad: [{ securityContext: { capabilities: { drop: ["NET_RAW"] } } }, { securityContext: { capabilities: null } }], good: { securityContext: { capabilities: { drop: ["NET_RAW", "ALL"] } } } },
    docker: { bad: [{ capabilities: { drops: ["CAP_NET_RAW"] } }, { capabilities: null }], good: [{ capabilities: { drops: ["all"] } }, { capabilities: { drops: ["CAP_ALL"] } }] },
    compose: { bad: [{ cap_drop: ["CAP_NET_RAW"] }, { cap_drop: null }], good: [{ cap_drop: ["all"] }, { cap_drop: ["CAP_ALL"] }] },
  },
});
