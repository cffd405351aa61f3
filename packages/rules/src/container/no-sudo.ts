import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-sudo",
  title: "No command line uses sudo",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.2", "owasp-docker": "D01" },
  why: "Sudo is a set-user-id program: where it works, whoever breaks into the process is root one command later.",
  remediation: "Start the process as the user it needs, and do what needs root when the image is built.",
  whenNot: "For images that drop privileges with sudo -u; gosu, su-exec or the platform's own user do that without a way back.",
  about: ["container", "buildStep"],
  reads: ({ runsSudo }) => ({ sudo: forbids(runsSudo) }),
  check: ({ sudo }) => (sudo === true ? "not run sudo" : undefined),
  examples: {
    kubernetes: { bad: [{ command: ["sudo", "-E", "/app"] }, { args: ["sh", "-c", "cd /srv && sudo app"] }, { lifecycle: { postStart: { exec: { command: ["/usr/bin/sudo", "chown", "app", "/data"] } } } }], good: { command: ["/app", "--mode=pseudo"] } },
    docker: { bad: [{ command: ["sudo", "/app"] }, { entrypoints: ["/bin/sh", "-c", "sudo /app"] }, { healthcheck: { tests: ["CMD", "sudo", "/check"] } }], good: { command: ["/app", "--user=app"] } },
    dockerfile: { bad: [{ steps: ["RUN sudo chown app /data"] }, { steps: ["RUN apk add --no-cache sudo=1.9.16"] }, { steps: ['CMD ["sudo", "/app"]'] }], good: { steps: ["RUN chown app /data"] } },
    compose: { bad: [{ command: "sudo /app" }, { entrypoint: ["/bin/sh", "-c", "sudo /app"] }, { post_start: [{ command: ["sudo", "chown", "app", "/data"] }] }], good: { command: ["/app", "--user=app"] } },
  },
});
