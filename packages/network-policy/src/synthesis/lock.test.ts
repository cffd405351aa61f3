import { expect, test } from "vitest";
import type { SeenEdge } from "./observe";
import { readFlowsLock, writeFlowsLock } from "./lock";

const seen = { first: Date.UTC(2026, 0, 5), last: Date.UTC(2026, 0, 6), count: 3, verdict: "forwarded" as const, at: [], ips: [] };
const labels = { app: "web", tier: "front" };
const web = { kind: "workload", workload: { namespace: "shop", kind: "Deployment", name: "web" } } as const;
const edges: readonly SeenEdge[] = [
  { from: web, to: { kind: "address", ip: "192.0.2.7", names: ["api.example.com"] }, protocol: "TCP", port: 443, ...seen },
  { from: { kind: "container", name: "web" }, to: { kind: "container", name: "db" }, protocol: "TCP", port: 5432, ...seen },
  { from: { kind: "entity", entity: "remote-node" }, to: web, protocol: "ICMP", ...seen, ips: ["10.9.0.1", "10.9.0.2"] },
];
const workloads = [{ ...web.workload, labels }, { ...web.workload, name: "unseen", labels }, { ...web.workload, labels: { tier: "front", app: "web" } }];

test("what is written is read, sorted and one a line, whatever the order", () => {
  const text = writeFlowsLock(edges, workloads);
  expect(writeFlowsLock([...edges].reverse(), [...workloads].reverse())).toBe(text);
  expect(text.split("\n")).toHaveLength(edges.length + 1 + 8);
  const read = readFlowsLock(JSON.parse(text));
  expect("edges" in read && read.edges).toEqual([edges[0], edges[1], edges[2]].map((edge) => ({ from: edge?.from, to: edge?.to, protocol: edge?.protocol, ...(edge?.port === undefined ? {} : { port: edge.port }), first: "2026-01-05", last: "2026-01-06", ips: edge?.ips })));
  expect("edges" in read && read.workloads).toEqual([workloads[0]]);
  expect(readFlowsLock(JSON.parse(writeFlowsLock([])))).toEqual({ edges: [], workloads: [] });
  expect(readFlowsLock(JSON.parse(writeFlowsLock(edges, [...workloads, { ...web.workload, labels: { app: "other" } }])))).toMatchObject({ workloads: [] });
});

const good = JSON.parse(writeFlowsLock(edges)) as { readonly version: number; readonly edges: readonly { readonly [key: string]: unknown }[] };
test.each<readonly [string, unknown, string, string, string]>([
  ["no object", [], "", "a lockfile of flows, as `bulkhead network learn --lock` writes it", "a list"],
  ["another version", { ...good, version: 2 }, "version", "1", "2"],
  ["another key", { ...good, more: 1 }, "more", "one of version, edges, workloads", "another key"],
  ["no list", { version: 1, edges: {} }, "edges", "a list of edges", "a object"],
  ["a port that is none", { version: 1, edges: [{ ...good.edges[0], port: 0 }] }, "edges[0].port", "a port from 1 to 65535", "a number"],
  ["a protocol that is none", { version: 1, edges: [{ ...good.edges[0], protocol: "tcp" }] }, "edges[0].protocol", "TCP, UDP, SCTP, ICMP", "a string"],
  ["a day that is none", { version: 1, edges: [{ ...good.edges[0], first: "yesterday" }] }, "edges[0].first", "a day such as 2026-01-31", "a string"],
  ["an entity that is none", { version: 1, edges: [{ ...good.edges[0], from: { entity: "moon" } }] }, "edges[0].from.entity", "world, host, remote-node, kube-apiserver, ingress, health", "a string"],
  ["half a workload", { version: 1, edges: [{ ...good.edges[0], to: { namespace: "shop", name: "x" } }] }, "edges[0].to.kind", "some text", "nothing"],
  ["an address that is none", { version: 1, edges: [{ ...good.edges[0], to: { address: "example.com" } }] }, "edges[0].to.address", "an address", "a string"],
  ["addresses of an entity that are none", { version: 1, edges: [{ ...good.edges[0], ips: ["10.0.0.0/8"] }] }, "edges[0].ips", "a list of addresses", "a list"],
  ["labels that are no texts", { version: 1, edges: [], workloads: [{ ...web.workload, labels: { app: 7 } }] }, "workloads[0].labels", "texts by key", "a object"],
  ["a workload that is none", { version: 1, edges: [], workloads: [{ entity: "world" }] }, "workloads[0]", "a workload: its namespace, kind and name", "one that is an entity"],
  ["a workload twice", { version: 1, edges: [], workloads: [web.workload, web.workload] }, "workloads[1]", "each workload once", "one that stands above already"],
  ["the same twice", { version: 1, edges: [good.edges[0], good.edges[0]] }, "edges[1]", "each edge once", "one that stands above already"],
])("%s is refused", (_, value, path, expected, found) => {
  expect(readFlowsLock(value)).toEqual({ problems: [{ path, expected, found }] });
});
