import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { describe, expect, test } from "vitest";
import { readAll } from "../../packages/cli/src/read/read";
import type { Cluster, Flow, NetworkPolicy, Workload } from "../../packages/network-policy/src/index";
import { createObserver, learn, readInventory } from "../../packages/network-policy/src/index";
import { sharedData } from "../e2e/support.ts";
import type { Outside, PodEnd, Policy } from "./reachability.ts";
import { reaches } from "./reachability.ts";

const analyzer = join(sharedData, "cluster-topology-analyzer");
const synthesizer = join(sharedData, "netpol-synthesizer/tests");
for (const folder of [analyzer, synthesizer]) if (!existsSync(folder)) process.stderr.write(`skipped for want of ${folder}: golden edges\n`);

interface Case {
  readonly id: string;
  readonly manifests: readonly string[];
  readonly allowed_edges: readonly (readonly [string, string, Flow["protocol"], number])[];
}

function learnFrom(flows: readonly Flow[], cluster: Cluster): readonly NetworkPolicy[] {
  const observer = createObserver(cluster);
  for (const flow of flows) observer.add(flow);
  return learn({ observations: observer.finish(), inventory: cluster }).policies;
}

const flowOf = (source: Flow["source"], destination: Flow["destination"], protocol: Flow["protocol"], port: number): Flow => ({ source, destination, protocol, port, direction: "request", verdict: "forwarded", first: 0, last: 0, count: 1, at: "golden" });

/** Every pair of ends at every port, as far as the policies let it through. */
function edgesOf(policies: readonly Policy[], ends: ReadonlyMap<string, PodEnd | Outside>, ports: readonly (readonly [Flow["protocol"], number])[]): readonly string[] {
  const found: string[] = [];
  for (const [from, source] of ends) {
    for (const [to, target] of ends) {
      if (from === to || (!("labels" in source) && !("labels" in target))) continue;
      for (const [protocol, port] of ports) if (reaches(source, target, port, protocol, policies, { default: { "kubernetes.io/metadata.name": "default" } })) found.push(`${from} -> ${to} ${protocol} ${port}`);
    }
  }
  return found.sort();
}

const podOf = ({ namespace, labels, ports }: Workload, index: number): PodEnd => ({ namespace, labels, ip: `10.9.0.${index + 1}`, ports: ports.map(({ name, port, protocol }) => ({ ...(name === undefined ? {} : { name }), containerPort: port, protocol })) });

