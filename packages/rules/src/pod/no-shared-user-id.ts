import { defineRule, forbids } from "@bulkhead/core";
import { othersOf } from "./_shared";

const pod = (spec: object) => ({ spec: { template: { spec } } });
const asUser = (runAsUser: number, more: object = {}) => pod({ securityContext: { runAsUser }, ...more });
const user = (id: string) => ({ properties: { user: id } });
const services = (map: object) => ({ project: { properties: { services: map } } });

export default defineRule({
  id: "no-shared-user-id",
  title: "Each workload of a stack has a user id of its own",
  severity: "low",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: {},
  why: "To the kernel two workloads of one user id are one user: on the same machine one that breaks out may signal and trace the other's processes, read its files on volumes and host paths, and use up its limits, which count by user.",
  remediation: "Give each workload a user id that no other one has, from a range kept for it. Volumes of Kubernetes are handed over by fsGroup; files in the image should be readable by any user.",
  whenNot: "Where pods have user namespaces (hostUsers: false) the rule is silent: their ids are told apart by the kernel. A daemon that remaps users (userns-remap) does not do so for containers among themselves. For workloads that share files on purpose, prefer a group of their own; for images that run only as one built-in id, exempt the first one by name, at which all that share it are told. Users by name and those that an image names are not compared.",
  about: ["workload", "attachment"],
  inventory: true,
  reads: (sharer, inventory) => ({ shared: forbids(inventory.sharedUsers(sharer)) }),
  check({ shared = [] }) {
    if (shared.length > 0) return `have a user id of its own: ${shared.map((one) => `${one.name} is that of ${othersOf(one)} too`).join("; ")}`;
  },
  examples: {
    kubernetes: {
      bad: [
        { web: asUser(10001), db: asUser(10001) },
        { web: asUser(10001), db: asUser(10002, { containers: [{ name: "db", image: "registry.example.com/db", securityContext: { runAsUser: 10001 } }] }) },
      ],
      good: [{ web: asUser(10001), db: asUser(10002) }, { web: asUser(10001), db: asUser(10001, { hostUsers: false }) }, { web: asUser(10001), db: asUser(10001, { containers: [{ name: "db", image: "registry.example.com/db", securityContext: { runAsUser: 10002 } }] }) }],
    },
    docker: { bad: { api: user("10001:10001"), db: user("10001") }, good: { web: user("10001"), api: user("10002:10001"), db: user("app") } },
    compose: { bad: services({ api: { user: "10001:10001" }, db: { user: "10001" } }), good: services({ web: { user: "10001" }, api: { user: "10002:10001" }, db: { user: "app" } }) },
  },
});
