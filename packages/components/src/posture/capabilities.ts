/** What a container runtime gives to a container by itself, and the baseline level of the Pod Security Standards allows. */
export const ordinaryCapabilities: readonly string[] = ["AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"];

/** The rules, on either platform, that added capabilities leave unsatisfied, unless only these are added: the restricted level allows one. */
export const capabilityRules = [
  { rule: "only-allowed-capabilities", unlessOnly: ["NET_BIND_SERVICE"] },
  { rule: "only-default-capabilities", unlessOnly: ordinaryCapabilities },
] as const satisfies readonly { readonly rule: string; readonly unlessOnly: readonly string[] }[];

export function rulesAgainstCapabilities(add: readonly string[]): readonly string[] {
  return capabilityRules.filter(({ unlessOnly }) => addsBeyond(unlessOnly, add)).map(({ rule }) => rule);
}

export function addsBeyond(allowed: readonly string[], add: readonly string[]): boolean {
  return add.some((name) => !allowed.includes(name));
}
