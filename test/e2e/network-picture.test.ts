import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { rowsOf } from "../../packages/cli/src/network/edges";
import { readInventoryPaths } from "../../packages/cli/src/network/inputs";
import type { Cluster, ReachEnd } from "../../packages/network-policy/src/index";
import { createReachability } from "../../packages/network-policy/src/index";
import { clusterOf, generateCluster } from "../conformance/clusters.ts";
import { bulkhead, example, examplePage, launch, open, screenshot, violations, type Watched } from "./picture-support.ts";
import { missing, root } from "./support.ts";

type Mode = "before" | "difference" | "after";
interface Row {
  readonly from: string;
  readonly to: string;
  readonly ports: string;
}

/** What is read of an element within the page. */
interface Marked {
  readonly title: string;
  readonly dataset: { readonly [name: string]: string | undefined };
}

const lines = (page: Page): Promise<readonly (Row & { readonly change: string })[]> => page.locator("#lines .line").evaluateAll((all) => all.map((line) => {
  const { from = "", to = "", ports = "", change = "" } = (line as unknown as Marked).dataset;
  return { from, to, ports, change };
}));
const nodes = (page: Page): Promise<readonly string[]> => page.locator(".node:visible").evaluateAll((all) => all.map((node) => (node as unknown as Marked).title));
const table = (page: Page): Promise<readonly (readonly string[])[]> => page.locator("#rows tr").evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));
const show = (page: Page, mode: Mode): Promise<void> => page.locator(`#modes label:has(input[value=${mode}])`).click();
const sorted = (rows: readonly Row[]): readonly string[] => rows.map(({ from, to, ports }) => `${from} -> ${to} ${ports}`).sort();
/** `TCP 80, 8080-8090; UDP all`, and of several kinds of pods `TCP 80; TCP 443`. */
function has(ports: string, port: number): boolean {
  return ports.split("; ").some((part) => part === "all" || (part.startsWith("TCP ") && part.slice(4).split(", ").some((range) => {
    const [first = "", last = first] = range.split("-");
    return range === "all" || (Number(first) <= port && port <= Number(last));
  })));
}

