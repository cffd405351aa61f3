import type { Fragment, Platform } from "@bulkhead/core";

const metadata = (name: string): Fragment => ({ name, namespace: "shop" });
const policy = (name: string, spec: Fragment): Fragment => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: metadata(name), spec });
const labelled = (app: string): Fragment => ({ podSelector: { matchLabels: { app } } });

const workload = (app: string): Fragment => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: metadata(app),
  spec: { selector: { matchLabels: { app } }, template: { metadata: { labels: { app } }, spec: { serviceAccountName: "api", automountServiceAccountToken: false, containers: [] } } },
});

/** A namespace with two workloads that satisfies every rule about a whole stack. */
const kubernetes: Fragment = {
  namespace: { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
  limits: { apiVersion: "v1", kind: "LimitRange", metadata: metadata("limits"), spec: { limits: [{ type: "Container", default: { memory: "128Mi" } }] } },
  quota: { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata("quota"), spec: { hard: { pods: "20" } } },
  account: { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("api") },
  web: workload("web"),
  db: workload("db"),
  deny: policy("deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
  dns: policy("dns", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }], ports: [{ port: 53, protocol: "UDP" }, { port: 53, protocol: "TCP" }] }] }),
  webToDb: policy("web-to-db", { ...labelled("web"), policyTypes: ["Egress"], egress: [{ to: [labelled("db")], ports: [{ port: 5432 }] }] }),
  dbFromWeb: policy("db-from-web", { ...labelled("db"), policyTypes: ["Ingress"], ingress: [{ from: [labelled("web")], ports: [{ port: 5432 }] }] }),
};

const container = (networks: readonly string[], more: Fragment = {}): Fragment => ({
  type: "docker:index/container:Container",
  properties: { image: "registry.example.com/app", networksAdvanced: networks.map((name) => ({ name })), ...more },
});

/** The resource that limits the processes of a container of the stack. */
const pidsLimit = (containerName: string): Fragment => ({ type: "pulumi-nodejs:dynamic/bulkhead:PidsLimit", properties: { containerName, limit: 64 } });

/** A published front end and two back ends, each pair on a network of its own. */
const docker: Fragment = {
  front: { type: "docker:index/network:Network", properties: { name: "front" } },
  orders: { type: "docker:index/network:Network", properties: { name: "orders", internal: true } },
  stock: { type: "docker:index/network:Network", properties: { name: "stock", internal: true } },
  web: container(["front", "orders"], { name: "web", ports: [{ internal: 8080, external: 443, ip: "192.0.2.1" }] }),
  api: container(["orders", "stock"], { name: "api" }),
  db: container(["stock"], { name: "db" }),
  webLimit: pidsLimit("web"),
  apiLimit: pidsLimit("api"),
  dbLimit: pidsLimit("db"),
};

/** The same as a project: one published service, and two behind it. */
const compose: Fragment = {
  project: {
    type: "compose",
    properties: {
      name: "shop",
      services: { web: composeService(["front", "orders"], { ports: ["192.0.2.1:443:8080"] }), api: composeService(["orders", "stock"]), db: composeService(["stock"]) },
      networks: { front: {}, orders: { internal: true }, stock: { internal: true } },
    },
  },
};

function composeService(networks: readonly string[], more: Fragment = {}): Fragment {
  return { image: "registry.example.com/app", networks, ...more };
}

export const goodStacks: { readonly [P in Platform]: Fragment } = { kubernetes, docker, compose, dockerfile: {} };
