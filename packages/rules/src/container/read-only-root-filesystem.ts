import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "read-only-root-filesystem",
  title: "Containers cannot write to their root filesystem",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.13", "cis-kubernetes-1.10": "5.7.3", "nsa-cisa-1.2": "immutable-file-systems", "nist-sp-800-190": "4.4.4", "owasp-docker": "D09", "owasp-kubernetes-2025": "K01" },
  why: "An intruder who cannot write cannot replace the program, install tools or leave something behind for the next start.",
  remediation: "Make the root filesystem read-only and mount a tmpfs or an emptyDir where the process has to write.",
  whenNot: "For software that writes all over its own installation (some legacy application servers, package managers in build containers) and cannot be told to write elsewhere.",
  about: "container",
  reads: ({ readOnlyRootFilesystem }) => ({ readOnly: exact(readOnlyRootFilesystem) }),
  check: ({ readOnly }) => (readOnly === true ? undefined : "have a read-only root filesystem"),
  fix: ({ readOnly }) => readOnly.to(true),
  examples: {
    kubernetes: { bad: [{ securityContext: { readOnlyRootFilesystem: false } }, { securityContext: { readOnlyRootFilesystem: null } }], good: { securityContext: { readOnlyRootFilesystem: true } } },
    docker: { bad: [{ readOnly: false }, { readOnly: null }], good: { readOnly: true } },
    compose: { bad: [{ read_only: false }, { read_only: null }], good: { read_only: true } },
  },
});
