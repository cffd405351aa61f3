import { inputsFor } from "../posture/compose";

/** What the posture says of one input of a `docker.Container`, a pod or a container of one. */
export function wanted(place: "docker" | "pod" | "container", ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as { readonly [key: string]: unknown })[key], inputsFor(place));
}

/** The restricted level of the Pod Security Standards lets a container add this one. */
export const allowedCapability = "NET_BIND_SERVICE";

/** Each of these alone is a known way to the host (no-dangerous-capabilities). */
export const dangerousCapabilities: readonly string[] = ["ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"];

/** `CAP_NET_RAW`, `net_raw` and `NET_RAW` are one capability to a runtime. */
export function capabilityName(name: string): string {
  return name.trim().toUpperCase().replace(/^CAP_/, "");
}

/** Kernel parameters that are the pod's own (pod-security-admission, check_sysctls.go). */
export const safeSysctls: readonly string[] = [
  "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
  "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
];

/** SELinux types that confine a container (pod-security-admission, check_seLinuxOptions.go). */
export const safeSeLinuxTypes: readonly string[] = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

export const runtimeSocket = /(docker|containerd|crio|podman|dockershim|cri-dockerd)\.sock$|\/(run|var\/run|run\/containerd|run\/docker|run\/podman|run\/crio)\/?$/;
