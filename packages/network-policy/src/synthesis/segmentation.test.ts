import { expect, test } from "vitest";
import type { DockerContainer } from "../model/cluster";
import type { Peer } from "../model/edge";
import type { SeenEdge } from "./observe";
import { composeOverlay, containerLinks, segment } from "./segmentation";

const container = (name: string): Peer => ({ kind: "container", name });
const edge = (from: Peer, to: Peer, port: number): SeenEdge => ({ from, to, protocol: "TCP", port, first: 0, last: 0, count: 2, verdict: "forwarded", at: [], ips: [] });
const running = (name: string, networks: readonly string[], more: Partial<DockerContainer> = {}): DockerContainer => ({ name, networks: networks.map((network) => ({ network, aliases: [] })), ports: [], published: [], from: "test", ...more });
const inventory = {
  containers: [running("web", ["all"], { published: [{ hostIp: "0.0.0.0", hostPort: 80, port: 8080, protocol: "TCP" }] }), running("api", ["all"]), running("db", ["all"]), running("idle", ["all", "closed"]), running("other", ["closed"])],
  networks: [{ name: "all", driver: "bridge", internal: false, interContainer: true }, { name: "closed", driver: "bridge", internal: false, interContainer: false }],
};

test("no two containers share a network that were not seen to talk", () => {
  const edges = [edge(container("web"), container("api"), 8080), edge(container("api"), container("db"), 5432), edge(container("api"), { kind: "address", ip: "192.0.2.7", names: [] }, 443)];
  const { networks, outside, cut } = segment(edges, inventory);
  expect(networks.map(({ containers }) => containers)).toEqual([["api", "db"], ["api", "web"]]);
  expect(outside).toEqual(["api", "web"]);
  expect(cut).toEqual([["api", "idle"], ["db", "idle"], ["db", "web"], ["idle", "web"]]);
  expect(composeOverlay(segment(edges, inventory), inventory)).toEqual({
    services: { api: { networks: ["api-db", "api-web", "api-outside"] }, db: { networks: ["api-db"] }, idle: { network_mode: "none", networks: [] }, other: { network_mode: "none", networks: [] }, web: { networks: ["api-web", "web-outside"] } },
    networks: { "api-db": { internal: true }, "api-web": { internal: true }, "api-outside": { driver_opts: { "com.docker.network.bridge.enable_icc": "false" } }, "web-outside": { driver_opts: { "com.docker.network.bridge.enable_icc": "false" } } },
  });
});

test("three that all talk share one network", () => {
  expect(segment([edge(container("a"), container("b"), 1), edge(container("c"), container("b"), 2), edge(container("a"), container("c"), 3)], undefined).networks.map(({ name }) => name)).toEqual(["a-b-c"]);
});

test("links in code: one for each pair, with what else was seen in its comment", () => {
  const text = containerLinks([edge(container("web"), container("api"), 8080), edge(container("web"), container("api"), 9090)]);
  expect(text).toContain("  web.allowTo(api, { port: 8080 }); // 2 flows; also TCP 9090: 2 flows\n");
  expect(text.match(/allowTo/g)).toHaveLength(1);
});
