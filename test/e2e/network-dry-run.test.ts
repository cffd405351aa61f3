import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load, loadAll } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { policyFiles } from "../../packages/cli/src/network/write";
import type { BackEnd, Cluster, Observations } from "../../packages/network-policy/src/index";
import { createObserver, learn, observeOriented, Orienter, readFlows } from "../../packages/network-policy/src/index";
import { generateCluster } from "../conformance/network-clusters.ts";
import { type Answer, ApiServer, type KubernetesObject } from "../toolchain/api-client.ts";
import { missing, sharedData, toolPath } from "./support.ts";

const captureFolder = join(sharedData, "hubble-flows/testdata");
const captures = existsSync(captureFolder) ? readdirSync(captureFolder).filter((name) => name.endsWith(".json")).sort() : [];
if (captures.length === 0) process.stderr.write("skipped for want of ../shared/data/hubble-flows: policies of real flows at an API server\n");
const generatedClusters = 200;
const formats = [["policies", "kubernetes"], ["cilium", "cilium"], ["calico", "calico"]] as const satisfies readonly (readonly [string, BackEnd])[];

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly group: string; readonly versions: readonly { readonly name: string }[] };
}

/**
 * Calico's API server serves what it stores as crd.projectcalico.org/v1 as projectcalico.org/v3, whose `spec` is of the same
 * type (NetworkPolicySpec of its api/pkg/apis/projectcalico/v3): the schema is taken, under the name that users write.
 */
function asServed(definition: Definition): Definition {
  const group = "projectcalico.org";
  return { ...definition, metadata: { name: `networkpolicies.${group}` }, spec: { ...definition.spec, group, versions: definition.spec.versions.map((version) => ({ ...version, name: "v3" })) } };
}

async function install(server: ApiServer, { metadata: { name }, spec }: Definition): Promise<void> {
  const object: KubernetesObject = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", metadata: { name }, spec };
  const { status, message } = await server.create(object);
  if (status === 409) {
    const { metadata } = (await server.get(object)).object as { readonly metadata: { readonly resourceVersion: string } };
    await server.request("PUT", `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`, { ...object, metadata: { name, resourceVersion: metadata.resourceVersion } });
  } else if (status !== 201) throw new Error(`${name} was not accepted: ${message}`);
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await new Promise((resolve) => setTimeout(resolve, 100))) {
    const { status: state } = (await server.get(object)).object as { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } };
    if (state?.conditions?.some((condition) => condition.type === "Established" && condition.status === "True") === true) return;
  }
  throw new Error(`${name} was not served within 30 s`);
}

/** What `network learn` writes, in the three formats that a cluster takes. */
function written(observations: Observations, inventory?: Cluster): readonly KubernetesObject[] {
  return formats.flatMap(([format, backEnd]) => {
    const learned = learn({ observations, options: { isolates: () => true, backEnd }, ...(inventory === undefined ? {} : { inventory }) });
    return policyFiles(format, learned, observations).files.flatMap(({ text }) => loadAll(text) as readonly KubernetesObject[]);
  });
}

