import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-privileged-hooks",
  title: "Hooks of a service are not privileged",
  severity: "critical",
  since: "0.1.0",
  challenge: "C2",
  preset: "baseline",
  platforms: ["compose"],
  frameworks: { "cis-docker-1.6": "5.5", "nist-sp-800-190": "4.4.3" },
  why: "A hook with privileged runs its command in the container with every capability and every device of the host, however well the service itself is confined.",
  remediation: "Remove privileged from the hook. What needs root, such as the owner of a volume, is done when the image is built, or with user: root alone.",
  whenNot: "Where the hook prepares a device that only root of the host may touch, and nothing else in the project can.",
  about: "composeService",
  reads: ({ privilegedHooks }) => ({ hooks: forbids(privilegedHooks) }),
  check: ({ hooks = [] }) => (hooks.length === 0 ? undefined : `not run hooks privileged (${hooks.join(", ")})`),
  examples: {
    compose: {
      bad: [{ post_start: [{ command: "/init.sh", user: "root", privileged: true }] }, { pre_stop: [{ command: ["/flush"] }, { command: ["/umount"], privileged: true }] }],
      good: { post_start: [{ command: "/init.sh", user: "root" }], pre_stop: [{ command: ["/flush"], privileged: false }] },
    },
  },
});
