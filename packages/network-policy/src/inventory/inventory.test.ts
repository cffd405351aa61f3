import { composeType, UNKNOWN } from "@bulkhead/core";
import { expect, test } from "vitest";
import { createReachability } from "../reachability/reachability.ts";
import { backends } from "../reachability/services.ts";
import { readInventory } from "./inventory.ts";

const deployment = (name: string, labels: object, container: object = {}): object => ({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop" }, spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels }, spec: { containers: [{ name: "main", image: "registry.example.com/x:1", ...container }] } } } });
const pod = (name: string, labels: object, ip: string, owner: object | undefined, more: object = {}): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "shop", labels, ...(owner === undefined ? {} : { ownerReferences: [{ controller: true, ...owner }] }) }, spec: { containers: [{ name: "main", ports: [{ containerPort: 8080 }] }] }, status: { phase: "Running", podIP: ip, podIPs: [{ ip }], startTime: "2026-01-02T03:04:05Z" }, ...more });
const from = (value: unknown) => ({ value, from: "test.yaml" });

test("pods belong to the root of their owners, with their addresses", () => {
  const { workloads, gaps } = readInventory([
    from({ apiVersion: "v1", kind: "List", items: [
      deployment("web", { app: "web" }),
      pod("web-5d4f8c7b9-abcde", { app: "web", "pod-template-hash": "5d4f8c7b9" }, "10.0.0.1", { kind: "ReplicaSet", name: "web-5d4f8c7b9" }),
      pod("api-6f7d-x", { app: "api", "pod-template-hash": "6f7d" }, "10.0.0.2", { kind: "ReplicaSet", name: "api-6f7d" }),
      pod("odd-1", { app: "odd" }, "10.0.0.3", { kind: "ReplicaSet", name: "odd-6f7d" }),
      { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "rs", namespace: "shop", ownerReferences: [{ kind: "Deployment", name: "owned" }] }, spec: { template: { metadata: { labels: { app: "owned" } } } } },
      pod("rs-1", { app: "owned" }, "10.0.0.4", { kind: "ReplicaSet", name: "rs" }),
      pod("static-node1", { app: "static" }, "10.0.0.5", { kind: "Node", name: "node1" }),
      pod("over-1", { app: "over" }, "10.0.0.6", undefined, { status: { phase: "Succeeded", podIP: "10.0.0.6" } }),
    ] }),
  ]);
  expect(gaps).toEqual([]);
  expect(workloads.map(({ kind, name, addresses }) => `${kind} ${name} ${addresses.map(({ ip }) => ip).join()}`)).toEqual(["Deployment api 10.0.0.2", "ReplicaSet odd-6f7d 10.0.0.3", "Pod over-1 ", "Deployment owned 10.0.0.4", "Pod static-node1 10.0.0.5", "Deployment web 10.0.0.1"]);
  expect(workloads[0]).toMatchObject({ labels: { app: "api" }, ports: [{ port: 8080, protocol: "TCP" }], addresses: [{ pod: "api-6f7d-x", from: Date.UTC(2026, 0, 2, 3, 4, 5) }] });
});

test("a job is a CronJob's by its name only where that is known", () => {
  const cron = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "report", namespace: "shop" }, spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: "report" } } } } } } };
  const run = pod("report-29000000-a", { app: "report", "job-name": "report-29000000" }, "10.0.0.1", { kind: "Job", name: "report-29000000" });
  expect(readInventory([from(cron), from(run)]).workloads.map(({ kind, name, addresses }) => `${kind} ${name} ${addresses.length}`)).toEqual(["CronJob report 1"]);
  expect(readInventory([from(run)]).workloads.map(({ kind, name, labels }) => `${kind} ${name} ${JSON.stringify(labels)}`)).toEqual(['Job report-29000000 {"app":"report"}']);
});

