import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-host-devices",
  title: "Containers are given no device of the host",
  severity: "high",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.18", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04" },
  why: "A device goes past the file system and its permissions: a disk is every file on it.",
  remediation: "Remove the device. Use a device plugin that hands out the one device needed, or a volume with a file system.",
  whenNot: "Where the device is the point of the workload (a serial port, a sensor, /dev/fuse) and no device plugin hands it out: exempt that one container. GPUs that a device plugin hands out are no finding.",
  about: "container",
  reads: ({ devices }) => ({ devices: forbids(devices) }),
  check: ({ devices = [] }) => (devices.length === 0 ? undefined : `be given no device, not ${[...new Set(devices)].sort().join(", ")}`),
  // A raw block volume is often the data itself: there the way out is another volume.
  fix: ({ devices }, { platform }) => (platform === "kubernetes" ? undefined : devices.to(undefined)),
  fixOn: ["docker", "compose"],
  examples: {
    kubernetes: { bad: { volumeDevices: [{ name: "disk", devicePath: "/dev/xvda" }] }, good: { volumeMounts: [{ name: "data", mountPath: "/data" }] } },
    docker: { bad: { devices: [{ hostPath: "/dev/sda", containerPath: "/dev/sda" }] }, good: { devices: [] } },
    compose: { bad: [{ devices: ["/dev/sda:/dev/xvda:rwm"] }, { devices: [{ source: "/dev/mem", target: "/dev/mem" }] }], good: { devices: [] } },
  },
});
