import { expect, test } from "vitest";
import type { SeenEdge } from "./observe";
import { readFlowsLock, writeFlowsLock } from "./lock";

const seen = { first: Date.UTC(2026, 0, 5), last: Date.UTC(2026, 0, 6), count: 3, verdict: "forwarded" as const, at: [], ips: [] };
const web = { kind: "workload", workload: { namespace: "shop", kind: "Deployment", name: "web" } } as const;
const edges: readonly SeenEdge[] = [
  { from: web, to: { kind: "address", ip: "192.0.2.7", names: ["api.example.com"] }, protocol: "TCP", port: 443, ...seen },
  { from: { kind: "container", name: "web" }, to: { kind: "container", name: "db" }, protocol: "TCP", port: 5432, ...seen },
  { from: { kind: "entity", entity: "remote-node" }, to: web, protocol: "ICMP", ...seen },
];

test("what is written is read, sorted and one a line, whatever the order", () => {
  const text = writeFlowsLock(edges);
  expect(writeFlowsLock([...edges].reverse())).toBe(text);
  expect(text.split("\n")).toHaveLength(edges.length + 6);
  const read = readFlowsLock(JSON.parse(text));
  expect("edges" in read && read.edges).toEqual([edges[0], edges[1], edges[2]].map((edge) => ({ from: edge?.from, to: edge?.to, protocol: edge?.protocol, ...(edge?.port === undefined ? {} : { port: edge.port }), first: "2026-01-05", last: "2026-01-06" })));
  expect(readFlowsLock(JSON.parse(writeFlowsLock([])))).toEqual({ edges: [] });
});

const good = JSON.parse(writeFlowsLock(edges)) as { readonly version: number; readonly edges: readonly { readonly [key: string]: unknown }[] };
test.each<readonly [string, unknown, string, string, string]>([
  ["no object", [], "", "a lockfile of flows, as `bulkhead network learn --lock` writes it", "a list"],
  ["another version", { ...good, version: 2 }, "version", "1", "2"],
  ["another key", { ...good, more: 1 }, "more", "one of version, edges", "another key"],
  ["no list", { version: 1, edges: {} }, "edges", "a list of edges", "a object"],
  ["a port that is none", { version: 1, edges: [{ ...good.edges[0], port: 0 }] }, "edges[0].port", "a port from 1 to 65535", "a number"],
  ["a protocol that is none", { version: 1, edges: [{ ...good.edges[0], protocol: "tcp" }] }, "edges[0].protocol", "TCP, UDP, SCTP, ICMP", "a string"],
  ["a day that is none", { version: 1, edges: [{ ...good.edges[0], first: "yesterday" }] }, "edges[0].first", "a day such as 2026-01-31", "a string"],
  ["an entity that is none", { version: 1, edges: [{ ...good.edges[0], from: { entity: "moon" } }] }, "edges[0].from.entity", "world, host, remote-node, kube-apiserver, ingress, health", "a string"],
  ["half a workload", { version: 1, edges: [{ ...good.edges[0], to: { namespace: "shop", name: "x" } }] }, "edges[0].to.kind", "some text", "nothing"],
  ["the same twice", { version: 1, edges: [good.edges[0], good.edges[0]] }, "edges[1]", "each edge once", "one that stands above already"],
])("%s is refused", (_, value, path, expected, found) => {
  expect(readFlowsLock(value)).toEqual({ problems: [{ path, expected, found }] });
});
