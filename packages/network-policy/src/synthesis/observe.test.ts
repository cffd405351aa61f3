import { expect, test } from "vitest";
import type { Cluster, Workload } from "../model/cluster";
import { edgeName } from "../model/edge";
import type { Flow, FlowEnd } from "../model/flow";
import type { Observations } from "./observe";
import { createObserver } from "./observe";

const hour = 3_600_000;
const workload = (name: string, more: Partial<Workload> = {}): Workload => ({ namespace: "shop", kind: "Deployment", name, labels: { app: name }, selector: { matchLabels: { app: name } }, ports: [{ name: "main", port: 8080, protocol: "TCP" }], hostNetwork: false, addresses: [], from: "test", ...more });
const cluster = (workloads: readonly Workload[], more: Partial<Cluster> = {}): Cluster => ({ namespaces: [{ name: "shop", labels: {} }], workloads, services: [], entries: [], monitors: [], policies: [], clusterPolicies: [], containers: [], networks: [], gaps: [], ...more });
const flow = (source: FlowEnd, destination: FlowEnd, more: Partial<Flow> = {}): Flow => ({ source, destination, protocol: "TCP", port: 8080, direction: "request", verdict: "forwarded", first: 10 * hour, last: 10 * hour, count: 1, at: "f:1", ...more });
function see(inventory: Cluster | undefined, ...flows: readonly Flow[]): Observations {
  const observer = createObserver(inventory);
  for (const one of flows) observer.add(one);
  return observer.finish();
}
const names = ({ edges }: Observations): readonly string[] => edges.map(edgeName);
const api: FlowEnd = { namespace: "shop", pod: "api-6b746f74dc-9rcxx", labels: { app: "api" } };

test("an address is that of the pod that had it at the time", () => {
  const inventory = cluster([workload("old", { addresses: [{ pod: "old-1", ip: "10.0.0.1", from: hour, until: 5 * hour }] }), workload("new", { addresses: [{ pod: "new-1", ip: "10.0.0.1", from: 5 * hour + 1000, until: 20 * hour }] }), workload("api")]);
  expect(names(see(inventory, flow({ ip: "10.0.0.1" }, api)))).toEqual(["Deployment shop/new -> Deployment shop/api TCP 8080"]);
  expect(names(see(inventory, flow({ ip: "10.0.0.1" }, api, { first: 2 * hour, last: 2 * hour })))).toEqual(["Deployment shop/old -> Deployment shop/api TCP 8080"]);
});

test("an address between two pods, or after the last, is nobody's, and is counted", () => {
  const inventory = cluster([workload("old", { addresses: [{ pod: "old-1", ip: "10.0.0.1", from: hour, until: 10 * hour }] }), workload("new", { addresses: [{ pod: "new-1", ip: "10.0.0.1", from: 10 * hour + 1000, until: 20 * hour }] })]);
  const between = see(inventory, flow({ ip: "10.0.0.1" }, api));
  expect([between.edges, between.unidentified]).toEqual([[], { "an address that pods of several workloads had about then": 1 }]);
  const after = see(inventory, flow({ ip: "10.0.0.1" }, api, { first: 21 * hour, last: 21 * hour, count: 3 }));
  expect([after.edges, after.unidentified]).toEqual([[], { "the address of a pod, at a time when it was not that pod's": 3 }]);
});

test("a Service is the pods behind it, at their port", () => {
  const service = { namespace: "shop", name: "api", type: "ClusterIP" as const, selector: { app: "api" }, ports: [{ port: 80, targetPort: "main", protocol: "TCP" as const }], clusterIps: ["10.96.0.1"], externalIps: [] };
  const inventory = cluster([workload("web"), workload("api")], { services: [service] });
  const web: FlowEnd = { namespace: "shop", pod: "web-6b746f74dc-9rcxx", labels: { app: "web" } };
  expect(names(see(inventory, flow(web, { ip: "10.96.0.1" }, { port: 80 })))).toEqual(["Deployment shop/web -> Deployment shop/api TCP 8080"]);
  expect(see(inventory, flow(web, { ip: "10.96.0.1" }, { port: 81 })).unidentified).toEqual({ "a port of a Service behind which are no pods": 1 });
});

test("pods on their node's network are the node", () => {
  const inventory = cluster([workload("proxy", { hostNetwork: true, addresses: [{ pod: "proxy-1", ip: "192.168.0.1" }] }), workload("agent", { hostNetwork: true, addresses: [{ pod: "agent-1", ip: "192.168.0.1" }] }), workload("api")]);
  const { edges } = see(inventory, flow({ ip: "192.168.0.1" }, api));
  expect(edges.map((edge) => [edgeName(edge), edge.ips])).toEqual([["entity remote-node -> Deployment shop/api TCP 8080", ["192.168.0.1"]]]);
});

test("a pod that the inventory lacks is named, and so is one with other labels", () => {
  const { unlisted, differing } = see(cluster([workload("api")]), flow({ namespace: "shop", pod: "stranger-6b746f74dc-9rcxx", labels: { app: "stranger" } }, { namespace: "shop", pod: "api-6b746f74dc-9rcxx", labels: { app: "other" } }));
  expect(unlisted).toEqual([{ namespace: "shop", kind: "Deployment", name: "stranger" }]);
  expect(differing).toEqual([{ namespace: "shop", kind: "Deployment", name: "api" }]);
});

test("what a name server answered names the address, for as long as the answer holds", () => {
  const answer = flow(api, { ip: "10.96.0.10" }, { direction: "reply", first: 10 * hour, last: 10 * hour, dns: { name: "api.example.com", ips: ["192.0.2.7"], ttl: 30 } });
  const peers = (...flows: readonly Flow[]): unknown => see(undefined, ...flows).edges.map(({ to }) => to);
  const request = flow(api, { ip: "192.0.2.7", entity: "world" }, { port: 443 });
  expect(peers(request, answer)).toEqual([{ kind: "address", ip: "192.0.2.7", names: ["api.example.com"] }]);
  expect(peers({ ...request, first: 11 * hour, last: 11 * hour }, answer)).toEqual([{ kind: "address", ip: "192.0.2.7", names: [] }]);
});

test("pods without a name are those of the one workload with their labels, whichever comes first", () => {
  const named = flow({ namespace: "shop", pod: "web-6b746f74dc-9rcxx", labels: { app: "web" } }, api);
  const unnamed = flow({ namespace: "shop", labels: { app: "web" } }, api, { port: 9090 });
  for (const flows of [[named, unnamed], [unnamed, named]]) expect(names(see(undefined, ...flows))).toEqual(["Deployment shop/web -> Deployment shop/api TCP 8080", "Deployment shop/web -> Deployment shop/api TCP 9090"]);
});

test("replies and flows of unknown direction are counted, and are no edges", () => {
  const { edges, replies, ambiguous } = see(undefined, flow(api, api, { direction: "reply", count: 2 }), flow(api, { ip: "192.0.2.1" }, { direction: "unknown", count: 3 }));
  expect([edges, replies, ambiguous]).toEqual([[], 2, 3]);
});