describe.skipIf(!existsSync(analyzer))("the edges of cluster-topology-analyzer", () => {
  const cases = existsSync(analyzer) ? readFileSync(join(analyzer, "cases.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(line) as Case) : [];

  test.each(cases.map((one) => [one.id, one] as const))("%s: what is learned from flows of its edges lets through its edges", (id, { manifests, allowed_edges: golden }) => {
    const documents = [...readAll(manifests.map((file) => join(analyzer, file)))].flatMap(({ file, documents: found }) => found.map(({ value }) => ({ value, from: file })));
    const read = readInventory(documents);
    const cluster: Cluster = { ...read, policies: [], workloads: read.workloads.map((workload) => ({ ...workload, addresses: [] })) };
    const nameOf = ({ namespace, name, kind }: Workload): string => `${namespace}/${name}[${kind}]`;
    const ends = new Map<string, PodEnd | Outside>(cluster.workloads.map((workload, index) => [nameOf(workload), podOf(workload, index)]));
    const end = (name: string): Flow["source"] => {
      const workload = cluster.workloads.find((one) => nameOf(one) === name);
      return workload === undefined ? { ip: name } : { workload: { namespace: workload.namespace, kind: workload.kind, name: workload.name } };
    };
    for (const [from] of golden) if (!from.includes("/")) ends.set(from, { ip: from });
    const flows = golden.map(([from, to, protocol, port]) => flowOf(end(from), end(to), protocol, port));
    const edges = edgesOf(learnFrom(flows, cluster), ends, [...new Map(golden.map(([, , protocol, port]) => [`${protocol} ${port}`, [protocol, port] as const])).values()]);
    process.stderr.write(`${id}: ${edges.length} edges of ${cluster.workloads.length} workloads compared with ${golden.length}\n`);
    expect(edges).toEqual(golden.map(([from, to, protocol, port]) => `${from} -> ${to} ${protocol} ${port}`).sort());
  });
});

interface Resource {
  readonly name?: string;
  readonly kind?: string;
  readonly labels?: { readonly [key: string]: string } | null;
  readonly network?: readonly { readonly target_port?: number | string; readonly protocol?: string }[] | null;
}
interface Link {
  readonly source?: { readonly resource: Resource };
  readonly target: { readonly resource: Resource };
  readonly link: { readonly resource: Resource };
}

describe.skipIf(!existsSync(synthesizer))("the edges of netpol-synthesizer", () => {
  // The other expectations hold rules of a baseline besides, or policies of Istio.
  test("akmebank: the same pairs of workloads, but for those that its input opens to every pod", () => {
    const links = JSON.parse(readFileSync(join(synthesizer, "connectivity_jsons/akmebank-links.json"), "utf8")) as readonly Link[];
    const resources = new Map(links.flatMap(({ source, target }) => [source?.resource, target.resource]).flatMap((resource) => (resource?.name ? [[resource.name, resource] as const] : [])));
    const workloads = [...resources].map(([name, { kind = "", labels }]): Workload => ({ namespace: "default", kind, name, labels: labels ?? {}, selector: { matchLabels: labels ?? {} }, ports: [], hostNetwork: false, addresses: [], from: "golden" }));
    const cluster: Cluster = { namespaces: [{ name: "default", labels: {} }], workloads, services: [], entries: [], monitors: [], policies: [], clusterPolicies: [], containers: [], networks: [], gaps: [] };
    const declared = new Set(links.filter(({ source }) => !source?.resource.name).map(({ target }) => target.resource.name));
    const flows = links.flatMap(({ source, target, link }) => {
      const [from, to] = [resources.get(source?.resource.name ?? ""), resources.get(target.resource.name ?? "")];
      if (from === undefined || to === undefined) return [];
      const end = ({ kind = "", name = "" }: Resource): Flow["source"] => ({ workload: { namespace: "default", kind, name } });
      return (link.resource.network ?? []).flatMap(({ target_port: port }) => (typeof port === "number" ? [flowOf(end(from), end(to), "TCP", port)] : []));
    });
    const ends = new Map<string, PodEnd>(workloads.map((workload, index) => [workload.name, podOf(workload, index)]));
    const ports = [...new Set(flows.map(({ port = 0 }) => port))].map((port) => ["TCP", port] as const);
    const theirs = (loadAll(readFileSync(join(synthesizer, "er_files/akmebank-no-baseline.yaml"), "utf8")) as readonly (Policy & { readonly metadata: object })[]).map((policy) => ({ ...policy, metadata: { namespace: "default" } }));
    // Pods that no policy of theirs selects are open in their expectation, and closed in ours.
    const theirPods = new Set(theirs.flatMap(({ spec }) => [...ends].filter(([, { labels }]) => Object.entries(spec.podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)).map(([name]) => name)));
    const isCompared = (edge: string): boolean => {
      const [, from = "", to = ""] = /^(\S+) -> (\S+)/.exec(edge) ?? [];
      return theirPods.has(from) && theirPods.has(to) && !declared.has(to);
    };
    const [ours, golden] = [edgesOf(learnFrom(flows, cluster), ends, ports).filter(isCompared), edgesOf(theirs, ends, ports).filter(isCompared)];
    process.stderr.write(`netpol-synthesizer akmebank: ${ours.length} edges compared with ${golden.length} of ${theirPods.size} of ${workloads.length} workloads\n`);
    expect(golden.length).toBeGreaterThan(0);
    expect(ours).toEqual(golden);
  });
});
