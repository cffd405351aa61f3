import * as pulumi from "@pulumi/pulumi";
import { readDocument } from "@bulkhead/core";
import { createReachability, readInventory } from "@bulkhead/network-policy";
import { expect, test } from "vitest";
import { HardenedContainer } from "../../packages/components/src/docker/container";
import { PrivateNetwork } from "../../packages/components/src/docker/private-network";
import { HardenedDeployment, HardenedStatefulSet, IsolatedNamespace } from "../../packages/components/src/kubernetes/index";
import { createInventory } from "../../packages/core/src/inventory/inventory";
import { random } from "./generator.ts";

const programs = 60;
const image = "registry.example.com/shop/web:1.4.2";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly properties: { readonly [key: string]: unknown };
}

/** What a program makes; what it leaves unnamed is called as its resource is. */
async function made(program: () => void): Promise<readonly Made[]> {
  const found: Made[] = [];
  await pulumi.runtime.setMocks({
    call: () => ({}),
    newResource: ({ type, name, inputs }) => {
      const given = inputs as { readonly metadata?: object };
      const named = type.startsWith("kubernetes:") ? { ...given, metadata: { name, ...given.metadata } } : { name, ...given };
      found.push({ type, name, properties: named });
      return { id: `${name}-id`, state: named };
    },
  }, "shop", "test", false);
  program();
  await (pulumi.runtime as unknown as { readonly waitForRPCs: () => Promise<void> }).waitForRPCs();
  return found;
}

const clusterOf = (resources: readonly Made[]): ReturnType<typeof readInventory> => readInventory(resources.map(({ type, name, properties }) => ({ type, name, value: properties, from: name })));

/** A generator of choices, by a seed. */
function choices(seed: number): { readonly below: (count: number) => number; readonly pairs: (count: number) => readonly (readonly [number, number])[] } {
  const next = random(seed);
  const below = (count: number): number => Math.floor(next() * count);
  return { below, pairs: (count) => Array.from({ length: count }, (_, from) => Array.from({ length: count }, (_, to) => [from, to] as const)).flat().filter(([from, to]) => from !== to && below(3) === 0) };
}

test("containers reach each other as links and private networks say, and the outside where they publish or say so", async () => {
  let [pairs, open, judged] = [0, 0, 0];
  for (let seed = 1; seed <= programs; seed++) {
    const { below, pairs: pick } = choices(seed);
    const count = 2 + below(5);
    const links = pick(count).filter(([from, to], index, all) => !all.slice(0, index).some(([a, b]) => a === to && b === from));
    const shared = Array.from({ length: below(3) }, () => ({ communication: below(2) === 0, internet: below(3) === 0, members: Array.from({ length: count }, (_, index) => index).filter(() => below(3) === 0) }));
    const outward = Array.from({ length: count }, () => below(3) === 0);
    const resources = await made(() => {
      const networks = shared.map(({ communication, internet }, index) => new PrivateNetwork(`shared${index}`, { communication, ...(internet ? { internet: { reason: "calls a provider", owner: "team-a" } } : {}) }));
      const containers = Array.from({ length: count }, (_, index) => new HardenedContainer(`c${index}`, {
        image, memory: "64Mi", networks: networks.filter((_, at) => shared[at]?.members.includes(index) === true).map(({ networkName }) => networkName),
        ...(outward[index] === true ? { publish: [{ port: 8080, hostPort: 20_000 + index }] } : {}),
      }));
      for (const [from, to] of links) containers[from]?.allowTo(containers[to] as HardenedContainer, { port: 8080 });
    });
    const cluster = clusterOf(resources);
    expect(cluster.gaps).toEqual([]);
    const reachability = createReachability(cluster);
    for (let from = 0; from < count; from++) {
      for (let to = 0; to < count; to++) {
        if (from === to) continue;
        const isLinked = links.some(([a, b]) => (a === from && b === to) || (a === to && b === from)) || shared.some(({ communication, members }) => communication && members.includes(from) && members.includes(to));
        const { allowed } = reachability.allows({ kind: "container", name: `c${from}` }, { kind: "container", name: `c${to}` }, "TCP", 8080);
        expect(allowed, `seed ${seed}: c${from} -> c${to}`).toBe(isLinked);
        pairs++;
        if (allowed) open++;
      }
    }
    // The rules about networks, which core answers, say of these stacks what the evaluator says.
    const models = resources.flatMap(({ type, name, properties }) => readDocument(properties, { type, name }));
    const members = models.flatMap((model) => model.members ?? []);
    const inventory = createInventory(members, models.flatMap((model) => model.gaps ?? []), {});
    for (const member of members) {
      if (member.about === "attachment") {
        const isOut = reachability.allows({ kind: "container", name: member.resource.name }, { kind: "address", ip: "192.0.2.1", names: [] }, "TCP", 443).allowed;
        const internal = inventory.isBackendInternal(member);
        expect(internal.state === "value" && internal.value, `seed ${seed}: ${member.label}`).toBe(!isOut || (member.published.state === "value" && member.published.value));
        judged++;
      } else if (member.about === "containerNetwork") {
        const [attached, mingling] = [inventory.attached(member), inventory.mingling(member)];
        const on = cluster.containers.filter(({ networks }) => networks.some(({ network }) => network === member.resource.name)).map(({ name }) => name);
        const alone = createReachability({ namespaces: [], workloads: [], policies: [], containers: cluster.containers.map((container) => ({ ...container, networks: container.networks.filter(({ network }) => network === member.resource.name) })), networks: cluster.networks });
        const meet = on.some((from) => on.some((to) => from !== to && alone.allows({ kind: "container", name: from }, { kind: "container", name: to }, "TCP", 1).allowed));
        const isInternal = cluster.networks.find(({ name }) => name === member.resource.name)?.internal === true;
        expect(attached.state === "value" ? attached.value : undefined, `seed ${seed}: ${member.label}`).toBe(on.length);
        expect(mingling.state === "value" && mingling.value > 1, `seed ${seed}: ${member.label}`).toBe(meet && !isInternal);
        judged++;
      }
    }
  }
  process.stderr.write(`components of Docker: ${programs} random programs, ${pairs} pairs of containers, ${open} of which reach each other, ${judged} containers and networks judged alike by core and the evaluator\n`);
  expect(open).toBeGreaterThan(programs);
}, 300_000);

