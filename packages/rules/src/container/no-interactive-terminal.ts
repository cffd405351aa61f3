import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-interactive-terminal",
  title: "Containers keep no terminal open",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: {},
  why: "An open terminal or standard input is a prompt that waits for whoever attaches to the container.",
  remediation: "Remove stdin and tty; attach a terminal when it is needed, under the control of the platform.",
  whenNot: "For development environments and jump containers that people attach to by design.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  reads: ({ interactive }) => ({ interactive: exact(interactive) }),
  check: ({ interactive }) => (interactive === true ? "keep no terminal or standard input open" : undefined),
  fix: ({ interactive }) => interactive.to(undefined),
  examples: {
    kubernetes: { bad: [{ stdin: true }, { tty: true }], good: { stdin: false } },
    docker: { bad: [{ tty: true }, { stdinOpen: true }], good: { tty: false } },
    compose: { bad: [{ tty: true }, { stdin_open: true }], good: { tty: false } },
  },
});
