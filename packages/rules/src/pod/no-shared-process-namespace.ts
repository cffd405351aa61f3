import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-shared-process-namespace",
  title: "The containers of a pod do not share their processes",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "In a shared process namespace every container sees the others' processes, their environment and, through /proc, their files.",
  remediation: "Remove shareProcessNamespace; let a sidecar talk to the process over a socket or a shared volume.",
  whenNot: "For a pod whose sidecar must signal or inspect the main process (log rotation, a debugger).",
  about: "pod",
  reads: ({ sharedProcessNamespace }) => ({ shared: exact(sharedProcessNamespace) }),
  check: ({ shared }) => (shared === true ? "not share the process namespace between its containers" : undefined),
  fix: ({ shared }) => shared.to(undefined),
  examples: { kubernetes: { bad: { shareProcessNamespace: true }, good: { shareProcessNamespace: false } } },
});
