import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-device-rules",
  title: "Containers open no kinds of devices",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["docker", "compose"],
  frameworks: { "cis-docker-1.6": "5.18", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04" },
  why: "A device rule lets the container use every device of a kind, also one that it makes itself with mknod: a disk's number is every file on it.",
  remediation: "Remove the rules, and name the one device that is needed, if any.",
  whenNot: "For containers that follow devices as they are plugged in (home automation, udev), where no single device can be named.",
  about: "container",
  reads: ({ deviceRules }) => ({ rules: forbids(deviceRules) }),
  check: ({ rules = [] }) => (rules.length === 0 ? undefined : `have no device rule, not ${rules.map((rule) => JSON.stringify(rule)).join(", ")}`),
  fix: ({ rules }) => rules.to(undefined),
  examples: {
    docker: { bad: { deviceCgroupRules: ["c 188:* rmw", "b 8:0 rwm"] }, good: { deviceCgroupRules: [] } },
    compose: { bad: { device_cgroup_rules: ["c 188:* rmw"] }, good: { device_cgroup_rules: [] } },
  },
});
