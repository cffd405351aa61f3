import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-privileged",
  title: "Containers are not privileged",
  severity: "critical",
  since: "0.1.0",
  challenge: "C2",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.5", "cis-kubernetes-1.10": "5.2.2", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "A privileged container has every capability and every device of the host: whoever breaks into it owns the host.",
  remediation: "Remove privileged, and add the one capability or device that the process is shown to need.",
  whenNot: "For the few node components that set the node up itself (CNI installers, storage drivers, Docker in Docker on machines that run nothing else): exempt each with an owner and an expiry.",
  about: "container",
  reads: ({ privileged }) => ({ privileged: exact(privileged) }),
  check: ({ privileged }) => (privileged === true ? "not be privileged" : undefined),
  fix: ({ privileged }) => privileged.to(undefined),
  examples: {
    kubernetes: { bad: { securityContext: { privileged: true } }, good: { securityContext: { privileged: false } } },
    docker: { bad: { privileged: true }, good: { privileged: false } },
    compose: { bad: [{ privileged: true }, { privileged: "yes" }], good: { privileged: false } },
  },
});