test("pods with other labels than their template are said", () => {
  const { gaps } = readInventory([from(deployment("web", { app: "web", tier: "front" })), from(pod("web-1-x", { app: "web", "pod-template-hash": "1" }, "10.0.0.1", { kind: "ReplicaSet", name: "web-1" }))]);
  expect(gaps.map(({ reason }) => reason)).toEqual(["1 of the 1 pods of Deployment shop/web have other labels than its template: they are judged by the template's"]);
});

test("pods of one owner that differ in their labels are said to", () => {
  const owner = { kind: "StatefulSet", name: "db" };
  const { workloads, gaps } = readInventory([from(pod("db-0", { app: "db", role: "primary", "statefulset.kubernetes.io/pod-name": "db-0" }, "10.0.0.1", owner)), from(pod("db-1", { app: "db", "statefulset.kubernetes.io/pod-name": "db-1" }, "10.0.0.2", owner))]);
  expect(workloads).toMatchObject([{ kind: "StatefulSet", labels: { app: "db" } }]);
  expect(gaps.map(({ reason }) => reason)).toEqual(["the pods of StatefulSet shop/db differ in the labels role: they are taken to have none of these"]);
});

test("a Service leads to the target port of the pods it selects, by its name in each", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" }, spec: { clusterIP: "10.96.0.1", selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: "web" }, { name: "admin", port: 9000 }] } };
  const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "site", namespace: "shop" }, spec: { rules: [{ http: { paths: [{ backend: { service: { name: "web", port: { name: "http" } } } }] } }] } };
  const cluster = readInventory([from(service), from(ingress), from(deployment("web", { app: "web" }, { ports: [{ name: "web", containerPort: 8080 }] })), from(deployment("other", { app: "web" }, { ports: [{ name: "web", containerPort: 3000 }] }))]);
  expect(cluster.entries).toEqual([{ kind: "Ingress", namespace: "shop", name: "site", service: { namespace: "shop", name: "web", port: "http" } }]);
  expect(backends(cluster, { namespace: "shop", name: "web" }, "http").map(({ workload, port }) => `${workload.name} ${port}`)).toEqual(["other 3000", "web 8080"]);
  expect(backends(cluster, { namespace: "shop", name: "web" }, 9000).map(({ port }) => port)).toEqual([9000, 9000]);
  expect(backends(cluster, { namespace: "shop", name: "web" }, 81)).toEqual([]);
  expect(cluster.services[0]?.clusterIps).toEqual(["10.96.0.1"]);
});

test.each([
  ["values that are not known yet", { podSelector: {}, ingress: UNKNOWN }, "NetworkPolicy shop/p is left out: it holds values that are not known yet"],
  ["a list that is none", { podSelector: {}, ingress: [{ from: {} }] }, "NetworkPolicy shop/p is left out: spec.ingress[0].from: expected a list, found an object"],
  ["an operator that is none", { podSelector: { matchExpressions: [{ key: "a", operator: "Is" }] } }, "NetworkPolicy shop/p is left out: spec.podSelector.matchExpressions[0]: expected a key and one of In, NotIn, Exists, DoesNotExist, found an object"],
])("a policy with %s is a gap", (_, spec, reason) => {
  const { policies, gaps } = readInventory([from({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "p", namespace: "shop" }, spec })]);
  expect(policies).toEqual([]);
  expect(gaps).toEqual([{ from: "test.yaml", reason }]);
});

test("what is null is left out, and a port in quotes is a number", () => {
  const { policies } = readInventory([from({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "p" }, spec: { podSelector: null, policyTypes: null, ingress: [{ from: null, ports: [{ port: "8080" }, { port: "http" }] }] } })]);
  expect(policies.map(({ metadata, spec }) => ({ metadata, spec }))).toEqual([{ metadata: { name: "p", namespace: "default" }, spec: { podSelector: {}, ingress: [{ ports: [{ port: 8080 }, { port: "http" }] }] } }]);
});

