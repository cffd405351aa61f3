import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-executable-scratch",
  title: "Nothing can be run from scratch space",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "nist-sp-800-190": "4.4.3", "owasp-docker": "D09" },
  why: "With a read-only root, scratch space is where an attacker puts a program. Docker mounts a tmpfs noexec, nosuid and nodev; the options exec, suid and dev take that back.",
  remediation: "Remove exec, suid and dev from the options of the tmpfs.",
  whenNot: "For programs that compile as they run (some Java and Python libraries unpack native code to /tmp): give them a tmpfs of their own that allows it, and exempt that container.",
  about: "volume",
  appliesTo: ({ scratch }) => scratch,
  reads: ({ executable }) => ({ executable: exact(executable) }),
  check: ({ executable }) => (executable === true ? "be mounted without the options exec, suid and dev" : undefined),
  fix: ({ executable }) => executable.to(false),
  examples: {
    docker: { bad: [{ tmpfs: { "/tmp": "rw,exec,size=64m" } }, { tmpfs: { "/run": "size=16m,mode=1777,suid,dev" } }], good: { tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=64m", "/run": "size=16m" } } },
    compose: { bad: [{ tmpfs: "/tmp:exec,size=64m" }, { tmpfs: ["/run:size=16m,suid"] }], good: { tmpfs: ["/tmp:noexec,size=64m"] } },
  },
});
