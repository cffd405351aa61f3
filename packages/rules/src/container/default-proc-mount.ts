import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod, merge } from "../example-documents";

/** A pod with a user namespace of its own, where only this rule still asks for a masked /proc. */
const pod = (procMount: string) => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: goodMetadata,
  spec: { template: { spec: { ...goodPod, hostUsers: false, containers: [merge(goodContainer, { securityContext: { procMount } })] } } },
});

export default defineRule({
  id: "default-proc-mount",
  title: "The default /proc is mounted",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "restricted",
  platforms: ["kubernetes"],
  // Until then no-unmasked-proc asks for it in every pod.
  sinceKubernetes: 35,
  frameworks: { pss: "restricted", "cis-kubernetes-1.10": "5.7.3", "nsa-cisa-1.2": "pod-security-enforcement", "nist-sp-800-190": "4.4.3", "owasp-kubernetes-2025": "K01" },
  why: "An unmasked /proc widens what a process sees of the kernel, even in a user namespace of its own.",
  remediation: "Remove procMount. A builder that needs nested containers is held to the baseline level instead, with an exemption.",
  whenNot: "For builders that run containers inside a container with a user namespace of their own: they need the unmasked /proc, and are exempted one by one.",
  about: "container",
  reads: ({ procMount }) => ({ mount: exact(procMount) }),
  check: ({ mount }) => (mount === undefined || mount === "Default" ? undefined : "mount /proc as the default"),
  fix: ({ mount }) => mount.to(undefined),
  examples: { kubernetes: { on: "document", bad: pod("Unmasked"), good: pod("Default") } },
});
