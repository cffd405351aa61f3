/** What a container runtime gives to a container by itself, and the baseline level of the Pod Security Standards allows. */
export const ordinaryCapabilities: readonly string[] = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

/** The rules, on either platform, that a container with these capabilities does not satisfy. The restricted level allows NET_BIND_SERVICE. */
export function rulesAgainstCapabilities(add: readonly string[]): readonly string[] {
  if (add.every((name) => name === "NET_BIND_SERVICE")) return [];
  return add.every((name) => ordinaryCapabilities.includes(name)) ? ["only-allowed-capabilities"] : ["only-allowed-capabilities", "only-default-capabilities"];
}
