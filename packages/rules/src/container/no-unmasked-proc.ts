import { defineRule, forbids } from "@bulkhead/core";
import { relaxation } from "./_user-namespace";

export default defineRule({
  id: "no-unmasked-proc",
  title: "The sensitive parts of /proc stay masked",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-kubernetes-1.10": "5.7.3", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "The masked paths of /proc and /sys show and change the kernel of the host: its memory, its keys, its devices.",
  remediation: "Remove procMount (Kubernetes) or systempaths=unconfined (Docker). Nested containers need it only together with hostUsers: false.",
  whenNot: "For nested container builders on nodes where hostUsers: false cannot be used.",
  about: "container",
  overlaps: ["default-proc-mount"],
  reads: (subject, _inventory, surroundings) => ({ mount: forbids(subject.procMount), ...relaxation(subject, surroundings) }),
  check: ({ mount, userNamespace }) => (mount === undefined || mount === "Default" || userNamespace === true ? undefined : "leave the sensitive parts of /proc masked"),
  fix: ({ mount }) => mount.to(undefined),
  examples: {
    kubernetes: { pod: { hostUsers: null }, within: ["require-user-namespace"], bad: { securityContext: { procMount: "Unmasked" } }, good: { securityContext: { procMount: "Default" } } },
    docker: { bad: { securityOpts: ["no-new-privileges", "systempaths=unconfined"] }, good: { securityOpts: ["no-new-privileges"] } },
    compose: { bad: { security_opt: ["no-new-privileges", "systempaths=unconfined"] }, good: { security_opt: ["no-new-privileges"] } },
  },
});
