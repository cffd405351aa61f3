import type { CheckContext } from "@bulkhead/core";
import { defineRule, forbids } from "@bulkhead/core";

/** By the minor version that added them (pod-security-admission, check_sysctls.go): each is the pod's own, and cannot harm another pod. */
const safeSince: readonly (readonly [number, readonly string[]])[] = [
  [0, ["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start"]],
  [27, ["net.ipv4.ip_local_reserved_ports"]],
  [29, ["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"]],
  [32, ["net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"]],
  [37, ["net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat"]],
];

function safeOn({ platform, kubernetesMinor }: Pick<CheckContext<Record<never, never>>, "platform" | "kubernetesMinor">): readonly string[] {
  return safeSince.flatMap(([since, added]) => (platform !== "kubernetes" || since <= kubernetesMinor ? added : []));
}

export default defineRule({
  id: "only-safe-sysctls",
  title: "Only safe kernel parameters are set",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "baseline",
  frameworks: { pss: "baseline", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3" },
  why: "A kernel parameter outside the safe set reaches other containers of the host, or turns off one of the kernel's own defences.",
  remediation: "Remove the parameter. One that the workload truly needs belongs on nodes of its own, with an exemption.",
  whenNot: "On nodes of its own for a workload that needs a kernel parameter (a proxy with net.core.somaxconn on an older kernel), once the kubelet allows it by name.",
  about: "pod",
  reads: ({ sysctls }) => ({ names: forbids(sysctls) }),
  check({ names = [] }, context) {
    const safe = safeOn(context);
    const unsafe = names.filter((name) => !safe.includes(name));
    return unsafe.length === 0 ? undefined : `not set the kernel parameter ${[...new Set(unsafe)].sort().join(", ")}`;
  },
  fix: ({ names }, context) => names.to(safeOn(context)),
  examples: {
    kubernetes: { bad: { securityContext: { sysctls: [{ name: "kernel.msgmax", value: "65536" }] } }, good: { securityContext: { sysctls: [{ name: "net.ipv4.tcp_syncookies", value: "1" }] } } },
    docker: { bad: { sysctls: { "net.ipv4.ip_forward": "1" } }, good: { sysctls: { "net.ipv4.ip_unprivileged_port_start": "80" } } },
    compose: { bad: [{ sysctls: { "net.ipv4.ip_forward": 1 } }, { sysctls: ["kernel.msgmax=65536"] }], good: { sysctls: ["net.ipv4.ip_unprivileged_port_start=80"] } },
  },
});
