import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Cli } from "../../test/cli";
import { createCli } from "../../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const address: { readonly [service: string]: string } = { web: "172.18.0.2", api: "172.18.0.3", db: "172.18.0.4", idle: "172.18.0.5" };
const line = (value: object): string => `${JSON.stringify(value)}\n`;
const time = Date.parse("2026-01-05T10:00:00Z");
const container = (service: string, more: object = {}): string => line({ bulkhead: "container", name: `shop-${service}-1`, service, networks: [{ network: "shop_default", ip: address[service], aliases: [service] }], ports: [], published: [], from: "docker", ...more });
const flow = (from: string, to: string, port: number): string => line({ bulkhead: "flow", source: { ip: address[from], container: `shop-${from}-1` }, destination: { ip: address[to], container: `shop-${to}-1` }, protocol: "TCP", port, direction: "request", verdict: "forwarded", first: time, last: time + 1000, count: 3 });
const recording = [
  line({ bulkhead: "recording", version: 1, source: "docker", from: "2026-01-05T10:00:00Z", incomplete: [] }),
  container("web", { published: [{ hostIp: "0.0.0.0", hostPort: 80, port: 8080, protocol: "TCP" }] }), container("api"), container("db"), container("idle"),
  line({ bulkhead: "network", name: "shop_default", driver: "bridge", internal: false, interContainer: true }),
  flow("web", "api", 8080), flow("api", "db", 5432),
  line({ bulkhead: "end", until: "2026-01-05T10:05:00Z" }),
].join("");
const service = (more = ""): string => `{ image: registry.example.com/app${more} }`;
const project = `name: shop\nservices:\n  web: ${service(', ports: ["80:8080"]')}\n  api: ${service()}\n  db: ${service(", networks: { default: { aliases: [database] } }")}\n  idle: ${service()}\n`;

test("a recording needs no inventory: which containers share a network, the fewest networks that keep what was seen, and what they let through besides", () => {
  const folder = cli.folder({ "flows.jsonl": recording });
  const { code, stdout, stderr } = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--format", "compose", "--output", "out", "--lock"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(readdirSync(join(folder, "out"))).toEqual(["compose.networks.yaml"]);
  expect(stdout).toContain("2 internal networks for 4 containers:\n  api-db\n    api -> db TCP 5432: 3 flows\n  api-web\n    web -> api TCP 8080: 3 flows\n");
  expect(stdout).toContain("share a network today, and were not seen to talk: 4\n  shop-api-1, shop-idle-1\n");
  expect(stdout).toMatch(/\nnewly denied observed flows: 0\nunobserved edges admitted: 5\n( {2}container .*\n){5}cannot be expressed safely: 0\n$/);
  const lock = JSON.parse(readFileSync(join(folder, "bulkhead.flows.json"), "utf8")) as { readonly edges: readonly object[] };
  expect(lock.edges).toHaveLength(2);
});

test("the overlay is what Compose's own rules make of it: the project then lets through what was seen, and check says so", () => {
  const folder = cli.folder({ "flows.jsonl": recording, "compose.yaml": project });
  const before = cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "compose.yaml"]);
  expect(before).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("container shop-web-1 -> container shop-db-1 every port\n") });
  expect(cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--format", "compose", "--output", "out"]).code).toBe(0);
  copyFileSync(join(folder, "out/compose.networks.yaml"), join(folder, "compose.override.yaml"));
  const { code, stdout } = cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "compose.yaml"]);
  expect(code).toBe(0);
  expect(stdout).toContain("rules and networks that no flow needed: 0\n");
  expect(stdout).toContain("newly denied observed flows: 0\nunobserved edges admitted: 5\n");
  expect(stdout).not.toContain("shop-idle-1");
  expect(cli.run(folder, ["network", "reach", "compose.yaml"]).stdout.split("\n").map((row) => row.replace(/ +/g, " "))).toEqual(["shop-api-1 -> shop-db-1", "shop-api-1 -> shop-web-1", "shop-db-1 -> shop-api-1", "shop-web-1 -> shop-api-1"].map((row) => `${row.replace(/shop/g, "container shop")} all`).concat("container shop-web-1 -> outside all", "outside -> container shop-web-1 TCP 8080", ""));
  expect(cli.run(folder, ["network", "reach", "compose.yaml", "--from", "shop-web-1", "--to", "shop-db-1:5432"]).code).toBe(1);
});

test("a project that lost a needed network breaks what was seen: exit 1", () => {
  const apart = project.replace(service(), service(", networks: [front]")).concat("networks: { front: {} }\n");
  const folder = cli.folder({ "flows.jsonl": recording, "compose.yaml": apart });
  const { code, stdout } = cli.run(folder, ["network", "check", "--flows", "flows.jsonl", "compose.yaml"]);
  expect(code).toBe(1);
  expect(stdout).toContain("newly denied observed flows: 2\n  container shop-api-1 -> container shop-db-1 TCP 5432: container shop-db-1 does not let it through: no network of its containers leads there");
});

test("--format pulumi: the networks, and links of hardened containers; other formats say that Docker is not theirs", () => {
  const folder = cli.folder({ "flows.jsonl": recording });
  expect(cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--format", "pulumi", "--output", "out"]).code).toBe(0);
  expect(readFileSync(join(folder, "out/networks.ts"), "utf8")).toContain('new docker.Network("shop-api-1-shop-db-1", { driver: "bridge", internal: true }, opts);');
  expect(readFileSync(join(folder, "out/links.ts"), "utf8")).toContain("  shopWeb1.allowTo(shopApi1, { port: 8080, ...guarded }); // 3 flows\n");
  const other = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl"]);
  expect([other.code, other.stdout]).toEqual([0, ""]);
  expect(other.stderr).toContain("connections of Docker containers, which these policies do not concern (--format compose or pulumi is for them): 2\n");
});

test("a line of the inventory that cannot be read is counted, never taken for less than it says", () => {
  const wrong = [container("web", { networks: [{ network: 7 }] }), container("api", { ports: "none" }), line({ bulkhead: "network", name: "x" })].join("");
  const folder = cli.folder({ "flows.jsonl": recording.replace('{"bulkhead":"end"', `${wrong}{"bulkhead":"end"`) });
  const { code, stdout } = cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--format", "compose", "--output", "out"]);
  expect(code).toBe(0);
  expect(stdout).toContain("3 could not be read\n    flows.jsonl:9: expected a container, with its name and settings, found none, or another value\n");
  expect(stdout).toContain("2 internal networks for 4 containers:\n");
});
