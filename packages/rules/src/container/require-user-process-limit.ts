import { defineRule, requires } from "@bulkhead/core";

export default defineRule({
  id: "require-user-process-limit",
  title: "The number of processes of the user is limited",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.19", "owasp-docker": "D07" },
  why: "It bounds what one user id starts, on the whole host. It is no limit for a container (that is the pids limit), but it is one that every input can say.",
  remediation: "Add a ulimit nproc with a hard limit of what the process is seen to need.",
  whenNot: "Where containers share a user id, as they then share the count; and wherever the pids limit of each container is set.",
  about: "container",
  options: { maximum: { type: "number", description: "The highest hard limit that is allowed.", example: 4096, minimum: 1, default: 16384 } },
  reads: ({ ulimits }) => ({ ulimits: requires(ulimits) }),
  check({ ulimits = [] }, { options }) {
    const hard = ulimits.findLast(({ name }) => name === "nproc")?.hard;
    return hard !== undefined && hard > 0 && hard <= options.maximum ? undefined : `limit the processes of its user (ulimit nproc) to at most ${options.maximum}`;
  },
  examples: {
    docker: { bad: [{ ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }] }, { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: -1, hard: 65536 }] }], good: { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }, { name: "nproc", soft: 512, hard: 512 }] } },
    compose: { bad: [{ ulimits: { nproc: null } }, { ulimits: { nproc: 65535 } }], good: { ulimits: { nproc: { soft: 256, hard: 512 } } } },
  },
});
