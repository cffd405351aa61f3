import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cli } from "../test/cli";
import { createCli } from "../test/cli";

let cli: Cli;
beforeAll(() => void (cli = createCli()));
afterAll(() => cli.remove());

const only = ["--rule", "policies-match-flows"];
const end = (name: string): object => ({ namespace: "shop", pod_name: `${name}-6b746f74dc-9rcxx`, labels: [`k8s:app=${name}`] });
const flow = (from: string, to: string, port: number): string => `${JSON.stringify({ flow: { time: "2026-01-05T10:00:00Z", verdict: "FORWARDED", IP: { source: "10.0.0.1", destination: "10.0.0.2" }, l4: { TCP: { source_port: 40_000, destination_port: port } }, source: end(from), destination: end(to), is_reply: false } })}\n`;
const deployment = (name: string): string => `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name}, namespace: shop }\nspec:\n  selector: { matchLabels: { app: ${name} } }\n  template:\n    metadata: { labels: { app: ${name} } }\n    spec: { containers: [{ name: main, image: registry.example.com/${name} }] }\n---\n`;
const apps = `apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n${deployment("web")}${deployment("api")}`;
const messages = (folder: string, ...paths: readonly string[]): readonly string[] => cli.json(folder, [...only, ...paths]).findings.map(({ message }) => message.replace(/allow-(\w+)-[0-9a-f]{8}/g, "allow-$1"));

function learned(): { readonly folder: string; readonly file: string } {
  const folder = cli.folder({ "flows.jsonl": flow("web", "api", 8080), "apps.yaml": apps });
  expect(cli.run(folder, ["network", "learn", "--flows", "flows.jsonl", "--inventory", "apps.yaml", "--output", "policies", "--lock"]).code).toBe(0);
  return { folder, file: join(folder, "policies/shop.yaml") };
}

describe("policies that were learned, with the lockfile of their flows", () => {
  test("do not differ", () => {
    const { folder } = learned();
    expect(readdirSync(folder)).toContain("bulkhead.flows.json");
    const { code, stdout } = cli.run(folder, ["check", ...only, "."]);
    expect([code, stdout]).toEqual([0, expect.not.stringContaining("policies-match-flows")]);
  });

  test("that are opened further are found at the place, with its line", () => {
    const { folder, file } = learned();
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(/( +)- protocol: TCP\n +port: 8080\n(?=[^-]*---|\s*policyTypes|$)/, (match, indent: string) => `${match}${indent}- protocol: TCP\n${indent}  port: 22\n`));
    expect(readFileSync(file, "utf8")).not.toBe(text);
    const [finding, another] = cli.json(folder, [...only, "."]).findings;
    expect(another).toBeUndefined();
    expect(finding?.message).toMatch(/^NetworkPolicy "shop\/allow-\w+-[0-9a-f]{8}" must not let through what no accepted flow needs: spec\.(in|e)gress\[0\]\.ports\[1\] \(TCP 22\)$/);
    const line = readFileSync(file, "utf8").split("\n").findIndex((one) => one.includes("port: 22"));
    expect(finding?.location).toMatchObject({ file: "policies/shop.yaml", line });
  });

  test("that were lost are missed by the pods that are denied, and those of which flows changed at both ends", () => {
    const { folder, file } = learned();
    const documents = readFileSync(file, "utf8").split(/^---\n/m).filter((text) => text !== "");
    const withoutApi = documents.filter((text) => !text.includes("name: allow-api"));
    expect(withoutApi).toHaveLength(documents.length - 1);
    writeFileSync(file, withoutApi.map((text) => `---\n${text}`).join(""));
    expect(messages(folder, ".")).toEqual(['Deployment "shop/api" must be let through what accepted flows need: TCP 8080 from Deployment shop/web (isolated by NetworkPolicy shop/default-deny, and none of their rules fits)']);
    writeFileSync(file, documents.map((text) => `---\n${text}`).join(""));
    writeFileSync(join(folder, "more.jsonl"), flow("web", "api", 9090));
    expect(cli.run(folder, ["network", "learn", "--flows", "more.jsonl", "--inventory", "apps.yaml", "--output", "other", "--lock"]).code).toBe(0);
    expect(messages(folder, "apps.yaml", "policies").map((message) => message.replace(/:.*?\b(TCP \d+).*/, ": $1"))).toEqual([
      'Deployment "shop/web" must be let through what accepted flows need: TCP 9090', 'Deployment "shop/api" must be let through what accepted flows need: TCP 9090',
      'NetworkPolicy "shop/allow-api" must not let through what no accepted flow needs: TCP 8080', 'NetworkPolicy "shop/allow-web" must not let through what no accepted flow needs: TCP 8080',
    ]);
  });
});

