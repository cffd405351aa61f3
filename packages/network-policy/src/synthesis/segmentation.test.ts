import { describe, expect, test } from "vitest";
import type { DockerContainer } from "../model/cluster";
import type { Peer } from "../model/edge";
import { composeOverlay } from "./compose-overlay";
import { segmented, verifyDocker } from "./docker-reach";
import { containerLinks, dockerNetworks } from "./docker-typescript";
import type { SeenEdge } from "./observe";
import { segment } from "./segmentation";

const container = (name: string): Peer => ({ kind: "container", name });
const host: Peer = { kind: "entity", entity: "host" };
const outside: Peer = { kind: "address", ip: "192.0.2.7", names: [] };
const edge = (from: Peer, to: Peer, port: number, protocol: SeenEdge["protocol"] = "TCP"): SeenEdge => ({ from, to, protocol, ...(protocol === "ICMP" ? {} : { port }), first: 0, last: 0, count: 2, verdict: "forwarded", at: [], ips: [] });
const running = (name: string, networks: readonly string[], more: Partial<DockerContainer> = {}): DockerContainer => ({ name, networks: networks.map((network) => ({ network, aliases: [] })), ports: [], published: [], from: "test", ...more });
const inventory = {
  containers: [running("web", ["all"], { published: [{ hostIp: "0.0.0.0", hostPort: 80, port: 8080, protocol: "TCP" }] }), running("api", ["all"]), running("db", ["all"]), running("idle", ["all", "closed"]), running("other", ["closed"]), running("agent", ["host"])],
  networks: [{ name: "all", driver: "bridge", internal: false, interContainer: true }, { name: "closed", driver: "bridge", internal: false, interContainer: false }],
};
const edges = [edge(container("web"), container("api"), 8080), edge(container("api"), container("db"), 5432), edge(container("api"), outside, 443)];

describe("segmentation", () => {
  test("no two containers share a network that were not seen to talk", () => {
    const { networks, cut, kept, left, isSmallest } = segment(edges, inventory);
    expect(networks.map(({ name, units, leads, links }) => [name, units, leads, links])).toEqual([
      ["api-db", ["api", "db"], "nowhere", ["api -> db TCP 5432: 2 flows"]], ["api-web", ["api", "web"], "nowhere", ["web -> api TCP 8080: 2 flows"]],
      ["api-outside", ["api"], "outside", ["api -> 192.0.2.7 TCP 443: 2 flows"]], ["web-published", ["web"], "answers", []],
    ]);
    expect(cut).toEqual([["api", "idle"], ["db", "idle"], ["db", "web"], ["idle", "web"]]);
    expect(kept).toEqual([{ name: "agent", reason: "it is on the host's network" }]);
    expect([left, isSmallest]).toEqual([[], true]);
  });

  test("what was seen is let through, and what is let through besides is said; what one end was left out of is not", () => {
    const segmentation = segment(edges, inventory);
    expect(verifyDocker(edges, segmented(segmentation, inventory))).toEqual({
      denied: [],
      slack: ["container agent -> outside every port", "container api -> container db every port but TCP 5432", "container api -> container web every port", "container api -> outside every port but TCP 443", "container db -> container api every port", "container web -> container api every port but TCP 8080", "container web -> outside every port"],
      unused: [],
    });
    const less = { ...segmentation, networks: segmentation.networks.filter(({ name }) => name !== "api-db") };
    expect(verifyDocker(edges, segmented(less, inventory)).denied).toMatchObject([{ edge: { to: { name: "db" } }, why: ["container db does not let it through: no network of its containers leads there"] }]);
  });

  test("today's networks: what joins more than talk, and networks that nobody needs", () => {
    expect(verifyDocker([edge(container("other"), outside, 443)], inventory)).toMatchObject({ denied: [], unused: ["network all"] });
    expect(verifyDocker([edge(container("other"), container("idle"), 1), edge(container("gone"), container("web"), 1)], inventory).denied.map(({ why }) => why)).toEqual([["container idle does not let it through: no network of its containers leads there"], ["container gone is not known"]]);
  });

  test("who is reached from the host alone keeps a network, as one that is on none is not; a port that is not published is no way in", () => {
    const seen = [edge(host, container("db"), 5432), edge(outside, container("web"), 8080), edge(outside, container("web"), 9090)];
    const segmentation = segment(seen, inventory);
    expect(segmentation.networks.map(({ name, leads }) => [name, leads])).toEqual([["db-alone", "nowhere"], ["web-published", "answers"]]);
    expect(segmentation.left).toEqual([{ what: "192.0.2.7 -> container web TCP 9090", reason: "it came from outside to a port that is not published" }]);
    expect(verifyDocker(seen, segmented(segmentation, inventory)).denied.map(({ edge: { port } }) => port)).toEqual([9090]);
  });

  test("a container that shares another's network has none of its own", () => {
    const shared = [{ network: "all", ip: "172.18.0.2", aliases: [] }];
    expect(segment([], { containers: [running("main", [], { networks: shared }), running("sidecar", [], { networks: shared })], networks: [] })).toMatchObject({ units: [{ name: "main" }], kept: [{ name: "sidecar", reason: "it shares the network of main" }] });
  });

  test("names of networks are none of another's, and not too long", () => {
    const names = segment([edge(container("a-b"), container("c"), 1), edge(container("a"), container("b-c"), 1), edge(container("x".repeat(60)), container("y"), 1)], undefined).networks.map(({ name }) => name);
    expect(names).toEqual(["a-b-c", "a-b-c-2", "x".repeat(50)]);
  });
});

