import { defineRule, knownValue, requires } from "@bulkhead/core";

export default defineRule({
  id: "drop-net-raw",
  title: "Containers drop NET_RAW",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.4", "cis-kubernetes-1.10": "5.2.8", "nist-sp-800-190": "4.4.3", "owasp-docker": "D03" },
  why: "With NET_RAW a compromised process forges packets and answers for its neighbours on the pod network.",
  remediation: "Drop ALL, or at least NET_RAW; ping works without it where net.ipv4.ping_group_range allows it.",
  whenNot: "For tools that capture or forge packets as their work (tcpdump, keepalived, some load balancers). With drop-all-capabilities on, this rule says nothing more.",
  about: "container",
  appliesTo: ({ windows }) => !windows,
  reads: ({ droppedCapabilities }) => ({ drop: requires(droppedCapabilities) }),
  check: ({ drop = [] }) => (drop.includes("ALL") || drop.includes("NET_RAW") ? undefined : "drop NET_RAW"),
  fix: ({ drop }) => drop.to([...(knownValue(drop) ?? []), "NET_RAW"]),
  examples: {
    kubernetes: { within: ["drop-all-capabilities"], bad: [{ securityContext: { capabilities: { drop: ["CHOWN"] } } }, { securityContext: { capabilities: null } }], good: { securityContext: { capabilities: { drop: ["NET_RAW", "ALL"] } } } },
    docker: { within: ["drop-all-capabilities"], bad: [{ capabilities: { drops: ["CAP_CHOWN"] } }, { capabilities: null }], good: { capabilities: { drops: ["net_raw", "all"] } } },
    compose: { within: ["drop-all-capabilities"], bad: [{ cap_drop: ["CHOWN"] }, { cap_drop: null }], good: { cap_drop: ["NET_RAW", "ALL"] } },
  },
});
