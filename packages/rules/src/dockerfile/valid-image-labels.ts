import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "valid-image-labels",
  title: "Labels of the image have the form that is asked for",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D10" },
  why: "Tools read org.opencontainers.image labels by their form: a date, an address or a licence that is none is as good as missing. Names under com.docker are Docker's own.",
  remediation: "Give dates as in RFC 3339, licences as SPDX expressions and addresses whole; name labels in lower case, under a domain of your own.",
  whenNot: "For labels that another tool defines otherwise: use a name outside of org.opencontainers.image.",
  about: "builtImage",
  reads: ({ malformedLabels }) => ({ names: forbids(malformedLabels) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `give its labels the form that is asked for: ${[...names].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: [{ steps: ["LABEL org.opencontainers.image.created=yesterday"] }, { steps: ["LABEL com.docker.team=shop"] }], good: { steps: ["LABEL org.opencontainers.image.created=2026-03-31T12:00:00Z org.opencontainers.image.licenses=\"Apache-2.0 OR MIT\""] } },
  },
});
