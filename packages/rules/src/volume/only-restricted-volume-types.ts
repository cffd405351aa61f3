import { defineRule, exact } from "@bulkhead/core";

/** pod-security-admission, check_restrictedVolumes.go; a volume without a source is an emptyDir. */
const allowed = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

export default defineRule({
  id: "only-restricted-volume-types",
  title: "Volumes are of the types that are the cluster's own",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "restricted",
  platforms: ["kubernetes"],
  frameworks: { pss: "restricted", "nsa-cisa-1.2": "pod-security-enforcement" },
  why: "Other volume types reach the node or a storage server directly, with the node's credentials and past the storage classes that administrators control.",
  remediation: "Claim a persistent volume, or use a CSI driver, instead of naming the storage in the pod.",
  whenNot: "For clusters that still use an in-tree volume type on purpose; a persistent volume that wraps it is the way to comply.",
  about: "volume",
  reads: ({ type }) => ({ type: exact(type) }),
  check: ({ type }) => (type === undefined || allowed.includes(type) ? undefined : `be of the types ${allowed.join(", ")}, not ${type}`),
  examples: {
    kubernetes: {
      bad: [{ volumes: [{ name: "data", nfs: { server: "10.0.0.1", path: "/data" } }] }, { volumes: [{ name: "files", cephfs: { monitors: ["10.0.0.1:6789"] } }] }],
      good: { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }, { name: "tmp", emptyDir: { sizeLimit: "64Mi" } }, { name: "cfg", configMap: { name: "cfg" } }] },
    },
  },
});
