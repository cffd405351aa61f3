import { defineRule, forbids } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

export default defineRule({
  id: "no-build-tools",
  title: "The image holds nothing to build software with",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "cis-docker-1.6": "4.3", "nist-sp-800-190": "4.1.2", "owasp-docker": "D04" },
  why: "A compiler or a debugger is of no use to the program that runs, and of much use to whoever breaks in; each package is also one more to repair.",
  remediation: "Build in a stage of its own and copy only the result into a small base, such as a distroless image.",
  whenNot: "For images that are there to build with, such as those of a continuous integration.",
  about: ["buildStep", "builtImage"],
  reads: ({ buildTools }) => ({ names: forbids(buildTools) }),
  check: ({ names = [] }) => (names.length === 0 ? undefined : `hold no build tools: ${[...names].sort().join(", ")}`),
  examples: {
    dockerfile: { bad: [{ steps: ["RUN apk add --no-cache gcc=13.2.1 tini=0.19.0"] }, { instructions: [`FROM registry.example.com/dotnet/sdk:10.0@${digest}`, ...imageEnd] }], good: [{ steps: ["RUN apk add --no-cache --virtual .build gcc=13.2.1 && compile && apk del .build"] }, { instructions: [`FROM registry.example.com/dotnet/sdk:10.0@${digest} AS build`, "RUN compile", "FROM scratch", "COPY --from=build /app /app", ...imageEnd] }] },
  },
});
