import { defineRule, forbids } from "@bulkhead/core";

export default defineRule({
  id: "no-device-requests",
  title: "Containers ask for no device that they do not need",
  severity: "low",
  since: "0.1.0",
  challenge: "C5",
  preset: "strict",
  frameworks: { "cis-docker-1.6": "5.18", "nist-sp-800-190": "4.4.3", "owasp-docker": "D04" },
  why: "A graphics card or another device brings its driver's kernel interface into the container, which has been a way to the host before, and is taken from those who need it.",
  remediation: "Remove the request, or name the device in the option `allowed` once the workload is shown to need it.",
  whenNot: "For workloads that compute on such devices: allow their names, for all of them, or exempt the one workload.",
  about: "container",
  options: { allowed: { type: "strings", description: "Devices that may be asked for, by the name of the resource, the driver or the claim.", example: ["nvidia.com/gpu", "gpus"], default: [] } },
  reads: ({ deviceRequests }) => ({ devices: forbids(deviceRequests) }),
  check({ devices = [] }, { options }) {
    const refused = devices.filter((device) => !options.allowed.includes(device));
    return refused.length === 0 ? undefined : `ask for no device, not ${[...new Set(refused)].sort().join(", ")}`;
  },
  examples: {
    kubernetes: { bad: [{ resources: { limits: { "nvidia.com/gpu": 1 } } }, { resources: { claims: [{ name: "accelerator" }] } }], good: { resources: { limits: { "hugepages-2Mi": "64Mi", "nvidia.com/gpu": "0" } } } },
    docker: { bad: [{ gpus: "all" }, { deviceRequests: [{ driver: "nvidia", count: -1 }] }], good: { gpus: "" } },
    compose: { bad: [{ gpus: "all" }, { deploy: { resources: { reservations: { devices: [{ driver: "nvidia", count: 1, capabilities: ["gpu"] }] } } } }], good: { gpus: [] } },
  },
});
