import { defineRule, forbids, type Pod, type Container, type Field } from "@bulkhead/core";

/** Only a pod has annotations; a container's profile is its own setting. */
function annotations(subject: Pod | Container): Field<readonly string[]> {
  return subject.about === "pod" ? subject.appArmorAnnotations : { state: "unset", path: subject.appArmorProfile.path, to: () => undefined };
}

export default defineRule({
  id: "no-unconfined-apparmor",
  title: "The AppArmor profile is not turned off",
  severity: "high",
  since: "0.1.0",
  challenge: "C4",
  preset: "baseline",
  frameworks: { pss: "baseline", "cis-docker-1.6": "5.2", "cis-kubernetes-1.10": "5.7.3", "nsa-cisa-1.2": ["hardening-environments", "pod-security-enforcement"], "nist-sp-800-190": "4.4.3", "owasp-docker": "D04", "owasp-kubernetes-2025": "K01" },
  why: "AppArmor keeps a process from mounting, from writing below /proc and /sys, and from other files that lead to the host.",
  remediation: "Remove the setting, or name RuntimeDefault or a Localhost profile (Kubernetes), or a profile of your own (Docker).",
  whenNot: "For a program that a profile stops and whose own profile is still being written. On hosts without AppArmor the rule costs nothing and proves nothing.",
  about: ["pod", "container"],
  reads: (subject) => ({ profile: forbids(subject.appArmorProfile), annotations: forbids(annotations(subject)) }),
  check({ profile, annotations: named = [] }) {
    const unconfined = profile !== undefined && profile !== "RuntimeDefault" && profile !== "Localhost";
    const annotated = named.some((value) => value !== "" && value !== "runtime/default" && !value.startsWith("localhost/"));
    return unconfined || annotated ? "not turn off the AppArmor profile" : undefined;
  },
  fix: ({ profile }) => (profile.state === "value" ? profile.to("RuntimeDefault") : undefined),
  examples: {
    kubernetes: [
      { bad: { securityContext: { appArmorProfile: { type: "Unconfined" } } }, good: { securityContext: { appArmorProfile: { type: "RuntimeDefault" } } } },
      { on: "pod", bad: { securityContext: { appArmorProfile: { type: "Unconfined" } } }, good: { securityContext: { appArmorProfile: { type: "Localhost", localhostProfile: "app" } } } },
    ],
    docker: { bad: { securityOpts: ["no-new-privileges", "apparmor=unconfined"] }, good: { securityOpts: ["no-new-privileges", "apparmor=app"] } },
    compose: { bad: { security_opt: ["no-new-privileges", "apparmor:unconfined"] }, good: { security_opt: ["no-new-privileges", "apparmor=app"] } },
  },
});
