import { defineRule, exact } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";
import { isUsed } from "./_used";

export default defineRule({
  id: "require-image-digest",
  title: "Images are pinned by digest",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "cis-kubernetes-1.10": "5.5.1", "nist-sp-800-190": "4.2.2", "owasp-docker": "D08" },
  why: "A tag can be moved to another image after it was scanned and approved; a digest is the content itself.",
  remediation: "Append the digest that the registry shows for the tag: image:tag@sha256:...",
  whenNot: "Where something else pins the image (a build in the same program, an image updater, an admission webhook that resolves tags): the digest is unknown or rewritten there, and the tag is what people review.",
  about: "image",
  appliesTo: isUsed,
  reads: ({ version }) => ({ version: exact(version) }),
  check: ({ version }) => (version === undefined || version.digest !== undefined ? undefined : "be pinned by digest (@sha256:...), not by tag alone"),
  examples: {
    kubernetes: { bad: { image: "registry.example.com/app:1.2.3", imagePullPolicy: "Always" }, good: { image: `registry.example.com/app:1.2.3@${digest}` } },
    docker: { bad: { image: "registry.example.com/app:1.2.3" }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: [{ instructions: [`FROM registry.example.com/base:1.2.3`, ...imageEnd] }, { steps: ["ONBUILD COPY --from=registry.example.com/tools:1 /a /a"] }], good: { instructions: [`FROM registry.example.com/base:1.2.3@${digest}`, ...imageEnd] } },
    compose: { bad: { image: "registry.example.com/app:1.2.3" }, good: { image: `registry.example.com/app@${digest}` } },
  },
});
