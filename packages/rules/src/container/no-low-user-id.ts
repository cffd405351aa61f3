import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-low-user-id",
  title: "User ids are above those of the host",
  severity: "low",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "4.1", "nist-sp-800-190": "4.1.2", "owasp-docker": "D01" },
  why: "Without a user namespace a user id of the container is the same user on the host: a low one is likely to be somebody there, with files of their own.",
  remediation: "Name a user id of at least 10000, which no account of the host has.",
  whenNot: "On daemons and nodes that remap users, and for images whose files belong to a low id (postgres 999, nginx 101) until they are rebuilt: lower the option `minimum` there.",
  about: ["pod", "container"],
  options: { minimum: { type: "number", description: "The lowest user id that is allowed.", example: 1000, minimum: 1, default: 10000 } },
  // A user that the image names cannot be seen here, and a name is no id.
  reads: ({ user }) => ({ user: forbids(user) }),
  check({ user = "" }, { options }) {
    const id = /^(\d+)(:|$)/.exec(user)?.[1];
    return id === undefined || Number(id) >= options.minimum ? undefined : `run as a user id of at least ${options.minimum}, not ${id}`;
  },
  examples: {
    kubernetes: [
      { bad: { securityContext: { runAsUser: 1000 } }, good: { securityContext: { runAsUser: 10000 } } },
      { on: "pod", bad: { securityContext: { runAsUser: 101 } }, good: { securityContext: { runAsUser: 10001 } } },
    ],
    docker: { bad: [{ user: "1000" }, { user: "999:10001" }], good: [{ user: "10001:10001" }, { user: "app" }] },
    compose: { bad: [{ user: "1000" }, { user: "999:10001" }], good: [{ user: "10001:10001" }, { user: "app" }] },
  },
});
