import { defineRule, exact } from "@bulkhead/core";

export default defineRule({
  id: "bounded-cpu-ratio",
  title: "CPU limits stay near their requests",
  severity: "low",
  since: "0.1.0",
  challenge: "C4",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: { "owasp-kubernetes-2025": "K01" },
  why: "A node is filled by requests and emptied by limits: the further they are apart, the more one burst takes from its neighbours.",
  remediation: "Raise resources.requests.cpu, or lower the limit, until they are within the ratio.",
  whenNot: "For workloads with rare, short peaks on nodes of their own: raise the option `maximum`.",
  about: "container",
  roles: ["main", "init", "sidecar"],
  options: { maximum: { type: "number", description: "How many times the request the limit may be.", example: 5, minimum: 1, default: 10 } },
  reads: ({ cpuLimit, cpuRequest }) => ({ limit: exact(cpuLimit), request: exact(cpuRequest) }),
  check({ limit = 0, request = 0 }, { options }) {
    if (limit <= 0 || request <= 0 || limit <= request * options.maximum) return;
    return `have a CPU limit of at most ${options.maximum} times its request, not ${Math.round((limit / request) * 10) / 10} times`;
  },
  examples: { kubernetes: { bad: { resources: { requests: { cpu: "10m" } } }, good: { resources: { requests: { cpu: "100m" } } } } },
});
