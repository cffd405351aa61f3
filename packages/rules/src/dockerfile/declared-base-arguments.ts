import { defineRule, forbids } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

export default defineRule({
  id: "declared-base-arguments",
  title: "Variables of a FROM are declared before the first one",
  severity: "medium",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "nist-sp-800-190": "4.1.5", "owasp-docker": "D08" },
  why: "A variable that is not declared there is empty, whatever is given to the build: the image is then another one than the Dockerfile seems to say.",
  remediation: "Declare it with ARG before the first FROM, with a default.",
  whenNot: "Never needed: such a variable has no effect.",
  about: "buildStep",
  reads: ({ undeclaredVariables }) => ({ names: forbids(undeclaredVariables) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `use only variables that an ARG before the first FROM declares, not ${[...names].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: { instructions: [`FROM registry.example.com/base${"${"}SUFFIX}:1.2.3@${digest}`, ...imageEnd] }, good: { instructions: ["ARG SUFFIX=-slim", `FROM registry.example.com/base${"${"}SUFFIX}:1.2.3@${digest}`, ...imageEnd] } },
  },
});
