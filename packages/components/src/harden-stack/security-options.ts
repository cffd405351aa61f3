import type { Place } from "./draft";
import { isUnset } from "./known";
import { safeSeLinuxTypes, wanted } from "./wanted";

interface Option {
  readonly text: string;
  readonly key: string;
  readonly value: string;
}

/** As the daemon splits one: at the first `=`, or, in the deprecated form, at the first `:`; `no-new-privileges` alone is true. */
function parse(entry: unknown): Option {
  const text = String(entry);
  const split = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
  return split < 0 ? { text, key: text, value: text === "no-new-privileges" ? "true" : "" } : { text, key: text.slice(0, split), value: text.slice(split + 1) };
}

/** What turns a protection off; everything else is kept. */
function weakness({ key, value }: Option): string | undefined {
  if (key === "no-new-privileges" && !isTrue(value)) return "no-privilege-escalation";
  if (key === "seccomp" && value === "unconfined") return "no-unconfined-seccomp";
  if (key === "apparmor" && value === "unconfined") return "no-unconfined-apparmor";
  if (key === "systempaths" && value === "unconfined") return "no-unmasked-proc";
  if (key !== "label") return undefined;
  const [name = "", said = ""] = value.split(/:(.*)/s);
  const isWeak = name === "disable" || (name === "type" && !safeSeLinuxTypes.includes(said)) || ((name === "user" || name === "role") && said !== "");
  return isWeak ? "only-safe-selinux-options" : undefined;
}

/** Docker's `securityOpts`, a list of texts. */
export function hardenSecurityOptions(root: Place): void {
  const key = "securityOpts";
  const posture = wanted("docker", key) as readonly string[];
  const given = root.get(key);
  if (isUnset(given)) return void root.fill(key, posture, ["no-privilege-escalation"]);
  if (!root.isWeak(key, Array.isArray, ["no-privilege-escalation", "no-unconfined-seccomp", "no-unconfined-apparmor", "no-unmasked-proc", "only-safe-selinux-options"])) return;
  const weak = (given as readonly unknown[]).map((entry) => weakness(parse(entry))).filter((rule) => rule !== undefined);
  for (const rule of new Set(weak)) {
    if (root.isExempted(key, [rule])) continue;
    root.set(key, (root.get(key) as readonly unknown[]).filter((entry) => weakness(parse(entry)) !== rule), [rule, ...(rule === "no-unconfined-seccomp" ? ["require-seccomp-profile"] : [])], "what turns a protection off taken out");
  }
  const now = (root.get(key) as readonly unknown[]).map(parse);
  if (!now.some((option) => option.key === "no-new-privileges")) root.set(key, [...now.map(({ text }) => text), ...posture], ["no-privilege-escalation"], "no-new-privileges added");
}

/** strconv.ParseBool's spellings. */
function isTrue(value: string): boolean {
  return ["1", "t", "T", "true", "TRUE", "True"].includes(value);
}
