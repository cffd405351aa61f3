import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "require-evidence-lockfile",
  title: "The lockfile of image evidence is there and can be read",
  severity: "high",
  since: "0.1.0",
  challenge: "C1",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.1.1" },
  why: "Without the lockfile no image is known to be scanned or signed, and the rules about that can judge none.",
  remediation: "Run bulkhead evidence sync, or bulkhead evidence add with the reports of your scanner, and commit bulkhead.evidence.json; or name it in the configuration (evidence.lockfile).",
  whenNot: "Where images are scanned and signed elsewhere, by an admission controller: turn this rule off, and the others about evidence judge nothing. Where registries are asked during the run (evidence.live) a missing lockfile is no finding.",
  about: "evidenceStore",
  reads: ({ missing, problem }) => ({ missing: exact(missing), problem: exact(problem) }),
  check: ({ missing, problem }) => {
    if (problem !== undefined) return `have a lockfile of evidence that can be read: ${problem}`;
    return missing === undefined ? undefined : `have a lockfile of evidence by which its images can be judged: ${missing} does not exist`;
  },
  examples: {},
});
