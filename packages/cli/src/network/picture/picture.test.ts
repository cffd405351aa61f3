import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readInventory } from "@bulkhead/network-policy";
import { expect, test } from "vitest";
import { rowsOf } from "../edges.ts";
import { pictureData } from "./data.ts";
import { expand, portsOf, viewOf } from "./page/view.ts";
import type { PictureData } from "./shape.ts";
import { escapeHtml, renderPage } from "./template.ts";

const pod = (namespace: string, name: string): object => ({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name, labels: { app: name } }, spec: { containers: [{ name: "a", image: "a" }] } });
const policy = (name: string, spec: object): object => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { namespace: "shop", name }, spec });
const only = (app: string, port: number): object => ({ podSelector: {}, policyTypes: ["Ingress"], ingress: [{ from: [{ podSelector: { matchLabels: { app } } }], ports: [{ port }] }] });
const cluster = (...documents: readonly object[]): ReturnType<typeof readInventory> => readInventory([pod("shop", "web"), pod("shop", "api"), pod("data", "db"), ...documents].map((value) => ({ value, from: "test.yaml" })));
const open = { label: "old", cluster: cluster() };
const closed = { label: "new", cluster: cluster(policy("web-only", only("web", 8080)), policy("outside", { podSelector: { matchLabels: { app: "api" } }, egress: [{ to: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }], policyTypes: ["Egress"] })) };
const changesOf = (data: PictureData): readonly string[] => expand(data).map(({ from, to, change, before, after }) => `${data.nodes[from]?.name} -> ${data.nodes[to]?.name}: ${change}, ${portsOf(before, data)} | ${portsOf(after, data)}`);

test("both sides hold the same ends: a block that one side names is not new on the other", () => {
  const data = pictureData("old → new", { before: open, after: closed });
  expect(changesOf(data)).toEqual([
    "Pod data/db -> 192.0.2.0-192.0.2.255: kept, all | all", "Pod data/db -> Pod shop/api: removed, all | ", "Pod data/db -> Pod shop/web: removed, all | ", "Pod data/db -> outside: kept, all | all",
    "Pod shop/api -> 192.0.2.0-192.0.2.255: kept, all | all", "Pod shop/api -> Pod data/db: removed, all | ", "Pod shop/api -> Pod shop/web: removed, all | ", "Pod shop/api -> outside: removed, all | ",
    "Pod shop/web -> 192.0.2.0-192.0.2.255: kept, all | all", "Pod shop/web -> Pod data/db: kept, all | all", "Pod shop/web -> Pod shop/api: changed, all | TCP 8080", "Pod shop/web -> outside: kept, all | all",
    "192.0.2.0-192.0.2.255 -> Pod data/db: kept, all | all", "192.0.2.0-192.0.2.255 -> Pod shop/api: removed, all | ", "192.0.2.0-192.0.2.255 -> Pod shop/web: removed, all | ",
    "outside -> Pod data/db: kept, all | all", "outside -> Pod shop/api: removed, all | ", "outside -> Pod shop/web: removed, all | ",
  ].sort((a, b) => names(data, a) - names(data, b)));
  expect(changesOf(pictureData("new → old", { before: closed, after: open }))).toContain("Pod data/db -> Pod shop/api: new,  | all");
});

/** The place of a line by its ends. */
function names({ nodes }: PictureData, line: string): number {
  const [from = "", to = ""] = (line.split(": ")[0] ?? "").split(" -> ");
  return nodes.findIndex(({ name }) => name === from) * nodes.length + nodes.findIndex(({ name }) => name === to);
}

test("one side alone has the rows of network reach, and for each the rule at either end", () => {
  const data = pictureData("new", { after: closed });
  const found = expand(data);
  expect(found.map(({ from, to, after }) => ({ from: data.nodes[from]?.name, to: data.nodes[to]?.name, ports: portsOf(after, data) })).sort((a, b) => (`${a.from}\n${a.to}` < `${b.from}\n${b.to}` ? -1 : 1))).toEqual(rowsOf(closed.cluster).rows);
  const at = (name: string): number => data.nodes.findIndex((node) => node.name === name);
  const [link] = found.find(({ from, to }) => from === at("Pod shop/web") && to === at("Pod shop/api"))?.after ?? [];
  expect([data.texts[link?.egress ?? 0], data.texts[link?.ingress ?? 0]]).toEqual(["no policy applies to its egress", "NetworkPolicy shop/web-only ingress[0]"]);
  expect(data.after.policies[at("Pod shop/api")]).toEqual({ ingress: [data.texts.indexOf("NetworkPolicy shop/web-only")], egress: [data.texts.indexOf("NetworkPolicy shop/outside")] });
  expect(data.after.policies[at("outside")]).toBeNull();
  expect(data.nodes.map(({ name, groups: [group = 0] }) => `${name}: ${data.groups[group]?.name}`)).toEqual(["192.0.2.0-192.0.2.255: Outside", "Pod data/db: data", "Pod shop/api: shop", "Pod shop/web: shop", "outside: Outside"]);
});

