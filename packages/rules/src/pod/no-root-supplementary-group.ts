import { defineRule, forbids, knownValue } from "@bulkhead/core";

function isRoot(group: string): boolean {
  return group === "root" || (/^\d+$/.test(group) && Number(group) === 0);
}

export default defineRule({
  id: "no-root-supplementary-group",
  title: "No process belongs to root's group",
  severity: "medium",
  since: "0.1.0",
  challenge: "C2",
  preset: "strict",
  frameworks: { "nsa-cisa-1.2": "non-root", "owasp-docker": "D01" },
  why: "A supplementary group opens the same files as a primary one: with group 0 they are root's, on volumes too.",
  remediation: "Remove group 0 from the supplementary groups, and name another fsGroup for volumes.",
  whenNot: "For images made for OpenShift, which give their files to group 0 on purpose.",
  about: "pod",
  reads: ({ supplementaryGroups, volumeGroup }) => ({ groups: forbids(supplementaryGroups), volumes: forbids(volumeGroup) }),
  check: ({ groups = [], volumes }) => (groups.some(isRoot) ? "not belong to root's group (0)" : volumes !== undefined && isRoot(volumes) ? "not give its volumes to root's group (0)" : undefined),
  fix({ groups, volumes }) {
    const named = knownValue(groups) ?? [];
    return [...(named.some(isRoot) ? (groups.to(named.filter((group) => !isRoot(group))) ?? []) : []), ...(isRoot(knownValue(volumes) ?? "") ? (volumes.to(undefined) ?? []) : [])];
  },
  examples: {
    kubernetes: { bad: [{ securityContext: { supplementalGroups: [10001, 0] } }, { securityContext: { fsGroup: 0 } }], good: { securityContext: { supplementalGroups: [10001], fsGroup: 10001 } } },
    docker: { bad: [{ groupAdds: ["root"] }, { groupAdds: ["10001", "0"] }], good: { groupAdds: ["10001"] } },
    compose: { bad: [{ group_add: ["root"] }, { group_add: ["10001", "0"] }], good: { group_add: ["10001"] } },
  },
});
