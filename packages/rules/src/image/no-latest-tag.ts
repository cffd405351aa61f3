import { defineRule, exact } from "@bulkhead/core";
import { digest } from "../examples";
import { isUsed } from "./_used";

export default defineRule({
  id: "no-latest-tag",
  title: "Images name a tag other than latest",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.2.2", "owasp-docker": "D08" },
  why: "What latest names changes from one pull to the next: nobody can say which image was reviewed, scanned or rolled back to.",
  remediation: "Name the version's tag, or better its digest.",
  whenNot: "For throw-away environments that are meant to follow the newest build. With require-image-digest on, this rule says nothing more for pinned images.",
  about: "image",
  appliesTo: isUsed,
  overlaps: ["require-image-digest"],
  reads: ({ version }) => ({ version: exact(version) }),
  check({ version }) {
    if (version === undefined || version.digest !== undefined) return;
    if (version.tag === undefined) return "name a tag or a digest; without one it is latest";
    return version.tag === "latest" ? "name a tag other than latest, or a digest" : undefined;
  },
  examples: {
    kubernetes: { bad: [{ image: "registry.example.com/app" }, { image: "registry.example.com/app:latest" }], good: { image: `registry.example.com/app@${digest}` } },
    docker: { bad: { image: "registry.example.com/app:latest" }, good: { image: `registry.example.com/app:1.2.3@${digest}` } },
    dockerfile: { bad: [{ steps: ["RUN --mount=type=bind,from=registry.example.com/tools,target=/tools compile"] }, { syntax: "registry.example.com/frontend:latest", steps: [] }], good: { syntax: `registry.example.com/frontend@${digest}`, steps: [] } },
    compose: { bad: [{ image: "registry.example.com/app:latest" }, { image: "registry.example.com/app" }], good: { image: `registry.example.com/app:1.2.3@${digest}` } },
  },
});
