import { defineRule, forbids } from "@bulkhead/core";
import { digest, imageEnd } from "../examples";

const base = `registry.example.com/base:1.2.3@${digest}`;
export default defineRule({
  id: "distinct-stage-names",
  title: "Each stage has a name of its own",
  severity: "low",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  platforms: ["dockerfile"],
  frameworks: { "owasp-docker": "D04" },
  why: "Of two stages of one name the later one is meant by COPY --from, and the earlier one by the FROM between them; a name that BuildKit keeps for itself means something else altogether.",
  remediation: "Give each stage another name, and none of them scratch or context.",
  whenNot: "Never needed; for generated Dockerfiles, mend the generator.",
  about: "buildStep",
  reads: ({ stageName }) => ({ problem: forbids(stageName) }),
  check: ({ problem }) => (problem === undefined ? undefined : problem === "duplicate" ? "not name its stage as an earlier one" : "not name its stage scratch or context"),
  examples: {
    dockerfile: { bad: { instructions: [`FROM ${base} AS build`, `FROM ${base} AS build`, ...imageEnd] }, good: { instructions: [`FROM ${base} AS build`, `FROM ${base} AS app`, ...imageEnd] } },
  },
});
