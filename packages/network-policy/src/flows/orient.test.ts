import { describe, expect, test } from "vitest";
import type { Flow } from "../model/flow.ts";
import { Orienter, type OrientOptions } from "./orient.ts";

const start = Date.UTC(2026, 0, 1);
const flow = (source: string, sourcePort: number, destination: string, port: number, more: Partial<Flow> = {}): Flow => ({
  source: { ip: source, namespace: "shop", pod: source }, destination: { ip: destination, namespace: "shop", pod: destination }, protocol: "TCP", sourcePort, port, direction: "unknown", verdict: "forwarded", first: start, last: start, count: 1, at: `f:${sourcePort}`, ...more,
});
const orient = (flows: readonly Flow[], options: OrientOptions = {}): ReturnType<Orienter["finish"]> => {
  const orienter = new Orienter(options);
  for (const each of flows) orienter.add(each);
  return orienter.finish();
};
const edges = (flows: readonly Flow[], options?: OrientOptions): readonly string[] => orient(flows, options).flows.map(({ source, destination, port, count }) => `${source.pod} > ${destination.pod} ${port} x${count}`);

describe("who opened a connection of unknown direction, by the rules in their order", () => {
  test("1: replies are dropped, and tell who serves", () => {
    const { flows, summary } = orient([flow("api", 9999, "web", 9998, { direction: "reply" }), flow("web", 9998, "api", 9999), flow("api", 9999, "web", 9997)]);
    expect(flows.map(({ source, destination, port }) => `${source.pod} > ${destination.pod} ${port}`)).toEqual(["web > api 9999"]);
    expect(summary).toMatchObject({ taken: 3, replies: 1, requests: 2, ambiguous: { count: 0 } });
  });
  test("2: a port that listens or is declared, before what ports look like", () => {
    expect(edges([flow("web", 80, "api", 40_000)], { declares: (end, _, port) => end.pod === "api" && port === 40_000 })).toEqual(["web > api 40000 x1"]);
    const orienter = new Orienter();
    orienter.listening([{ ip: "api", protocol: "TCP", port: 40_000 }]);
    orienter.add(flow("api", 40_000, "web", 80));
    expect(orienter.finish().flows.map(({ destination }) => destination.pod)).toEqual(["api"]);
  });
  test("2: a connection that was seen to be opened tells for those before and after", () => {
    expect(edges([flow("web", 5000, "api", 5001), flow("job", 5002, "api", 5001, { direction: "request" }), flow("api", 5001, "cron", 5003)])).toEqual(["cron > api 5001 x1", "job > api 5001 x1", "web > api 5001 x1"]);
  });
  test("3: the port that three peers share, before the lower one", () => {
    expect(edges([1000, 2000, 3000].map((port) => flow("api", 50_000, "web", port)))).toEqual(["web > api 50000 x3"]);
    expect(edges([1000, 2000].map((port) => flow("api", 50_000, "web", port)))).toEqual(["api > web 1000 x1", "api > web 2000 x1"]);
  });
  test("4: the lower port, where the other is one that clients are given", () => {
    expect(edges([flow("api", 8080, "web", 40_000)])).toEqual(["web > api 8080 x1"]);
    expect(edges([flow("web", 60_999, "api", 8080)])).toEqual(["web > api 8080 x1"]);
  });
  test.each([[31_000, 8080], [40_000, 50_000], [61_000, 8080], [7946, 7946]])("5: %d and %d are ambiguous, and no rule", (sourcePort, port) => {
    const { flows, summary } = orient([flow("web", sourcePort, "api", port)]);
    expect(flows).toEqual([]);
    expect(summary.ambiguous).toEqual({ count: 1, first: [`f:${sourcePort}`] });
  });
  test("5: two ends that both listen are ambiguous", () => {
    expect(edges([flow("a", 7946, "b", 7946)], { declares: () => true })).toEqual([]);
  });
});

test("a connection is counted once however often it was observed within ten seconds; DROPPED and AUDIT stay apart", () => {
  const request = flow("web", 40_000, "api", 80, { direction: "request" });
  const { flows, summary } = orient([request, request, { ...request, first: start + 9_999, last: start + 9_999 }, { ...request, first: start + 10_000, last: start + 10_000 }, { ...request, verdict: "dropped" }, { ...request, verdict: "audited" }]);
  expect(flows.map(({ verdict, count, first, last }) => [verdict, count, first - start, last - start])).toEqual([["audited", 1, 0, 0], ["dropped", 1, 0, 0], ["forwarded", 2, 0, 10_000]]);
  expect(summary).toMatchObject({ taken: 6, requests: 4, repeated: 2 });
});

test("answers of name servers are kept, with the longest time that they hold", () => {
  const answer = (ttl: number, first: number): Flow => flow("dns", 53, "web", 40_000, { direction: "reply", protocol: "UDP", first, last: first, dns: { name: "api.example.com", ips: ["192.0.2.1"], ttl } });
  expect(orient([answer(30, start), answer(60, start + 1000)]).answers).toEqual([{ name: "api.example.com", ip: "192.0.2.1", ttl: 60, first: start, last: start + 1000 }]);
});

test("the order of the flows changes nothing", () => {
  const flows = [1, 2, 3, 4, 5].flatMap((index) => [flow(`p${index}`, 40_000 + index, "api", 8080, { direction: index % 2 === 0 ? "request" : "unknown", first: start + index * 1000, last: start + index * 1000 }), flow("api", 9000, `p${index}`, 9000 + index), flow("x", 31_000 + index, "y", 20_000)]);
  expect(orient([...flows].reverse()).flows).toEqual(orient(flows).flows);
});

test("without room the rest is counted, and the recording is incomplete", () => {
  const { flows, summary } = orient(Array.from({ length: 30 }, (_, index) => flow("web", 40_000, `api${index}`, 80, index % 2 === 0 ? { direction: "request" } : {})), { most: 10, mostPending: 4 });
  expect(flows).toHaveLength(10);
  expect(summary).toMatchObject({ taken: 30, requests: 10, overflow: 20 });
  expect(summary.incomplete[0]).toBe("20 flows between other ends or to other ports than the first, for which there was no room");
  expect(summary.incomplete[1]).toContain("in 4 parts");
});

test("an address alone is one end for five minutes: it is used again", () => {
  const at = (minutes: number): Flow => flow("", 40_000, "api", 80, { direction: "request", source: { ip: "10.0.0.1" }, first: start + minutes * 60_000, last: start + minutes * 60_000 });
  const { flows } = orient([at(0), at(4), at(6)]);
  expect(flows.map(({ count }) => count)).toEqual([2, 1]);
});

test("flows of two days are counted apart: what a count of days rests on", () => {
  const at = (days: number): Flow => flow("web", 40_000 + days, "api", 80, { direction: "request", first: start + days * 86_400_000, last: start + days * 86_400_000 });
  expect(orient([at(0), at(0), at(3)]).flows.map(({ first, last, count }) => [(first - start) / 86_400_000, (last - start) / 86_400_000, count])).toEqual([[0, 0, 1], [3, 3, 1]]);
});
