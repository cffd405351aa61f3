import { defineRule, forbids } from "@bulkhead/core";
import { defaultCapabilities, listed } from "./_capabilities";

export default defineRule({
  id: "only-default-capabilities",
  title: "Containers add no capability beyond the default set",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.4", "cis-kubernetes-1.10": "5.2.9", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "A capability beyond the runtime's default set reaches the network stack, the kernel or other processes of the host.",
  remediation: "Remove the capability; if the process truly needs it, isolate it on nodes of its own and record an exemption.",
  whenNot: "For network and storage components of the node itself, which need NET_ADMIN or SYS_ADMIN to do their work: exempt those workloads, not the rule.",
  about: "container",
  overlaps: ["only-allowed-capabilities"],
  reads: ({ addedCapabilities }) => ({ add: forbids(addedCapabilities) }),
  check({ add = [] }) {
    const beyond = add.filter((name) => !defaultCapabilities.includes(name));
    return beyond.length === 0 ? undefined : `not add ${listed(beyond)}, which the default set does not hold`;
  },
  fix: ({ add }) => (add.state === "value" ? add.to(add.value.filter((name) => defaultCapabilities.includes(name))) : undefined),
  examples: {
    kubernetes: { bad: { securityContext: { capabilities: { add: ["NET_ADMIN"] } } }, good: { securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } } },
    docker: { bad: { capabilities: { adds: ["CAP_NET_RAW"] } }, good: { capabilities: { adds: ["net_bind_service"] } } },
    compose: { bad: { cap_add: ["NET_ADMIN"] }, good: { cap_add: ["net_bind_service"] } },
  },
});
