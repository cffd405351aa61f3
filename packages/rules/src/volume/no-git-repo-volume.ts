import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "no-git-repo-volume",
  title: "Volumes are not cloned by the kubelet",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "The kubelet clones the repository as root on the node and runs its hooks there (CVE-2024-10220); the type is deprecated.",
  remediation: "Clone in an init container into an emptyDir, or build the files into an image.",
  whenNot: "Never: the type has no use that an init container does not have.",
  about: "volume",
  overlaps: ["only-restricted-volume-types"],
  reads: ({ type }) => ({ type: exact(type) }),
  check: ({ type }) => (type === "gitRepo" ? "not be cloned from a Git repository by the kubelet" : undefined),
  examples: { kubernetes: { bad: { volumes: [{ name: "code", gitRepo: { repository: "https://example.com/x.git" } }] }, good: { volumes: [{ name: "code", emptyDir: { sizeLimit: "64Mi" } }] } } },
});