describe("compose", () => {
  test("each service's networks and no other; none at all for who talks to nobody", () => {
    expect(composeOverlay(segment(edges, inventory, "service"))).toEqual({
      services: { api: { networks: ["api-db", "api-web", "api-outside"] }, db: { networks: ["api-db"] }, idle: { network_mode: "none", networks: [] }, other: { network_mode: "none", networks: [] }, web: { networks: ["api-web", "web-published"] } },
      networks: {
        "api-db": { internal: true }, "api-web": { internal: true },
        "api-outside": { driver_opts: { "com.docker.network.bridge.enable_icc": "false", "com.docker.network.bridge.enable_ip_masquerade": "true" } },
        "web-published": { driver_opts: { "com.docker.network.bridge.enable_icc": "false", "com.docker.network.bridge.enable_ip_masquerade": "false" } },
      },
    });
  });

  test("instances of a service are one, by the label or by the alias that the name ends with; other aliases are kept", () => {
    const of = (name: string, service: string, aliases: readonly string[] = []): DockerContainer => running(name, [], { service, networks: [{ network: "shop_default", aliases }] });
    const project = { containers: [of("shop-web-1", "web", ["web", "www"]), of("shop-web-2", "web", ["web", "www"]), running("shop_db_1", [], { networks: [{ network: "shop_default", aliases: ["db"] }] })], networks: [] };
    const segmentation = segment([edge(container("shop-web-1"), container("shop_db_1"), 5432)], project, "service");
    expect(segmentation.units.map(({ name, containers }) => [name, containers])).toEqual([["db", ["shop_db_1"]], ["web", ["shop-web-1", "shop-web-2"]]]);
    expect(composeOverlay(segmentation).services).toEqual({ db: { networks: ["db-web"] }, web: { networks: { "db-web": { aliases: ["www"] } } } });
    expect(verifyDocker([], segmented(segmentation, project)).slack).toContain("container shop-web-1 -> container shop-web-2 every port");
  });
});

describe("code", () => {
  test("links: one for each pair, with a guard where one port was seen, and what a component needs besides", () => {
    const more = [...edges, edge(container("web"), container("api"), 9090), edge(container("db"), container("web"), 53, "UDP"), edge(container("db"), container("web"), 0, "ICMP")];
    const { text, left } = containerLinks(more, segment(more, inventory));
    expect(text).toContain("  web.allowTo(api, { port: 8080 }); // 2 flows; also TCP 9090: 2 flows\n");
    expect(text).toContain("  api.allowTo(db, { port: 5432, ...guarded }); // 2 flows\n");
    expect(text).toContain('  db.allowTo(web, { port: 53, protocol: "udp", ...guarded }); // 2 flows\n');
    expect(text).toContain("  /** web; needs publish of TCP 8080 */\n  readonly web: HardenedContainer;\n");
    expect(text).toContain("  /** api; needs internet: api -> 192.0.2.7 TCP 443: 2 flows */\n");
    expect(text.match(/allowTo\(/g)).toHaveLength(3);
    expect(left).toEqual([{ what: "container db -> container web ICMP", reason: "links have no ICMP" }]);
  });

  test("networks: each container's own, under all names that it has", () => {
    const text = dockerNetworks(segment(edges, { ...inventory, containers: inventory.containers.map((each) => (each.name === "db" ? running("db", [], { networks: [{ network: "all", aliases: ["postgres"] }] }) : each)) }));
    expect(text).toContain('  // api -> db TCP 5432: 2 flows\n  const apiDb = new docker.Network("api-db", { driver: "bridge", internal: true }, opts);\n');
    expect(text).toContain('    db: { networkMode: "bridge", networksAdvanced: [{ name: apiDb.name, aliases: ["db", "postgres"] }] },\n');
    expect(text).toContain('    idle: { networkMode: "none", networksAdvanced: [] },\n');
  });
});
