import { capabilityName, defineRule, forbids } from "@bulkhead/core";
import { listed } from "./_capabilities";

export default defineRule({
  id: "only-allowed-capabilities",
  title: "Containers add only allowed capabilities",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "5.4", "cis-kubernetes-1.10": "5.2.9", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "Most processes need no capability; each one that is added back is a step that an intruder need not take.",
  remediation: "Remove the capability, or allow it in the configuration after review. A port below 1024 needs NET_BIND_SERVICE only.",
  whenNot: "It is the restricted level: with many reviewed exceptions, list them in the option `capabilities` once rather than exempt every workload.",
  about: "container",
  appliesTo: ({ windows }) => !windows,
  options: {
    capabilities: {
      type: "strings",
      description: "Capabilities that may be added.",
      example: ["NET_BIND_SERVICE", "CHOWN"],
      default: ["NET_BIND_SERVICE"],
      check: (name: string) => (/^[A-Z_]+$/.test(capabilityName(name)) ? undefined : 'a capability such as "NET_BIND_SERVICE"'),
    },
  },
  reads: ({ addedCapabilities }) => ({ add: forbids(addedCapabilities) }),
  check({ add = [] }, { options }) {
    const allowed = options.capabilities.map(capabilityName);
    const beyond = add.filter((name) => !allowed.includes(name));
    return beyond.length === 0 ? undefined : `add no capability but ${listed(allowed)}, not ${listed(beyond)}`;
  },
  fix({ add }, { options }) {
    const allowed = options.capabilities.map(capabilityName);
    return add.state === "value" ? add.to(add.value.filter((name) => allowed.includes(name))) : undefined;
  },
  examples: {
    kubernetes: { bad: { securityContext: { capabilities: { add: ["CHOWN"] } } }, good: { securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } } },
    docker: { bad: { capabilities: { adds: ["CHOWN", "CAP_NET_BIND_SERVICE"] } }, good: { capabilities: { adds: ["CAP_NET_BIND_SERVICE"] } } },
    compose: { bad: { cap_add: ["CHOWN", "CAP_NET_BIND_SERVICE"] }, good: { cap_add: ["CAP_NET_BIND_SERVICE"] } },
  },
});
