/** The capabilities that the Pod Security Standards allow at baseline (pod-security-admission, check_capabilities_baseline.go). */
export const defaultCapabilities: readonly string[] = [
  "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
  "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
];

/** Each of these alone is a known way to the host: kernel code, raw memory and devices, other processes, any file (capabilities(7)). */
export const dangerousCapabilities: readonly string[] = [
  "ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "SYS_ADMIN", "SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO",
];

export function listed(names: readonly string[]): string {
  return [...new Set(names)].sort().join(", ");
}
