import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "require-open-files-limit",
  title: "The number of open files is limited",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.19", "owasp-docker": "D07" },
  why: "What a daemon leaves to its containers is often a thousand million: a leak then takes the file table of the host, and programs that walk all descriptors stand still.",
  remediation: "Add a ulimit nofile with a hard limit of what the process is seen to need.",
  whenNot: "For proxies and databases that hold many connections: raise the option `maximum` to what they use.",
  about: "container",
  options: { maximum: { type: "number", description: "The highest hard limit that is allowed.", example: 16384, minimum: 1, default: 65536 } },
  reads: ({ ulimits }) => ({ ulimits: requires(ulimits) }),
  check({ ulimits = [] }, { options }) {
    const hard = ulimits.findLast(({ name }) => name === "nofile")?.hard;
    return hard !== undefined && hard > 0 && hard <= options.maximum ? undefined : `limit open files (ulimit nofile) to at most ${options.maximum}`;
  },
  examples: {
    docker: { bad: [{ ulimits: [{ name: "nproc", soft: 512, hard: 512 }] }, { ulimits: [{ name: "nofile", soft: 1024, hard: 1073741816 }, { name: "nproc", soft: 512, hard: 512 }] }], good: { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }] } },
    compose: { bad: [{ ulimits: { nofile: null } }, { ulimits: { nofile: { soft: 1024, hard: 1073741816 } } }], good: { ulimits: { nofile: 4096 } } },
  },
});
