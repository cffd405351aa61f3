import { defineRule, exact } from "@bulkhead/core";

const service = (type: string | undefined) => ({ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { ...(type === undefined ? {} : { type }), ports: [{ port: 80 }] } });

export default defineRule({
  id: "only-cluster-services",
  title: "Services are reached from the cluster only",
  severity: "medium",
  since: "0.1.0",
  challenge: "C3",
  preset: "strict",
  platforms: ["kubernetes"],
  frameworks: {},
  why: "A NodePort is open on every node, and a LoadBalancer to whoever reaches its address, past the Ingress that has the certificates and the rules.",
  remediation: "Use ClusterIP and an Ingress or a Gateway; allow a type in the configuration for those that have to be reached directly.",
  whenNot: "On clusters where a LoadBalancer is the only way in: allow the type with the option `types`, and see that the load balancer limits its source addresses.",
  about: "service",
  options: { types: { type: "strings", description: "Service types that may be used.", example: ["ClusterIP", "LoadBalancer"], default: ["ClusterIP", "ExternalName"] } },
  reads: ({ type }) => ({ type: exact(type) }),
  check: ({ type = "ClusterIP" }, { options }) => (options.types.includes(type) ? undefined : `be of type ${options.types.join(" or ")}, not ${type}`),
  examples: { kubernetes: { on: "document", bad: [service("NodePort"), service("LoadBalancer")], good: [service("ClusterIP"), service(undefined)] } },
});
