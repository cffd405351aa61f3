import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

const agent = (volumeMounts: readonly object[]) => ({
  apiVersion: "apps/v1", kind: "DaemonSet", metadata: goodMetadata,
  spec: { template: { spec: { ...goodPod, volumes: [{ name: "logs", hostPath: { path: "/var/log/app" } }], containers: [{ ...goodContainer, volumeMounts }] } } },
});

export default defineRule({
  id: "read-only-host-mounts",
  title: "Paths of the host are mounted read-only",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.6", "nist-sp-800-190": "4.5.5" },
  why: "What may be written on the host is a way to it: a scheduled job, a library, a key file of somebody who logs in.",
  remediation: "Mount the path read-only (readOnly: true), in every container that mounts it.",
  whenNot: "For node agents that write to the host as their work (a CNI plugin, a storage driver): exempt them.",
  about: "volume",
  reads: ({ hostPath, writable }) => ({ path: exact(hostPath), writable: exact(writable) }),
  check: ({ path, writable }) => (path !== undefined && writable === true ? "be mounted read-only, as it is a path of the host" : undefined),
  fix: ({ writable }) => writable.to(false),
  examples: {
    kubernetes: {
      on: "document", within: ["no-host-path", "only-restricted-volume-types"],
      bad: [agent([{ name: "logs", mountPath: "/logs" }]), agent([{ name: "logs", mountPath: "/a", readOnly: true }, { name: "logs", mountPath: "/b", readOnly: false }])],
      good: agent([{ name: "logs", mountPath: "/logs", readOnly: true }]),
    },
    docker: {
      within: ["no-host-path"],
      bad: [{ mounts: [{ type: "bind", target: "/logs", source: "/var/log/app" }] }, { volumes: [{ hostPath: "/srv/app", containerPath: "/srv/app", readOnly: false }] }],
      good: [{ mounts: [{ type: "bind", target: "/logs", source: "/var/log/app", readOnly: true }] }, { volumes: [{ hostPath: "/srv/app", containerPath: "/srv/app", readOnly: true }] }],
    },
    compose: { within: ["no-host-path"], bad: [{ volumes: ["/var/log/app:/logs"] }, { volumes: [{ type: "bind", source: "/srv/app", target: "/srv/app" }] }], good: [{ volumes: ["/var/log/app:/logs:ro"] }, { volumes: [{ type: "bind", source: "/srv/app", target: "/srv/app", read_only: true }] }] },
  },
});
