import { defineRule, exact } from "@bulkhead/core";
import { goodContainer, goodMetadata, goodPod } from "../example-documents";

/** The kubelet mounts these read-only whatever the mount says. */
const readOnlyTypes = ["configMap", "secret", "projected", "downwardAPI", "image"];
const claim = (name: string) => ({ name, persistentVolumeClaim: { claimName: name } });
const writer = (volumeMounts: readonly object[]) => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: goodMetadata,
  spec: { template: { spec: { ...goodPod, volumes: [claim("shared"), claim("data"), { name: "settings", configMap: { name: "app" } }], containers: [{ ...goodContainer, volumeMounts }] } } },
});

export default defineRule({
  id: "only-declared-writable-volumes",
  title: "Only declared volumes may be written to",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.4.3", "owasp-docker": "D09" },
  why: "A volume that keeps what is written to it is where an attacker leaves something for the next start, or for the other containers that mount it.",
  remediation: "Mount the volume read-only, or name it in the option `volumes` once it is known what writes to it.",
  whenNot: "Without the option `volumes` the rule is not applied at all. Scratch space and paths of the host have rules of their own.",
  about: "volume",
  // A mount whose type is not known may be either.
  appliesTo: ({ scratch, hostPath }) => !scratch || hostPath.state === "unknown",
  options: { volumes: { type: "strings", description: "Volumes that may be written to: by name (Kubernetes), or by the path they are mounted at (Docker).", example: ["data", "/var/lib/postgresql/data"] } },
  reads: ({ mountedAs, writable, hostPath, type }) => ({ name: exact(mountedAs), writable: exact(writable), path: exact(hostPath), type: exact(type) }),
  check({ name, writable, path, type = "" }, { options }) {
    if (writable !== true || path !== undefined || readOnlyTypes.includes(type) || (name !== undefined && options.volumes.includes(name))) return;
    return "be mounted read-only, or be declared as one that may be written to";
  },
  fix: ({ writable }) => writable.to(false),
  exampleOptions: { volumes: ["data", "/data", "/run", "/anonymous"] },
  examples: {
    kubernetes: { on: "document", bad: writer([{ name: "shared", mountPath: "/shared" }]), good: [writer([{ name: "shared", mountPath: "/shared", readOnly: true }]), writer([{ name: "data", mountPath: "/data" }, { name: "settings", mountPath: "/etc/app" }])] },
    docker: { bad: [{ mounts: [{ type: "volume", target: "/shared", source: "shared" }] }, { volumes: [{ volumeName: "shared", containerPath: "/shared" }] }], good: [{ mounts: [{ type: "volume", target: "/shared", source: "shared", readOnly: true }] }, { volumes: [{ volumeName: "data", containerPath: "/data" }] }] },
    compose: { bad: [{ volumes: ["shared:/shared"] }, { volumes: [{ type: "volume", source: "shared", target: "/shared" }] }], good: [{ volumes: ["shared:/shared:ro"] }, { volumes: ["data:/data"] }] },
  },
});