describe("the lockfile of accepted flows", () => {
  test("that is not there is said once, and nothing is judged", () => {
    const folder = cli.folder({ "apps.yaml": apps });
    expect(cli.json(folder, [...only, "."])).toMatchObject({ findings: [], undecided: [], notExamined: [{ rule: "policies-match-flows", reason: "there is no lockfile of accepted flows (bulkhead.flows.json): bulkhead network learn --lock writes one" }] });
    expect(cli.json(folder, ["--rule", "no-privileged", "."])).toMatchObject({ notExamined: [] });
  });

  test.each([
    ["no JSON", "{", "expected JSON, found text that is none"],
    ["another version", '{"version": 2, "edges": []}', "version: expected 1, found 2"],
    ["an edge without a port", '{"version": 1, "edges": [{"from": {"container": "a"}, "to": {"container": "b"}, "protocol": "TCP", "first": "2026-01-05", "last": "2026-01-05"}]}', "edges[0].port: expected a port from 1 to 65535, found nothing"],
  ])("that cannot be read is one finding: %s", (_, text, problem) => {
    const folder = cli.folder({ "apps.yaml": apps, "bulkhead.flows.json": text });
    expect(messages(folder, "apps.yaml")).toEqual([`the program must have a lockfile of accepted flows that can be read: bulkhead.flows.json: ${problem}`]);
  });

  test("is where the configuration says, or what it says is refused", () => {
    const { folder } = learned();
    writeFileSync(join(folder, "conf.yaml"), "flows: { lockfile: none.json }\n");
    expect(cli.json(folder, [...only, "--config", "conf.yaml", "apps.yaml"])).toMatchObject({ notExamined: [{ reason: expect.stringContaining("(none.json)") }] });
    writeFileSync(join(folder, "conf.yaml"), "flows: { lockfil: none.json }\n");
    expect(cli.run(folder, ["check", ...only, "--config", "conf.yaml", "apps.yaml"])).toMatchObject({ code: 2, stderr: expect.stringContaining('conf.yaml:1:10: flows.lockfil: expected "lockfile"') });
  });
});

test("networks of a compose project, by the names of its containers", () => {
  const compose = "services:\n  web: { image: a, networks: [front] }\n  db: { image: b, networks: [front] }\n  cache: { image: c, networks: [front, back] }\nnetworks: { front: {}, back: {} }\n";
  const edge = (from: string, to: string): object => ({ from: { container: from }, to: { container: to }, protocol: "TCP", port: 5432, first: "2026-01-05", last: "2026-01-05" });
  const lock = (...edges: readonly object[]): string => JSON.stringify({ version: 1, edges, workloads: [] });
  const folder = cli.folder({ "compose.yaml": compose, "bulkhead.flows.json": lock(edge("shop-web-1", "shop-db-1")) });
  expect(messages(folder, "compose.yaml")).toEqual(['Network "front" must not join containers that no accepted flow joins: Service "web" and Service "cache"; Service "db" and Service "cache"']);
  writeFileSync(join(folder, "bulkhead.flows.json"), lock(edge("shop-web-1", "shop-db-1"), edge("shop-web-1", "shop-cache-1"), edge("shop-db-1", "shop-cache-1")));
  expect(messages(folder, "compose.yaml")).toEqual([]);
  writeFileSync(join(folder, "compose.yaml"), compose.replace("db: { image: b, networks: [front] }", "db: { image: b, networks: [back] }"));
  expect(messages(folder, "compose.yaml")).toEqual(['Service "web" must be let through what accepted flows need: TCP 5432 to container shop-db-1, as Service "db" does not let it through: no network of its containers leads there']);
});