test("what a learned policy notes of its rules stands with the connections that it was seen of", () => {
  const note = "Pod shop/web -> Pod shop/api TCP 8080: 3 flows from a to b (flows.jsonl:1); Pod data/db -> Pod shop/api TCP 8080: 1 flow from a to b; Pod none -> Pod shop/api TCP 1: 2 flows; and 4 more";
  const learned = { ...policy("web-only", only("web", 8080)), metadata: { namespace: "shop", name: "web-only", annotations: { "bulkhead.dev/ingress-0": note, "other": "Pod shop/web -> Pod shop/api TCP 1: no" } } };
  const data = pictureData("x", { after: { label: "x", cluster: cluster(learned) } });
  expect(data.after.seen.map(([from, to, text]) => `${data.nodes[from]?.name} -> ${data.nodes[to]?.name} ${data.texts[text]}`)).toEqual(["Pod data/db -> Pod shop/api TCP 8080: 1 flow from a to b", "Pod shop/web -> Pod shop/api TCP 8080: 3 flows from a to b (flows.jsonl:1)"]);
});

test("a filter leaves the chosen groups, and who they talk to", () => {
  const data = pictureData("old → new", { before: open, after: closed });
  const view = (withPeers: boolean, group = "shop"): readonly string[] => [...viewOf(data, expand(data), { mode: "after", groups: new Set([data.groups.findIndex(({ name }) => name === group)]), withPeers }).nodes].map((node) => data.nodes[node]?.name ?? "").sort();
  expect(view(false)).toEqual(["Pod shop/api", "Pod shop/web"]);
  expect(view(true)).toEqual(["192.0.2.0-192.0.2.255", "Pod data/db", "Pod shop/api", "Pod shop/web", "outside"]);
  // The web only calls, and is not called.
  expect(view(true, "data")).toEqual(["192.0.2.0-192.0.2.255", "Pod data/db", "Pod shop/web", "outside"]);
});

/** Of two colours, as WCAG 2 defines it. */
function contrast(one: string, other: string): number {
  const light = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255).map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [high = 0, low = 0] = [light(one), light(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

test("texts stand out from every ground that they are on, and lines and borders from theirs, in both sets of colours (WCAG 1.4.3, 1.4.11)", () => {
  const style = readFileSync(join(__dirname, "page/page.css"), "utf8");
  const sets = [...style.matchAll(/:root \{([^}]*)\}/g)].map(([, block = ""]) => Object.fromEntries([...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", color = ""]) => [name, color])));
  expect(sets).toHaveLength(2);
  const grounds = ["page", "surface", "lane"];
  const pairs = [...["text", "muted", "new", "removed", "changed", "focus"].flatMap((text) => grounds.map((ground) => [text, ground, 4.5] as const)), ["open", "open-soft", 4.5], ["text", "focus-soft", 4.5], ["muted", "focus-soft", 4.5], ["page", "text", 4.5], ...["line", "edge"].flatMap((line) => grounds.map((ground) => [line, ground, 3] as const))] as const;
  const low = sets.flatMap((colors, index) => pairs.flatMap(([one, other, least]) => (contrast(colors[one] ?? "", colors[other] ?? "") >= least ? [] : [`${index === 0 ? "light" : "dark"}: ${one} on ${other}, less than ${least}`])));
  expect(low).toEqual([]);
});

test("the page is the same for the same input, whatever order that came in, and lets only its own script run", () => {
  const assets = { script: "1;", style: "a{}" };
  const page = renderPage(pictureData("x", { after: closed }), assets);
  const { cluster: { workloads, ...rest } } = closed;
  expect(renderPage(pictureData("x", { after: { label: "new", cluster: { ...rest, workloads: [...workloads].reverse() } } }), assets).length).toBe(page.length);
  expect(renderPage(pictureData("x", { after: closed }), assets)).toBe(page);
  const sha = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(page).toContain(`content="default-src 'none'; script-src ${sha("1;")}; style-src ${sha("a{}")}; base-uri 'none'; form-action 'none'"`);
  expect(page).not.toMatch(/\b(src|href|url\()=?["'(]?(https?:|\/\/)/);
});

test("what a name holds ends no element and begins none", () => {
  const name = "</script><b title='&\">";
  const data = pictureData(name, { after: { label: name, cluster: cluster(pod(name, name)) } });
  const page = renderPage({ ...data, notes: [name] }, { script: "", style: "" });
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(page).not.toContain("<b title");
  const [, json = ""] = /<script type="application\/json" id="data">(.*)<\/script>\n<script>/.exec(page) ?? [];
  expect((JSON.parse(json) as PictureData).nodes.some(({ label }) => label === name)).toBe(true);
  expect(escapeHtml(name)).toBe("&lt;/script&gt;&lt;b title=&#39;&amp;&quot;&gt;");
});

test("containers stand on their networks, with what they reach outside and the ports that are published", () => {
  const compose = { services: { web: { image: "a", ports: ["8080:80"], networks: ["front", "back"] }, db: { image: "b", networks: ["back"] } }, networks: { front: {}, back: { internal: true } } };
  const data = pictureData("compose.yaml", { after: { label: "compose.yaml", cluster: readInventory([{ value: compose, from: "compose.yaml", type: "compose" }]) } });
  const places = data.nodes.map(({ name, groups }) => `${name}: ${groups.map((group) => data.groups[group]?.name).join(", ")}`);
  expect(places).toEqual(["container db: back", "container web: back, front", "outside: Outside"]);
  expect(changesOf(data)).toEqual(["container db -> container web: kept,  | all", "container web -> container db: kept,  | all", "container web -> outside: kept,  | all", "outside -> container web: kept,  | TCP 80"]);
});