test("charts and operators' resources are gaps", () => {
  const { gaps } = readInventory([{ value: { chart: "nginx" }, type: "kubernetes:helm.sh/v3:Release", name: "web", from: "urn" }, from({ apiVersion: "cilium.io/v2", kind: "CiliumNetworkPolicy", metadata: { name: "c" }, spec: {} }), from({ apiVersion: "example.com/v1", kind: "Database", metadata: { name: "d" }, spec: {} }), from({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: {} })]);
  expect(gaps.map(({ reason }) => reason.split(":", 1)[0])).toEqual(["Release web", "CiliumNetworkPolicy c", "Database d"]);
});

test("containers are attached as compose files, Pulumi programs and the daemon say", () => {
  const compose = { name: "shop", services: { web: { ports: ["127.0.0.1:8080:80", { target: 53, protocol: "udp" }], networks: { front: { aliases: ["www"] }, back: null } }, api: { networks: ["back"], expose: ["9000"] }, side: { network_mode: "service:api" }, lone: { container_name: "lone" } }, networks: { front: {}, back: { internal: true, driver_opts: { "com.docker.network.bridge.enable_icc": "false" } } } };
  const cluster = readInventory([
    { value: compose, type: composeType, from: "compose.yaml" },
    { value: { name: "db", networksAdvanced: [{ name: "shop_back", aliases: ["database"] }], ports: [{ internal: 5432, external: 15_432, ip: "127.0.0.1" }] }, type: "docker:index/container:Container", name: "db", from: "urn" },
    { value: { name: "plain", networksAdvanced: UNKNOWN }, type: "docker:index/container:Container", from: "urn" },
    from([{ Id: "1", Name: "shop_back", Driver: "bridge", IPAM: {}, Internal: true, Options: { "com.docker.network.bridge.enable_icc": "false" }, Containers: { x: { Name: "db", IPv4Address: "172.18.0.2/16" } } }]),
    from([{ Id: "2", Name: "/seen", Config: { ExposedPorts: { "80/tcp": {} } }, HostConfig: { NetworkMode: "shop_front" }, NetworkSettings: { Networks: { shop_front: { IPAddress: "172.19.0.3", Aliases: ["seen"] } }, Ports: { "80/tcp": [{ HostIp: "0.0.0.0", HostPort: "8081" }] } } }]),
  ]);
  expect(cluster.containers.map(({ name, networks }) => `${name}: ${networks.map(({ network, ip }) => `${network}${ip === undefined ? "" : ` ${ip}`}`).join(", ")}`)).toEqual(["db: shop_back 172.18.0.2", "lone: shop_default", "plain: bridge", "seen: shop_front 172.19.0.3", "shop-api-1: shop_back", "shop-side-1: shop_back", "shop-web-1: shop_front, shop_back"]);
  expect(cluster.containers.find(({ name }) => name === "shop-web-1")).toMatchObject({ published: [{ hostIp: "127.0.0.1", hostPort: 8080, port: 80, protocol: "TCP" }, { hostIp: "0.0.0.0", hostPort: 0, port: 53, protocol: "UDP" }] });
  expect(cluster.networks).toEqual([{ name: "shop_back", driver: "bridge", internal: true, interContainer: false }, { name: "shop_default", driver: "bridge", internal: false, interContainer: true }, { name: "shop_front", driver: "bridge", internal: false, interContainer: true }]);
  expect(cluster.gaps).toEqual([{ from: "urn", reason: "container plain: its networks are not known yet" }]);
  const reach = createReachability(cluster);
  const container = (name: string) => ({ kind: "container", name }) as const;
  expect(reach.allows(container("seen"), container("shop-web-1"), "TCP", 1234).allowed).toBe(true);
  expect(reach.allows(container("shop-web-1"), container("shop-api-1"), "TCP", 9000)).toMatchObject({ allowed: false, ingress: { networks: ["shop_back"] } });
  expect(reach.allows(container("db"), { kind: "address", ip: "192.0.2.1", names: [] }, "TCP", 443).allowed).toBe(false);
  expect(reach.allows({ kind: "entity", entity: "world" }, container("db"), "TCP", 5432).allowed).toBe(true);
  expect(() => reach.allows(container("nobody"), container("db"), "TCP", 1)).toThrow("container nobody is not known");
});
