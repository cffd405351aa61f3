import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-sandboxed-runtime",
  title: "Containers run in a sandboxed runtime",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "nsa-cisa-1.2": "hardening-environments" },
  why: "Ordinary containers share the host's kernel, so that one flaw in it is a way out of all of them; gVisor and Kata put a kernel of their own in between.",
  remediation: "Name a runtime class (runtimeClassName), or on Docker a runtime, that is a sandbox.",
  whenNot: "For workloads that are trusted: without the option `runtimes` the rule is not applied at all, so give it only where untrusted code runs.",
  about: "pod",
  options: { runtimes: { type: "strings", description: "Runtime classes, or runtimes of the Docker daemon, that are sandboxes.", example: ["gvisor", "kata", "runsc"] } },
  reads: ({ runtime }) => ({ runtime: exact(runtime) }),
  check: ({ runtime = "" }, { options }) => (options.runtimes.includes(runtime) ? undefined : `run in a sandbox (${options.runtimes.join(", ")})`),
  exampleOptions: { runtimes: ["gvisor", "runsc"] },
  examples: {
    kubernetes: { bad: [{ runtimeClassName: null }, { runtimeClassName: "nvidia" }], good: { runtimeClassName: "gvisor" } },
    docker: { bad: [{ runtime: null }, { runtime: "runc" }], good: { runtime: "runsc" } },
    compose: { bad: [{ runtime: null }, { runtime: "runc" }], good: { runtime: "runsc" } },
  },
});
