import { capabilityName, defineRule, forbids } from "@bulkhead/core";
import { dangerousCapabilities, listed } from "./_capabilities";

const isDangerous = (name: string): boolean => dangerousCapabilities.includes(capabilityName(name));

export default defineRule({
  id: "no-dangerous-capabilities",
  title: "Containers add no capability that leads to the host",
  severity: "critical",
  since: "0.1.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.4", "cis-kubernetes-1.10": "5.2.9", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "Each of these capabilities alone is a known way out of a container: loading kernel code, reading any file, controlling other processes.",
  remediation: "Remove the capability. Debug from a node, trace with a tool that runs outside the workload.",
  whenNot: "For node agents whose very work is the kernel (tracing with eBPF, loading a driver): exempt them by name, on nodes that run nothing untrusted.",
  about: "container",
  overlaps: ["only-default-capabilities", "only-allowed-capabilities"],
  reads: ({ addedCapabilities }) => ({ add: forbids(addedCapabilities) }),
  check({ add = [] }) {
    const dangerous = add.filter(isDangerous);
    return dangerous.length === 0 ? undefined : `not add ${listed(dangerous)}`;
  },
  fix: ({ add }) => (add.state === "value" ? add.to(add.value.filter((name) => !isDangerous(name))) : undefined),
  examples: {
    kubernetes: { bad: [{ securityContext: { capabilities: { add: ["SYS_ADMIN"] } } }, { securityContext: { capabilities: { add: ["ALL"] } } }], good: { securityContext: { capabilities: { add: ["NET_BIND_SERVICE"] } } } },
    docker: { bad: [{ capabilities: { adds: ["CAP_SYS_ADMIN"] } }, { capabilities: { adds: ["sys_ptrace"] } }], good: { capabilities: { adds: ["NET_BIND_SERVICE"] } } },
    compose: { bad: [{ cap_add: ["CAP_SYS_ADMIN"] }, { cap_add: ["sys_ptrace"] }], good: { cap_add: ["NET_BIND_SERVICE"] } },
  },
});
