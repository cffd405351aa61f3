import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HardenedCronJob, HardenedDaemonSet, HardenedDeployment, HardenedJob, HardenedStatefulSet } from "../../packages/components/src/kubernetes/index";
import { registered } from "../../packages/components/test/mocks";
import type { Flow, Learned, Observations, Peer, SeenEdge, WorkloadName } from "../../packages/network-policy/src/index";
import { containerLinks, dockerNetworks, learn, observeOriented, Orienter, segment, workloadLinks } from "../../packages/network-policy/src/index";
import { installPackages } from "../e2e/pids-support.ts";
import { root } from "../e2e/support.ts";
import { run } from "../toolchain/run.ts";
import type { KubernetesObject } from "../toolchain/api-client.ts";
import { podOf } from "../toolchain/api-client.ts";
import { generateCluster } from "./network-clusters.ts";
import type { PodEnd, Policy } from "./reachability.ts";
import { reaches } from "./reachability.ts";

const seeds = Array.from({ length: 24 }, (_, index) => index + 1);

function learned(flows: readonly Flow[], inventory?: Parameters<typeof observeOriented>[1]): { readonly observations: Observations; readonly learned: Learned } {
  const orienter = new Orienter();
  for (const flow of flows) orienter.add(flow);
  const observations = observeOriented(orienter.finish(), inventory);
  return { observations, learned: learn({ observations, options: { isolates: () => true }, ...(inventory === undefined ? {} : { inventory }) }) };
}

/** Names that end a comment or a text, that the language has for itself, that two would share, or that are none. */
const hostile = ["class", "arguments", "await", "constructor", "__proto__", "*/process.exit(1)/*", "a\nb", "`${x}`", "\"'\\", "web-1", "web_1", "1", "ü", "", "linkObserved", "guard", "docker", "opts", "networks", "Workload", "Containers", "undefined", "x".repeat(300)];

function edge(from: Peer, to: Peer, port: number, protocol: SeenEdge["protocol"] = "TCP"): SeenEdge {
  return { from, to, protocol, ...(protocol === "ICMP" ? {} : { port }), first: 0, last: 0, count: 1, verdict: "forwarded", at: ["a\n*/b"], ips: [] };
}

const container = (name: string): Peer => ({ kind: "container", name });
const ring = (peers: readonly Peer[]): readonly SeenEdge[] => peers.map((from, index) => edge(from, peers[(index + 1) % peers.length] as Peer, 8000 + index, index % 5 === 0 ? "UDP" : "TCP"));
const containers = ring(hostile.map(container));
const inventory = { containers: hostile.slice(0, 4).map((name) => ({ name, networks: [{ network: "all", aliases: hostile }], ports: [], published: [{ hostIp: "0.0.0.0", hostPort: 1, port: 80, protocol: "TCP" as const }], from: "test" })), networks: [] };

describe("the TypeScript that is written", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "bulkhead-typescript-"));
    installPackages(folder, "linked");
    symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
    mkdirSync(join(folder, "src"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test("compiles with every check there is: links of workloads, links of containers, and networks, whatever things are called", { timeout: 240_000 }, async () => {
    const named: Flow[] = hostile.map((name, index) => ({ source: { namespace: "shop", pod: `${name}-0`, workload: { namespace: "shop", kind: "StatefulSet", name }, labels: { app: name } }, destination: { namespace: "shop", pod: "db-0", workload: { namespace: "shop", kind: "StatefulSet", name: "db" }, labels: { app: "db" } }, protocol: "TCP", port: 5432 + index, direction: "request", verdict: "forwarded", first: 1, last: 1, count: 1, at: "x" }));
    const outer: Flow = { source: { namespace: "shop", pod: "db-0", labels: { app: "db" } }, destination: { ip: "192.0.2.7" }, protocol: "SCTP", port: 443, direction: "request", verdict: "forwarded", first: 1, last: 1, count: 1, at: "x" };
    const links = [...seeds.map((seed) => learned(generateCluster(seed).flows, generateCluster(seed).cluster)), learned([...named, outer]), learned([])].map(({ observations, learned: { plan } }) => workloadLinks(observations.edges, plan).text);
    const several = [[], containers, [...containers, edge(container("1"), container("ü"), 9, "ICMP"), edge(container("class"), { kind: "address", ip: "192.0.2.7", names: [] }, 443), edge(container("class"), container("arguments"), 1)]] as const;
    const docker = several.flatMap((edges) => [undefined, inventory].flatMap((known) => [dockerNetworks(segment(edges, known)), containerLinks(edges, segment(edges, known)).text]));
    const modules = [...links, ...docker];
    expect(modules.filter((text) => text.includes(".allowTo("))).not.toEqual([]);
    expect(modules.filter((text) => text.includes(".allowToInternet("))).not.toEqual([]);
    for (const [index, text] of modules.entries()) writeFileSync(join(folder, `src/module${index}.ts`), text);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { target: "es2023", module: "node16", strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noUnusedLocals: true, noUnusedParameters: true, noImplicitOverride: true, skipLibCheck: true, types: ["node"], noEmit: true }, include: ["src"] }));
    const { code, stdout } = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { cwd: folder });
    expect([code, stdout]).toEqual([0, ""]);
  });

  test("a mistake in it would be found", { timeout: 240_000 }, async () => {
    const { observations, learned: { plan } } = learned(generateCluster(3).flows, generateCluster(3).cluster);
    const wrong = workloadLinks(observations.edges, plan).text.replace(/\.allowTo\(/, ".allowsTo(");
    writeFileSync(join(folder, "wrong.ts"), wrong);
    const { code, stdout } = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--strict", "--skipLibCheck", "--module", "node16", "--noEmit", "--types", "node", join(folder, "wrong.ts")], { cwd: folder });
    expect(code).not.toBe(0);
    expect(stdout).toContain("allowsTo");
  });
});