const ports = [53, 80, 443, 5432, 8080, 9090] as const;

test("workloads of Kubernetes reach each other as links say", async () => {
  let [pairs, open] = [0, 0];
  for (let seed = 1; seed <= programs; seed++) {
    const { below, pairs: pick } = choices(seed);
    const count = 2 + below(4);
    const namespaces = ["shop", "data"].slice(0, 1 + below(2));
    const places = Array.from({ length: count }, () => namespaces[below(namespaces.length)] as string);
    const links = pick(count).map(([from, to]) => ({ from, to, port: ports[1 + below(5)] as number, isByTarget: below(2) === 0 }));
    const resources = await made(() => {
      const made = new Map(namespaces.map((name) => [name, new IsolatedNamespace(name).name]));
      const workloads = places.map((namespace, index) => {
        const args = { image, memory: "128Mi", namespace: made.get(namespace) as pulumi.Output<string> };
        return index % 2 === 0 ? new HardenedDeployment(`w${index}`, args) : new HardenedStatefulSet(`w${index}`, args);
      });
      for (const { from, to, port, isByTarget } of links) {
        const [source, target] = [workloads[from], workloads[to]] as readonly [HardenedDeployment, HardenedDeployment];
        if (isByTarget) target.allowFrom(source, { port });
        else source.allowTo(target, { port });
      }
    });
    const cluster = clusterOf(resources);
    expect(cluster.gaps).toEqual([]);
    const reachability = createReachability(cluster);
    expect(reachability.problems).toEqual([]);
    const endOf = (index: number) => ({ kind: "workload", workload: { namespace: places[index] as string, kind: index % 2 === 0 ? "Deployment" : "StatefulSet", name: `w${index}` } }) as const;
    for (let from = 0; from < count; from++) {
      for (let to = 0; to < count; to++) {
        for (const port of from === to ? [] : ports) {
          const { allowed } = reachability.allows(endOf(from), endOf(to), "TCP", port);
          expect(allowed, `seed ${seed}: w${from} -> w${to}:${port}`).toBe(links.some((link) => link.from === from && link.to === to && link.port === port));
          pairs++;
          if (allowed) open++;
        }
      }
      expect(reachability.allows(endOf(from), { kind: "address", ip: "169.254.169.254", names: [] }, "TCP", 80).allowed).toBe(false);
    }
  }
  process.stderr.write(`components of Kubernetes: ${programs} random programs, ${pairs} pairs of workloads and ports, ${open} of which are open\n`);
  expect(open).toBeGreaterThan(programs);
}, 300_000);
