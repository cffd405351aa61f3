import { defineRule, requires } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

const base = `FROM registry.example.com/base:1.2.3@${digest}`;

export default defineRule({
  id: "required-image-labels",
  title: "Images have the labels that are asked for",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D10" },
  why: "A label such as the source or the revision leads from an image that runs to the code and the people behind it.",
  remediation: "Add the label with LABEL. Without the option `labels` the rule is not applied at all.",
  whenNot: "Where the build adds labels from outside (docker build --label), which no Dockerfile shows.",
  about: "builtImage",
  options: {
    labels: { type: "strings", description: "Names of the labels that every image must have.", example: ["org.opencontainers.image.source", "org.opencontainers.image.licenses"] },
  },
  exampleOptions: { labels: ["org.opencontainers.image.source"] },
  reads: ({ labels }) => ({ labels: requires(labels) }),
  check: ({ labels = [] }, { options }) => {
    const missing = options.labels.filter((name) => !labels.includes(name));
    return missing.length === 0 ? undefined : `have the labels ${missing.join(", ")}`;
  },
  examples: {
    dockerfile: { bad: { instructions: [base, "LABEL team=shop", ...imageEnd.slice(1)] }, good: { instructions: [base, ...imageEnd] } },
  },
});
