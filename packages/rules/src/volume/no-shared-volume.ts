import { defineRule, forbids } from "@bulkhead/core";
import { othersOf } from "../pod/_shared";

const claim = (readOnly: boolean, claimName = "data") => ({
  spec: { template: { spec: { volumes: [{ name: "data", persistentVolumeClaim: { claimName } }], containers: [{ name: "app", image: "registry.example.com/app", volumeMounts: [{ name: "data", mountPath: "/data", readOnly }] }] } } },
});
const properties = (mounted: object) => ({ properties: mounted });
const services = (api: unknown, db: unknown, more: object = {}) => ({ project: { properties: { services: { api: { volumes: [api] }, db: { volumes: [db] } }, ...more } } });

export default defineRule({
  id: "no-shared-volume",
  title: "Storage is written to by one workload",
  severity: "medium",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "nist-sp-800-190": "4.4.3" },
  why: "What one workload writes, another reads, loads or runs: one that is broken into reaches the others through the files they share, past every network policy.",
  remediation: "Let one workload write, and mount the volume read-only in the others; where they only pass data on, use a queue or an API.",
  whenNot: "For several workers of one application over one store, such as uploads on ReadWriteMany storage, and for a backup job that must mount it writable: exempt the first one by name, at which all that share it are told. Sub-paths of one volume count as one, and so do equal names on two Docker daemons. Workloads that only read are never counted; mounts that are taken over (volumes_from), and paths of the nodes, have rules of their own.",
  about: ["workload", "attachment"],
  inventory: true,
  reads: (sharer, inventory) => ({ shared: forbids(inventory.sharedStorage(sharer)) }),
  check({ shared = [] }) {
    if (shared.length > 0) return `be the only one that writes to its volumes: ${shared.map((one) => `${JSON.stringify(one.name)} is written to by ${othersOf(one)} too`).join("; ")}`;
  },
  examples: {
    kubernetes: { bad: { web: claim(false), db: claim(false) }, good: [{ web: claim(true), db: claim(false) }, { web: claim(false, "uploads"), db: claim(false) }] },
    docker: {
      bad: [
        { api: properties({ volumes: [{ volumeName: "data", containerPath: "/data" }] }), db: properties({ mounts: [{ type: "volume", source: "data", target: "/data" }] }) },
        { api: properties({ volumes: [{ hostPath: "/srv/data", containerPath: "/data" }] }), db: properties({ mounts: [{ type: "bind", source: "/srv/data/", target: "/data" }] }) },
      ],
      good: { api: properties({ volumes: [{ volumeName: "data", containerPath: "/data", readOnly: true }] }), db: properties({ mounts: [{ type: "volume", source: "data", target: "/data" }] }) },
    },
    compose: {
      bad: [services("data:/data", { type: "volume", source: "data", target: "/data" }, { volumes: { data: {} } }), services("./data:/data", "./lib/../data/:/data")],
      good: [services("data:/data:ro", "data:/data", { volumes: { data: {} } }), services("./data:/data", "./other:/data"), services({ type: "bind", source: "/srv/data", target: "/data", read_only: true }, "/srv/data:/data")],
    },
  },
});
