import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-fresh-image",
  title: "Images are pulled anew, or pinned",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "nist-sp-800-190": "4.2.3" },
  why: "An image that stays on the node is used by whoever names it, without the credentials that its registry asks for, and long after its tag was moved to a repaired one.",
  remediation: "Pin the image by digest, or set imagePullPolicy to Always.",
  whenNot: "On single-tenant nodes, at the edge, or wherever a registry may be out of reach when a pod restarts: a local copy is then worth more than a fresh one.",
  about: "image",
  overlaps: ["require-image-digest"],
  reads: ({ version, pullPolicy }) => ({ version: exact(version), policy: exact(pullPolicy) }),
  check({ version, policy }) {
    if (version === undefined || version.digest !== undefined || policy === "Always") return;
    // Without a tag, or with latest, the API server's default is Always.
    return policy === undefined && (version.tag ?? "latest") === "latest" ? undefined : "be pulled anew (imagePullPolicy Always), or pinned by digest";
  },
  examples: { kubernetes: { bad: [{ image: "registry.example.com/app:1.2.3", imagePullPolicy: "IfNotPresent" }, { image: "registry.example.com/app:1.2.3" }], good: { imagePullPolicy: "Never" } } },
});
