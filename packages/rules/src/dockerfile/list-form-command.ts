import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "list-form-command",
  title: "Commands are lists, not text for a shell",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "owasp-docker": "D04" },
  why: "Text is run by a shell: it is process 1 in the program's place, the program never hears that it is to stop, and is killed instead.",
  remediation: "Write CMD and ENTRYPOINT as a list: [\"/app\", \"--port=8080\"]. For what needs a shell, name one with SHELL, or copy a script.",
  whenNot: "Where a variable must be put in when the container starts: write [\"/bin/sh\", \"-c\", \"exec /app $PORT\"].",
  about: "buildStep",
  reads: ({ shellForm }) => ({ shell: forbids(shellForm) }),
  check: ({ shell }) => (shell === true ? "be a list, not text for a shell" : undefined),
  fix: ({ shell }) => shell.to(false),
  examples: {
    dockerfile: { bad: { steps: ["CMD /app --port=8080"] }, good: [{ steps: ['CMD ["/app", "--port=8080"]'] }, { steps: ['SHELL ["/bin/bash", "-c"]', "CMD exec /app"] }] },
  },
});
