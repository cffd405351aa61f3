import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-seccomp-profile",
  title: "Containers run under a seccomp profile",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "restricted",
  frameworks: { pss: "restricted", "cis-docker-1.6": "5.22", "cis-kubernetes-1.10": "5.7.2", "nsa-cisa-1.2": ["hardening-environments", "pod-security-enforcement"], "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "Without a profile a process may call any of the kernel's system calls, and kernel bugs in the rarely used ones are how containers are escaped from.",
  remediation: "Set the seccomp profile RuntimeDefault, or Localhost with a profile of your own (Kubernetes); on Docker do not turn off the default profile.",
  whenNot: "On Kubernetes clusters whose kubelets set RuntimeDefault for every pod (seccompDefault): the profile is there without being named. Pod Security at restricted still asks for it.",
  about: ["pod", "container"],
  appliesTo: ({ windows }) => !windows,
  reads: ({ seccompProfile }) => ({ profile: exact(seccompProfile) }),
  check({ profile }, { about, platform }) {
    if (profile === "RuntimeDefault" || profile === "Localhost" || (about === "pod" && profile === undefined)) return;
    return platform === "kubernetes" ? "set the seccomp profile RuntimeDefault or Localhost" : "not turn off the seccomp profile";
  },
  fix: ({ profile }) => profile.to("RuntimeDefault"),
  examples: {
    kubernetes: { bad: { securityContext: { seccompProfile: null } }, good: { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "app.json" } } } },
    // Docker applies a profile unless it is turned off.
    docker: { within: ["no-unconfined-seccomp"], bad: { securityOpts: ["no-new-privileges", "seccomp=unconfined"] }, good: { securityOpts: ["no-new-privileges"] } },
    compose: { within: ["no-unconfined-seccomp"], bad: { security_opt: ["no-new-privileges", "seccomp:unconfined"] }, good: { security_opt: ["no-new-privileges"] } },
  },
});
