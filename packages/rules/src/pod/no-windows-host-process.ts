import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-windows-host-process",
  title: "Windows containers are not HostProcess containers",
  severity: "critical",
  since: "0.1.0",
  challenge: "C2",
  preset: "baseline",
  platforms: ["kubernetes"],
  frameworks: { pss: "baseline", "cis-kubernetes-1.10": "5.2.11", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "A HostProcess container is a process of the Windows node itself, with its network, its files and its administrator.",
  remediation: "Remove windowsOptions.hostProcess; run node agents as services of the node.",
  whenNot: "For node agents on Windows (CNI, storage, monitoring), which have no other way to reach the node.",
  about: ["pod", "container"],
  reads: ({ hostProcess }) => ({ hostProcess: exact(hostProcess) }),
  check: ({ hostProcess }) => (hostProcess === true ? "not be a Windows HostProcess container" : undefined),
  fix: ({ hostProcess }) => hostProcess.to(undefined),
  examples: {
    kubernetes: [
      { bad: { securityContext: { windowsOptions: { hostProcess: true } } }, good: { securityContext: { windowsOptions: { hostProcess: false } } } },
      { on: "pod", bad: { securityContext: { windowsOptions: { hostProcess: true } } }, good: { securityContext: { windowsOptions: { runAsUserName: "ContainerUser" } } } },
    ],
  },
});
