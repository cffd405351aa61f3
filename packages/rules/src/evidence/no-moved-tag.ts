import { defineRule, evidenceOf, exact } from "@bulkhead/core";
import { digest } from "../example-evidence";
import { isUsed } from "../image/_used";
import { dateOf, nameOf } from "./_evidence";

export default defineRule({
  id: "no-moved-tag",
  title: "Tags name the image that they named when they were locked",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.2.2", "owasp-docker": "D08" },
  why: "What was scanned and signed is the image that the tag named then. A tag that was moved since runs something else, which nobody has looked at.",
  remediation: "Look at the new image, and accept it with bulkhead evidence sync --accept-moved; or pin the digest of the one that was locked.",
  whenNot: "Where tags are meant to move and every image is judged when it is admitted: then the lockfile cannot say what runs. Whether a tag has moved is known since the last bulkhead evidence sync, or with evidence.live at the time of the run.",
  about: "image",
  appliesTo: isUsed,
  reads: (image, _inventory, surroundings) => ({ image: exact(evidenceOf(image, surroundings)) }),
  check: ({ image }) => {
    const { resolution, isResolved = false } = image ?? {};
    if (image === undefined || !isResolved) return undefined;
    if (image.failure !== undefined) return `run the image that its tag was locked to: ${image.failure}`;
    if (resolution?.moved === undefined) return undefined;
    if (image.source.ask !== undefined) return `run the image that its tag was locked to on ${dateOf(resolution.resolvedAt)}, ${resolution.digest.slice(0, "sha256:".length + 12)}..., and not ${nameOf(image)}`;
    return `run the image that its tag was locked to: ${nameOf(image)} named another one, ${resolution.moved.digest.slice(0, "sha256:".length + 12)}..., on ${dateOf(resolution.moved.seenAt)}`;
  },
  overlaps: ["require-image-digest"],
  examples: {
    kubernetes: { bad: { image: "registry.example.com/app:moved", imagePullPolicy: "Always" }, good: { image: `registry.example.com/app:moved@${digest}` } },
    docker: { bad: { image: "registry.example.com/app:moved" }, good: { image: `registry.example.com/app@${digest}` } },
    compose: { bad: { image: "registry.example.com/app:moved" }, good: { image: `registry.example.com/app@${digest}` } },
    dockerfile: { bad: { steps: [`COPY --from=registry.example.com/app:moved /app /app`] }, good: { steps: [`COPY --from=registry.example.com/app@${digest} /app /app`] } },
  },
});
