import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-privilege-escalation",
  title: "Processes cannot gain privileges",
  severity: "high",
  since: "0.1.0",
  challenge: "C2",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "5.26", "cis-kubernetes-1.10": "5.2.6", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "A setuid binary in the image turns a compromised process into root unless the kernel refuses to raise its privileges.",
  remediation: "Set allowPrivilegeEscalation to false (Kubernetes), or the security option no-new-privileges (Docker). A process that relies on sudo or a setuid binary stops working. Kubernetes refuses the setting on a container that is privileged or is given CAP_SYS_ADMIN: remove that first.",
  whenNot: "For images that change users through sudo or a setuid helper (ping without NET_RAW, some build agents) until they are rebuilt.",
  about: "container",
  appliesTo: ({ windows }) => !windows,
  reads: ({ noNewPrivileges }) => ({ refused: exact(noNewPrivileges) }),
  check({ refused }, { platform }) {
    if (refused === true) return;
    return platform === "kubernetes" ? "set allowPrivilegeEscalation to false" : "set the security option no-new-privileges";
  },
  fix: ({ refused }) => refused.to(true),
  fixAfter: ["no-privileged", "no-dangerous-capabilities", "only-default-capabilities", "only-allowed-capabilities"],
  examples: {
    kubernetes: { bad: [{ securityContext: { allowPrivilegeEscalation: true } }, { securityContext: { allowPrivilegeEscalation: null } }], good: { securityContext: { allowPrivilegeEscalation: false } } },
    docker: { bad: [{ securityOpts: ["no-new-privileges:false"] }, { securityOpts: [] }], good: [{ securityOpts: ["no-new-privileges"] }, { securityOpts: ["apparmor=app", "no-new-privileges=true"] }] },
    compose: { bad: [{ security_opt: ["no-new-privileges:false"] }, { security_opt: null }], good: [{ security_opt: ["no-new-privileges"] }, { security_opt: ["apparmor=app", "no-new-privileges=true"] }] },
  },
});