describe.skipIf(missing("chromium"))("the picture of the network, in a browser", () => {
  const folder = mkdtempSync(join(tmpdir(), "bulkhead-picture-"));
  let [browser, made, opened]: [Browser | undefined, Awaited<ReturnType<typeof examplePage>> | undefined, Watched[]] = [undefined, undefined, []];
  beforeAll(async () => {
    made = await examplePage(join(folder, "example"));
    browser = await launch();
  });
  afterEach(async () => {
    const faults = opened.flatMap((watched) => watched.faults);
    await Promise.all(opened.map(({ page }) => page.close()));
    opened = [];
    // Nothing is loaded, and nothing goes wrong, whatever is done with the page.
    expect(faults).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const visit = async (file = made?.page ?? "", options: Parameters<typeof open>[2] = {}): Promise<Page> => {
    const watched = await open(browser as Browser, file, options);
    opened.push(watched);
    return watched.page;
  };
  const write = async (name: string, files: { readonly [name: string]: string }, ...args: readonly string[]): Promise<string> => {
    const file = join(folder, name);
    for (const [input, text] of Object.entries(files)) writeFileSync(join(folder, input), text);
    await bulkhead(folder, "network", ...args, "--format", "html", "--output", file);
    return file;
  };

  test("nodes and lines are what the evaluator says of every pair, before and after", async () => {
    const page = await visit();
    const [old, policies] = [readInventoryPaths([join(example, "workloads.yaml")]).cluster, readInventoryPaths([made?.policies ?? ""]).cluster];
    const addresses = ["198.51.100.25", "203.0.113.10"];
    const ends: readonly (readonly [string, ReachEnd])[] = [
      ...old.workloads.map((workload): readonly [string, ReachEnd] => [`${workload.kind} ${workload.namespace}/${workload.name}`, { kind: "workload", workload }]),
      ...addresses.map((ip): readonly [string, ReachEnd] => [ip, { kind: "address", ip, names: [] }]), ["outside", { kind: "address", ip: "192.0.2.1", names: [] }],
    ];
    expect([...(await nodes(page))].sort()).toEqual(ends.map(([name]) => name).sort());
    for (const [mode, cluster] of [["before", old], ["after", { ...old, policies: policies.policies }]] as const satisfies readonly (readonly [Mode, Cluster])[]) {
      await show(page, mode);
      const drawn = new Map((await lines(page)).map(({ from, to, ports }) => [`${from} -> ${to}`, ports]));
      const { allows } = createReachability(cluster);
      let connections = 0;
      for (const [from, source] of ends) for (const [to, target] of ends) {
        if (from === to || (source.kind === "address" && target.kind === "address")) continue;
        const ports = drawn.get(`${from} -> ${to}`);
        if (ports !== undefined) connections++;
        for (const port of [4, 587, 5432, 5672, 6379, 8080, 8443, 9090]) expect(`${mode} ${from} -> ${to} ${port} ${ports !== undefined && has(ports, port)}`).toBe(`${mode} ${from} -> ${to} ${port} ${allows(source, target, "TCP", port).allowed}`);
      }
      expect(drawn.size).toBe(connections);
      expect((await table(page)).map(([from = "", to = "", ports = ""]) => `${from} -> ${to} ${ports}`).sort()).toEqual(sorted(await lines(page)));
    }
    await show(page, "difference");
    const counted = (wanted: string): Promise<number> => lines(page).then((all) => all.filter(({ change }) => change === wanted).length);
    expect({ new: await counted("new"), changed: await counted("changed"), kept: await counted("kept"), removed: await counted("removed") }).toEqual({ new: 2, changed: 10, kept: 1, removed: 40 });
  });

  test("the lines are those of network reach, of generated clusters and of containers", async () => {
    let drawn = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const { namespaces, pods, policies } = generateCluster(seed);
      const items = [
        ...Object.entries(namespaces).map(([name, labels]) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } })),
        ...pods.map(({ namespace, name, labels, ip, ports }) => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels }, spec: { containers: [{ name: "a", image: "a", ports }] }, status: { podIP: ip, podIPs: [{ ip }] } })),
        ...policies.map((policy) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", ...policy })),
      ];
      const input = JSON.stringify({ apiVersion: "v1", kind: "List", items });
      const page = await visit(await write(`generated-${seed}.html`, { [`${seed}.json`]: input }, "reach", `${seed}.json`));
      const { rows } = rowsOf({ ...readInventoryPaths([join(folder, `${seed}.json`)]).cluster, ...clusterOf(namespaces, pods, policies) });
      expect([seed, sorted(await lines(page))]).toEqual([seed, sorted(rows)]);
      drawn += rows.length;
      await opened.pop()?.page.close();
    }
    process.stderr.write(`picture: ${drawn} lines of 12 generated clusters, each as network reach has it\n`);
    expect(drawn).toBeGreaterThan(100);
    const compose = "services:\n  web: { image: a, ports: [\"8080:80\"], networks: [front, back] }\n  db: { image: b, networks: [back] }\n  mail: { image: c, networks: [front] }\nnetworks:\n  front: {}\n  back: { internal: true }\n";
    const page = await visit(await write("compose.html", { "compose.yaml": compose }, "reach", "compose.yaml"));
    expect(sorted(await lines(page))).toEqual(sorted([["db", "web"], ["web", "db"], ["web", "mail"], ["mail", "web"]].map(([from, to]) => ({ from: `container ${from}`, to: `container ${to}`, ports: "all" })).concat([{ from: "container mail", to: "outside", ports: "all" }, { from: "container web", to: "outside", ports: "all" }, { from: "outside", to: "container web", ports: "TCP 80" }])));
    await page.locator("#groups label", { hasText: "back" }).click();
    await page.getByLabel("with their peers").uncheck();
    expect([...(await nodes(page))].sort()).toEqual(["container db", "container web"]);
  }, 180_000);

  test("a namespace alone, and with whom it talks; a search; all of it in the table as well", async () => {
    const page = await visit();
    await show(page, "after");
    await page.locator("#groups label", { hasText: "data" }).click();
    const data = ["StatefulSet data/cache", "StatefulSet data/orders-db", "StatefulSet data/queue"];
    expect([...(await nodes(page))].sort()).toEqual(["Deployment shop/api", "Deployment shop/worker", ...data]);
    expect(await lines(page)).toHaveLength(5);
    expect(await table(page)).toHaveLength(5);
    await page.getByLabel("with their peers").uncheck();
    expect([...(await nodes(page))].sort()).toEqual(data);
    expect([await lines(page), await table(page)]).toEqual([[], []]);
    await page.getByRole("button", { name: "Show all" }).click();
    expect(await nodes(page)).toHaveLength(12);
    await page.getByLabel("Find a workload").fill("PROM");
    expect(await page.locator("#status").textContent()).toMatch(/^1 match for PROM\./);
    expect(await page.locator(".node:visible:not(.unmatched)").evaluateAll((all) => all.map((node) => (node as unknown as Marked).title))).toEqual(["Deployment monitoring/prometheus"]);
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.title")).toBe("Deployment monitoring/prometheus");
  });

  test("a workload that is clicked says who reaches it and why, before and after", async () => {
    const page = await visit();
    await page.locator('[title="Deployment shop/api"]').click();
    const details = page.getByRole("complementary", { name: "Details" });
    expect(await details.getByRole("heading", { level: 2 }).textContent()).toBe("api");
    const gateway = details.locator("[data-direction=ingress] li", { hasText: "Deployment edge/gateway" });
    const text = ((await gateway.textContent()) ?? "").replace(/\s+/g, " ");
    expect(text).toMatch(/± other portsall → TCP 8080before: allsenderNetworkPolicy edge\/gateway egress\[0\]receiverNetworkPolicy shop\/shop ingress\[0\]after: TCP 8080senderNetworkPolicy edge\/allow-gateway-\w+ egress\[\d\]receiverNetworkPolicy shop\/allow-api-\w+ ingress\[\d\]seenTCP 8080: 194 flows from 2026-08-03T08:00:00Z to 2026-08-16T18:00:00Z \(flows\.csv:4\)$/);
    expect(await details.locator("[data-direction=egress] li", { hasText: "outside" }).textContent()).toContain("no policy applies to its egress");
    await details.getByRole("button", { name: "StatefulSet data/cache" }).click();
    expect(await details.getByRole("heading", { level: 2 }).textContent()).toBe("cache");
    await show(page, "before");
    expect(await details.locator(".policies").textContent()).toBe("ingressNetworkPolicy data/dataegressNetworkPolicy data/data");
    expect(await details.locator("[data-direction=ingress] li").count()).toBe(4);
    await details.getByRole("button", { name: /^Close/ }).click();
    expect(await details.getByRole("heading", { level: 2 }).first().textContent()).toBe("What changes");
  });

  test("names that are code are text, and what is injected does not run", async () => {
    const names = ["</script><script>globalThis.broken=1</script>", "<img src=x onerror=globalThis.broken=1>", "\"><svg/onload=globalThis.broken=1>", "'+alert(1)+'", "&lt;b&gt;", "a\u202Eb", "__proto__"];
    const items = names.map((name) => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: name, labels: { app: name } }, spec: { containers: [{ name, image: "a" }] } }));
    const file = await write("hostile.html", { "hostile.json": JSON.stringify({ apiVersion: "v1", kind: "List", items }) }, "reach", "hostile.json");
    const page = await visit(file);
    await page.locator(".node").nth(1).click();
    const written = names.map((name) => name.replace("\u202E", "\uFFFD")).sort();
    expect((await page.locator(".node:visible .label").allTextContents()).filter((label) => label !== "Every other address").sort()).toEqual(written);
    expect((await page.locator(".lane-name bdi").allTextContents()).filter((label) => label !== "Outside").sort()).toEqual(written);
    expect(await page.locator("main img, main svg svg, main script").count()).toBe(0);
    // Even what gets in is stopped by the page's own policy, which says so.
    await page.evaluate('{ const script = document.createElement("script"); script.textContent = "globalThis.broken = 1"; document.body.append(script); }');
    expect(await page.evaluate(() => (globalThis as { readonly broken?: number }).broken)).toBeUndefined();
    const [{ faults }] = opened.splice(0) as [Watched];
    expect(faults).toEqual([expect.stringMatching(/^console: Executing inline script violates the following Content Security Policy directive/)]);
    await page.close();
  });

  test("three hundred workloads: no more lines than can be told apart, and everything can still be found", async () => {
    const items = Array.from({ length: 300 }, (_, index) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: `w${index}`, namespace: `team-${index % 20}`, labels: { app: `w${index}` } }, spec: { containers: [{ name: "a", image: "a" }] } }));
    const deny = Array.from({ length: 20 }, (_, index) => ({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name: "own", namespace: `team-${index}` }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{ from: [{ podSelector: { matchLabels: { app: `w${index}` } } }] }], egress: [{ to: [{ podSelector: {} }] }] } }));
    const list = (all: readonly object[]): string => JSON.stringify({ apiVersion: "v1", kind: "List", items: all });
    const file = await write("many.html", { "many.json": list(items), "deny.json": list([...items, ...deny]) }, "reach", "deny.json", "--before", "many.json");
    const page = await visit(file);
    expect(await page.locator("#modes label").allTextContents()).toEqual(["Before 90,300", "Difference 90,020", "After 280"].map((text) => expect.stringMatching(text)));
    expect((await lines(page)).length).toBeLessThanOrEqual(1200);
    expect(await page.locator("#dense").textContent()).toMatch(/removed connections: drawn for the workload that is pointed at or chosen/);
    await page.locator('[title="Pod team-3/w3"]').click();
    expect((await lines(page)).length).toBe(600);
    expect(await table(page)).toHaveLength(200);
    await page.locator("#more-rows").click();
    expect(await table(page)).toHaveLength(400);
    await show(page, "after");
    expect(await lines(page)).toHaveLength(280);
  });

  test("with the keyboard alone: everything that takes the focus is seen to have it, and leads on", async () => {
    const page = await visit();
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) await page.keyboard.press(key);
    };
    const focused = (): Promise<string> => page.evaluate(`{
      const own = document.activeElement;
      (own.title || own.id || own.getAttribute("aria-label") || own.getAttribute("aria-labelledby") || own.value || own.textContent).trim();
    }`);
    const stops: string[] = [];
    for (let stop = 0; stop < 40; stop++) {
      await press("Tab");
      if ((await page.evaluate("document.activeElement === document.body")) === true) break;
      stops.push(await focused());
      // A box that is drawn as something else shows the focus there.
      const seen = await page.evaluate(`{
        const own = document.activeElement;
        const shown = own.type === "radio" ? own.nextElementSibling : own.type === "checkbox" ? own.closest("label") : own;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
      }`);
      expect([stops.at(-1), seen]).toEqual([stops.at(-1), true]);
    }
    expect(stops).toEqual(["Skip to the picture", "Skip to the table of connections", "difference", "search", "0", "1", "2", "3", "4", "203.0.113.10", "zoom-out", "zoom-in", "zoom-fit", "Details", "table-heading"].map((name) => expect.stringContaining(name)));
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    await press("Tab", "Enter", "Tab");
    expect(await focused()).toBe("203.0.113.10");
    await press("ArrowDown");
    expect(await focused()).toBe("Deployment edge/gateway");
    await press("ArrowDown", "ArrowDown", "ArrowRight");
    expect(await focused()).toMatch(/^Deployment shop\/(api|mailer)$/);
    await press("End");
    expect(await focused()).toBe("StatefulSet data/queue");
    await press("Home", "ArrowDown", "Enter");
    expect(await page.locator("#details-name").textContent()).toBe("gateway");
    expect(await page.locator("#status").textContent()).toBe("Deployment edge/gateway: reached by 8 peers, reaches 4 peers. The details follow the picture.");
    expect(await page.locator(".node[aria-pressed=true]").getAttribute("title")).toBe("Deployment edge/gateway");
    await press("Tab", "Tab", "Tab", "Tab", "Tab", "Tab", "Enter");
    expect(await page.locator("#details-name").textContent()).not.toBe("gateway");
    await press("Escape");
    expect(await page.locator("#details").isHidden()).toBe(true);
    // To the choice of sides, whose options the arrow keys lead through.
    await page.locator("#modes input:checked").focus();
    await press("ArrowRight");
    expect([await lines(page), await page.locator("#table-caption").textContent()]).toEqual([expect.objectContaining({ length: 13 }), "13 connections, after"]);
    await press("Tab", "Tab", "Space");
    expect([...(await nodes(page))].filter((name) => name.includes("shop/"))).toHaveLength(2);
  });

  test.each(["light", "dark"] as const)("axe finds nothing to say against it, in the %s colours", async (colorScheme) => {
    const page = await visit(made?.page, { colorScheme });
    expect(await violations(page)).toEqual([]);
    await page.locator('[title="Deployment shop/api"]').click();
    expect(await violations(page)).toEqual([]);
    await show(page, "before");
    await page.locator("#groups label", { hasText: "data" }).click();
    await page.getByLabel("Find a workload").fill("cache");
    expect(await violations(page)).toEqual([]);
    const narrow = await visit(made?.page, { colorScheme, viewport: { width: 360, height: 720 } });
    expect(await violations(narrow)).toEqual([]);
    expect(await narrow.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  }, 240_000);

  test("where nothing runs the page says so", async () => {
    const page = await visit(await write("empty.html", { "empty.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n" }, "reach", "empty.yaml"));
    expect(await page.locator("#dense:visible").textContent()).toBe("No workload and no container was found");
    expect([await nodes(page), await table(page)]).toEqual([[], []]);
  });

  test("it follows the reader's colours, and stands still for who wants that", async () => {
    const look = (page: Page): Promise<readonly [string, string]> => page.evaluate('[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.querySelector(".node")).transitionDuration]');
    const [light, dark] = [await look(await visit(made?.page, { colorScheme: "light" })), await look(await visit(made?.page, { colorScheme: "dark", reducedMotion: "reduce" }))];
    expect(light[0]).not.toBe(dark[0]);
    expect([light[1], dark[1]]).toEqual([expect.not.stringMatching(/^0s$/), "0s"]);
  });

  test("the same input makes the same bytes, and the README shows it as it is", async () => {
    const again = await examplePage(join(folder, "again"));
    expect(readFileSync(again.page).equals(readFileSync(made?.page ?? ""))).toBe(true);
    const [shown, drawn] = [readFileSync(join(example, "picture.png")), await screenshot(browser as Browser, made?.page ?? "")];
    const size = (png: Buffer): readonly number[] => [png.readUInt32BE(16), png.readUInt32BE(20)];
    expect(size(drawn)).toEqual(size(shown));
    expect(Math.max(shown.length, drawn.length)).toBeLessThan(200_000);
    expect(readFileSync(join(root, "README.md"), "utf8").includes("(examples/network/picture.png)")).toBe(true);
  });
});
