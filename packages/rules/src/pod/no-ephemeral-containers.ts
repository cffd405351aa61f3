import { defineRule, forbids } from "@bulkhead/core";
import { goodContainer } from "../example-documents";

export default defineRule({
  id: "no-ephemeral-containers",
  title: "Pods hold no container that was added to debug",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.4.5" },
  why: "A debug container has no limits, no probes and no end, and stays in the pod until that is deleted, with all the tools that its image brought along.",
  remediation: "Delete the pod, so that its controller starts a clean one; debug in a copy (kubectl debug --copy-to).",
  whenNot: "While somebody debugs, in the exported state of a cluster. A manifest never holds one: the API server refuses it.",
  about: "pod",
  reads: ({ ephemeralContainers }) => ({ names: forbids(ephemeralContainers) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `hold no ephemeral container, not ${names.map((name) => JSON.stringify(name)).join(", ")}`),
  examples: { kubernetes: { bad: { ephemeralContainers: [{ ...goodContainer, name: "debugger" }] }, good: { ephemeralContainers: [] } } },
});
