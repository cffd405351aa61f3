import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-writable-subpath",
  title: "Sub-paths are mounted read-only",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "The kubelet resolves a sub-path on the node: whoever may write to the volume can put a link in its place, which has led to the node's own files before (CVE-2017-1002101, CVE-2021-25741).",
  remediation: "Mount the whole volume, or the sub-path read-only, and give each writer a volume of its own.",
  whenNot: "For charts that share one claim between directories of one program; the kubelet's checks against links then are what keeps them in.",
  about: "container",
  reads: ({ writableSubPaths }) => ({ volumes: forbids(writableSubPaths) }),
  check: ({ volumes = [] }) => (volumes.length === 0 ? undefined : `mount no sub-path that it may write to, not one of ${[...new Set(volumes)].sort().join(", ")}`),
  examples: {
    kubernetes: {
      bad: [{ volumeMounts: [{ name: "data", mountPath: "/srv", subPath: "srv" }] }, { volumeMounts: [{ name: "logs", mountPath: "/logs", subPathExpr: "$(POD_NAME)" }] }],
      good: { volumeMounts: [{ name: "data", mountPath: "/srv", subPath: "srv", readOnly: true }, { name: "data", mountPath: "/data" }] },
    },
  },
});
