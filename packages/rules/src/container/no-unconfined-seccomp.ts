import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-unconfined-seccomp",
  title: "The seccomp profile is not turned off",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.22", "cis-kubernetes-1.10": "5.7.2", "nsa-cisa-1.2": ["hardening-environments", "pod-security-enforcement"], "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "Unconfined, a process may call any of the kernel's system calls, and kernel bugs in the rarely used ones are how containers are escaped from.",
  remediation: "Set RuntimeDefault, or Localhost with a profile of your own (Kubernetes); remove seccomp=unconfined (Docker).",
  whenNot: "For a debugger or a profiler that needs the calls that the default profile refuses; a Localhost profile that adds just those is the lasting answer.",
  about: ["pod", "container"],
  overlaps: ["require-seccomp-profile"],
  reads: ({ seccompProfile }) => ({ profile: exact(seccompProfile) }),
  check: ({ profile }) => (profile === undefined || profile === "RuntimeDefault" || profile === "Localhost" ? undefined : "not turn off the seccomp profile"),
  fix: ({ profile }) => profile.to("RuntimeDefault"),
  examples: {
    kubernetes: [
      { bad: { securityContext: { seccompProfile: { type: "Unconfined" } } }, good: { securityContext: { seccompProfile: { type: "RuntimeDefault" } } } },
      { on: "pod", bad: { securityContext: { seccompProfile: { type: "Unconfined" } } }, good: { securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "app.json" } } } },
    ],
    docker: { bad: [{ securityOpts: ["no-new-privileges", "seccomp=unconfined"] }, { securityOpts: ["seccomp:unconfined", "no-new-privileges:true"] }], good: { securityOpts: ["no-new-privileges", "seccomp=/etc/docker/app.json"] } },
    compose: { bad: [{ security_opt: ["no-new-privileges", "seccomp=unconfined"] }, { security_opt: ["seccomp:unconfined", "no-new-privileges:true"] }], good: { security_opt: ["no-new-privileges", "seccomp:./app.json"] } },
  },
});
