import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-unlimited-ulimits",
  title: "No limit of the kernel is lifted",
  severity: "medium",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.19", "owasp-docker": "D07" },
  why: "A ulimit of -1 is none at all: locked memory, core files or processes then grow until the host has none left.",
  remediation: "Name the number that is needed.",
  whenNot: "For databases that must lock all of their memory (memlock), on machines of their own.",
  about: "container",
  reads: ({ ulimits }) => ({ ulimits: forbids(ulimits) }),
  check({ ulimits = [] }) {
    const lifted = ulimits.filter(({ hard }) => hard < 0).map(({ name }) => name);
    return lifted.length === 0 ? undefined : `not lift the limit of ${[...new Set(lifted)].sort().join(", ")}`;
  },
  examples: {
    docker: { bad: { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }, { name: "memlock", soft: -1, hard: -1 }] }, good: { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }, { name: "memlock", soft: 65536, hard: 65536 }] } },
    compose: { bad: { ulimits: { memlock: { soft: -1, hard: -1 } } }, good: { ulimits: { memlock: 65536 } } },
  },
});