const least = { image: "registry.example.com/shop/web:1.4.2", memory: "128Mi" };

/** A component in place of a workload of the flows, in the same namespace. */
function component({ kind, namespace, name }: WorkloadName): HardenedDeployment | HardenedStatefulSet | HardenedDaemonSet | HardenedJob | HardenedCronJob {
  const own = componentName({ kind, namespace, name });
  if (kind === "StatefulSet") return new HardenedStatefulSet(own, { ...least, namespace });
  if (kind === "DaemonSet") return new HardenedDaemonSet(own, { ...least, namespace });
  if (kind === "Job") return new HardenedJob(own, { ...least, namespace });
  if (kind === "CronJob") return new HardenedCronJob(own, { ...least, namespace, schedule: "@daily" });
  return new HardenedDeployment(own, { ...least, namespace });
}

function componentName({ kind, namespace, name }: WorkloadName): string {
  return `${kind}-${namespace}-${name}`.toLowerCase();
}

describe("links of workloads, run", () => {
  test.each(seeds)("let through what was seen, and what was not seen between the same ends they do not: cluster %i", async (seed) => {
    const { cluster, flows } = generateCluster(seed);
    const { observations: { edges }, learned: { plan } } = learned(flows, cluster);
    const { text, left } = workloadLinks(edges, plan);
    const module: { exports: { linkObserved?: (workloads: object) => void } } = { exports: {} };
    new Function("module", "exports", "require", transformSync(text, { loader: "ts", format: "cjs" }).code)(module, module.exports, () => ({}));
    const properties = [...text.matchAll(/\/\*\* (\S+) (\S+)\/(\S+) \*\/\n {2}readonly (\w+): Workload;/g)].map(([, kind = "", namespace = "", name = "", property = ""]) => ({ workload: { kind, namespace, name }, property }));
    const resources = await registered(() => module.exports.linkObserved?.(Object.fromEntries(properties.map(({ workload, property }) => [property, component(workload)]))));
    const namespaceOf = (inputs: { readonly [key: string]: unknown }): string => (inputs["metadata"] as { readonly namespace?: string }).namespace ?? "default";
    const policies = resources.filter(({ type }) => type.endsWith(":NetworkPolicy")).map(({ inputs }) => ({ ...inputs, metadata: { namespace: namespaceOf(inputs) } }) as unknown as Policy);
    const pods = new Map<string, PodEnd>(resources.filter(({ type }) => /^kubernetes:.*:(Deployment|StatefulSet|DaemonSet|CronJob|Job)$/.test(type)).map(({ name, inputs }, index) => {
      const { metadata: { labels = {} } } = podOf({ ...inputs, metadata: { name } } as unknown as KubernetesObject);
      return [name, { namespace: namespaceOf(inputs), labels, ip: `10.1.0.${index + 1}`, ports: [] }];
    }));
    const namespaces = Object.fromEntries(cluster.namespaces.map(({ name }) => [name, { "kubernetes.io/metadata.name": name }]));
    const podFor = (peer: Peer): PodEnd | undefined => (peer.kind === "workload" ? pods.get(componentName(peer.workload)) : undefined);
    const between = edges.filter(({ from, to, protocol }) => from.kind === "workload" && to.kind === "workload" && protocol !== "ICMP" && componentName(from.workload) !== componentName(to.workload));
    const judge = ({ from, to, protocol }: SeenEdge, port: number): boolean => {
      const [source, target] = [podFor(from), podFor(to)];
      if (source === undefined || target === undefined) throw new Error(`${JSON.stringify([from, to])} has no component, and is not among ${JSON.stringify(left)}`);
      return reaches(source, target, port, protocol, policies, namespaces);
    };
    expect(between.filter((seen) => !judge(seen, seen.port ?? 0))).toEqual([]);
    expect(between.filter((seen) => judge(seen, 1))).toEqual([]);
  });
});
