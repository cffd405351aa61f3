import { expect, test } from "vitest";
import type { Flow, FlowEnd } from "../model/flow";
import { completenessOf } from "./completeness";
import { createObserver } from "./observe";

const day = 86_400_000;
const pod = (name: string, template = "6b746f74dc"): FlowEnd => ({ namespace: "shop", pod: `${name}-${template}-9rcxx`, labels: { app: name } });
const flow = (source: FlowEnd, first: number, port = 8080): Flow => ({ source, destination: pod("api"), protocol: "TCP", port, direction: "request", verdict: "forwarded", first, last: first, count: 1, at: "f:1" });

function reasonsFor(flows: readonly Flow[]): readonly string[] {
  const observer = createObserver();
  for (const one of flows) observer.add(one);
  const { status, reasons } = completenessOf(observer.finish(), undefined, []);
  expect(status).toBe(reasons.length === 0 ? "stable" : "advisory");
  return reasons;
}
const daily = Array.from({ length: 9 }, (_, index) => flow(pod("web"), index * day));

test("enough days, a rollout and nothing new of late are stable", () => {
  expect(reasonsFor([...daily, flow(pod("web", "7c9d8f5b6d"), 8 * day)])).toEqual([]);
});

test("without a rollout nobody knows what a new pod does at its start", () => {
  expect(reasonsFor(daily)).toEqual(["no rollout was seen: the pods of each of 2 Deployments had one template"]);
  const merged = daily.map((one) => ({ ...one, source: { ...one.source, pod: "web-6b746f74dc-*" } }));
  expect(reasonsFor([...merged, { ...flow(pod("web"), 8 * day), source: { ...pod("web"), pod: "web-7c9d8f5b6d-*" } }])).toEqual([]);
});

test("too few days, and what is new", () => {
  const rolled = flow(pod("web", "7c9d8f5b6d"), 2 * day);
  expect(reasonsFor([...daily.slice(0, 3), rolled])).toEqual(["flows of 3 of at least 7 days", expect.stringContaining("1 connections are new in the last 7 days")]);
  expect(reasonsFor([...daily, rolled, flow(pod("web"), 8 * day, 9090)])).toEqual([expect.stringContaining("such as Deployment shop/web -> Deployment shop/api TCP 9090")]);
});
