import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-shared-mount-propagation",
  title: "Mounts do not propagate to the host",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.20", "nist-sp-800-190": "4.5.5" },
  why: "What a container mounts under a shared mount appears on the host and in other containers, over their own files.",
  remediation: "Remove the propagation, or use HostToContainer (rslave).",
  whenNot: "For storage drivers (CSI node plugins, FUSE mounters): mounting for other containers is what they are for.",
  about: "container",
  reads: ({ mountPropagation }) => ({ modes: forbids(mountPropagation) }),
  check: ({ modes = [] }) => (modes.includes("Bidirectional") ? "not propagate its mounts to the host" : undefined),
  fix: ({ modes }) => modes.to(["None", "HostToContainer"]),
  examples: {
    kubernetes: { bad: { volumeMounts: [{ name: "data", mountPath: "/data", mountPropagation: "Bidirectional" }] }, good: { volumeMounts: [{ name: "data", mountPath: "/data", mountPropagation: "HostToContainer" }, { name: "tmp", mountPath: "/tmp" }] } },
    docker: { bad: { mounts: [{ type: "volume", target: "/data", source: "data", bindOptions: { propagation: "rshared" } }] }, good: { mounts: [{ type: "volume", target: "/data", source: "data", bindOptions: { propagation: "rslave" } }] } },
    compose: { bad: [{ volumes: ["data:/data:rshared"] }, { volumes: [{ type: "volume", source: "data", target: "/data", bind: { propagation: "shared" } }] }], good: { volumes: ["data:/data:rslave,ro"] } },
  },
});