describe.skipIf(missing("kubernetes", "network-crds"))("a live API server judges the policies that network learn writes", () => {
  let server: ApiServer;
  const made: string[] = [];
  beforeAll(async () => {
    server = new ApiServer(toolPath("kubernetes"));
    const read = (name: string): Definition => load(readFileSync(join(toolPath("network-crds"), `${name}.yaml`), "utf8")) as Definition;
    // They stay: another run on this server may be using them.
    for (const definition of [read("cilium"), asServed(read("calico"))]) await install(server, definition);
  });
  afterAll(async () => {
    for (const name of made) await server.deleteNamespace(name);
  });

  const namespaces = async (objects: readonly KubernetesObject[]): Promise<void> => {
    for (const name of new Set(objects.map(({ metadata }) => metadata.namespace ?? ""))) {
      const { status, message } = await server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
      if (status === 201) made.push(name);
      else if (status !== 409) throw new Error(`the namespace ${name} was not made: ${message}`);
    }
  };

  /** Sends each once, eight at a time. Counts those that were accepted, by kind, and lists the others with the reason. */
  const judge = async (objects: readonly KubernetesObject[]): Promise<{ readonly accepted: { readonly [kind: string]: number }; readonly refused: readonly string[] }> => {
    await namespaces(objects);
    const unique = [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
    const queue = [...unique];
    const [accepted, refused]: [{ [kind: string]: number }, string[]] = [{}, []];
    const work = async (): Promise<void> => {
      for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
        const { status, message, warnings } = await server.dryRun(object);
        const kind = `${object.kind} of ${object.apiVersion}`;
        if (status === 201 && warnings.length === 0) accepted[kind] = (accepted[kind] ?? 0) + 1;
        else refused.push(`${kind} ${object.metadata.namespace}/${object.metadata.name}: ${status} ${message} ${warnings.join("; ")}`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return { accepted, refused };
  };

  const report = (what: string, { accepted }: Awaited<ReturnType<typeof judge>>): void => {
    process.stderr.write(`API server, ${what}: ${Object.entries(accepted).sort().map(([kind, count]) => `${count} ${kind}`).join(", ")} accepted\n`);
  };

  test.skipIf(captures.length === 0)("learned of real flows", async () => {
    const objects: KubernetesObject[] = [];
    for (const name of captures) {
      const orienter = new Orienter();
      for await (const flow of readFlows(name, createReadStream(join(captureFolder, name))).flows) orienter.add(flow);
      objects.push(...written(observeOriented(orienter.finish())));
    }
    const judged = await judge(objects);
    report(`${captures.length} captures of Hubble`, judged);
    expect(judged.refused).toEqual([]);
    expect(Object.keys(judged.accepted)).toHaveLength(3);
  });

  test("learned of generated clusters", async () => {
    const objects = Array.from({ length: generatedClusters }, (_, index) => {
      const { flows, cluster } = generateCluster(index + 1, index % 4 === 3);
      const observer = createObserver(cluster);
      for (const flow of flows) observer.add(flow);
      return written(observer.finish(), cluster);
    }).flat();
    const judged = await judge(objects);
    report(`${generatedClusters} generated clusters`, judged);
    expect(judged.refused).toEqual([]);
    expect(Math.min(...["NetworkPolicy of networking.k8s.io/v1", "CiliumNetworkPolicy of cilium.io/v2", "NetworkPolicy of projectcalico.org/v3"].map((kind) => judged.accepted[kind] ?? 0))).toBeGreaterThan(generatedClusters);
  });

  const { flows, cluster } = generateCluster(1);
  const observer = createObserver(cluster);
  for (const flow of flows) observer.add(flow);
  const good = written(observer.finish(), cluster);
  const first = (kind: string, group: string): KubernetesObject => {
    const found = good.find((object) => object.kind === kind && object.apiVersion.startsWith(group) && object.metadata.name !== "default-deny");
    if (found === undefined) throw new Error(`no ${kind} of ${group} was learned`);
    return found;
  };
  const spoil = (object: KubernetesObject, change: object): KubernetesObject => ({ ...object, spec: { ...(object["spec"] as object), ...change } });
  const spoiled: readonly (readonly [what: string, object: () => KubernetesObject, refusal: Partial<Answer>])[] = [
    ["a port that there is not", () => spoil(first("NetworkPolicy", "networking"), { ingress: [{ ports: [{ port: 70_000, protocol: "TCP" }] }] }), { status: 422, message: expect.stringContaining("must be between 1 and 65535") as unknown as string }],
    ["a block that is none", () => spoil(first("NetworkPolicy", "networking"), { egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/40" } }] }] }), { status: 422, message: expect.stringContaining("must be a valid CIDR value") as unknown as string }],
    ["a field that there is not", () => spoil(first("NetworkPolicy", "networking"), { ingres: [] }), { status: 400, message: expect.stringContaining('unknown field "spec.ingres"') as unknown as string }],
    ["Cilium: a protocol that there is not", () => spoil(first("CiliumNetworkPolicy", "cilium"), { ingress: [{ toPorts: [{ ports: [{ port: "80", protocol: "HTTP" }] }] }] }), { status: 422, message: expect.stringContaining('Unsupported value: "HTTP"') as unknown as string }],
    ["Cilium: an operator that there is not", () => spoil(first("CiliumNetworkPolicy", "cilium"), { endpointSelector: { matchExpressions: [{ key: "app", operator: "Is", values: ["web"] }] } }), { status: 422, message: expect.stringContaining('Unsupported value: "Is"') as unknown as string }],
    ["Calico: a list that is a text", () => spoil(first("NetworkPolicy", "projectcalico"), { ingress: [{ action: "Allow", source: { nets: "10.0.0.0/8" } }] }), { status: 422, message: expect.stringContaining("spec.ingress[0].source.nets") as unknown as string }],
    ["Calico: a rule without an action", () => spoil(first("NetworkPolicy", "projectcalico"), { ingress: [{ protocol: "TCP" }] }), { status: 422, message: expect.stringContaining("spec.ingress[0].action: Required value") as unknown as string }],
  ];
  test.each(spoiled)("refused: %s", async (_, object, refusal) => {
    await namespaces([object()]);
    expect(await server.dryRun(object())).toMatchObject(refusal);
  });
});
