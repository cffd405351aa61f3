import { defineRule, exact } from "@bulkhead/core";

/** pod-security-admission, check_seLinuxOptions.go; on Kubernetes the last one from 1.31. */
const safeTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

export default defineRule({
  id: "only-safe-selinux-options",
  title: "SELinux keeps containers confined",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.3", "cis-kubernetes-1.10": "5.7.3", "nsa-cisa-1.2": ["hardening-environments", "pod-security-enforcement"], "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "Another type, user or role than a container's lets the process at files and processes of the host that SELinux keeps from it.",
  remediation: "Remove user and role, and use container_t, container_init_t, container_kvm_t or container_engine_t as the type; on Docker do not set label=disable.",
  whenNot: "On clusters whose administrators ship SELinux types of their own for particular workloads. On hosts without SELinux the rule costs nothing and proves nothing.",
  about: ["pod", "container"],
  reads: ({ seLinux }) => ({ options: exact(seLinux) }),
  check({ options }, { platform, kubernetesMinor }) {
    if (options === undefined) return;
    if (options.disabled === true) return "not turn SELinux confinement off";
    const types = platform === "kubernetes" && kubernetesMinor < 31 ? safeTypes.slice(0, -1) : safeTypes;
    if (!types.includes(options.type ?? "")) return `use one of the SELinux types ${types.slice(1).join(", ")}`;
    return (options.user ?? "") === "" && (options.role ?? "") === "" ? undefined : "set no SELinux user or role";
  },
  fix: ({ options }) => options.to(undefined),
  examples: {
    kubernetes: [
      { bad: [{ securityContext: { seLinuxOptions: { type: "spc_t" } } }, { securityContext: { seLinuxOptions: { user: "system_u" } } }], good: { securityContext: { seLinuxOptions: { type: "container_t", level: "s0:c1,c2" } } } },
      { on: "pod", bad: { securityContext: { seLinuxOptions: { role: "sysadm_r" } } }, good: { securityContext: { seLinuxOptions: { level: "s0:c1,c2" } } } },
    ],
    docker: { bad: [{ securityOpts: ["no-new-privileges", "label=disable"] }, { securityOpts: ["no-new-privileges", "label=type:spc_t"] }], good: { securityOpts: ["no-new-privileges", "label=type:container_t"] } },
    compose: { bad: [{ security_opt: ["no-new-privileges", "label:disable"] }, { security_opt: ["no-new-privileges", "label=type:spc_t"] }], good: { security_opt: ["no-new-privileges", "label:type:container_t"] } },
  },
});
