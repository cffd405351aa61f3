import { expect, test } from "vitest";
import type { Edge } from "./edge.ts";
import { edgeName } from "./edge.ts";

test.each<readonly [Edge, string]>([
  [{ from: { kind: "workload", workload: { namespace: "shop", kind: "Deployment", name: "web" } }, to: { kind: "workload", workload: { namespace: "shop", kind: "StatefulSet", name: "db" } }, protocol: "TCP", port: 5432 }, "Deployment shop/web -> StatefulSet shop/db TCP 5432"],
  [{ from: { kind: "container", name: "web" }, to: { kind: "address", ip: "192.0.2.7", names: ["api.example.com"] }, protocol: "UDP", port: 53 }, "container web -> 192.0.2.7 UDP 53"],
  [{ from: { kind: "entity", entity: "host" }, to: { kind: "container", name: "web" }, protocol: "ICMP" }, "entity host -> container web ICMP"],
])("an edge has one name", (edge, name) => {
  expect(edgeName(edge)).toBe(name);
});
