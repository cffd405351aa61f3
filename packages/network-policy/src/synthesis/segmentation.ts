import type { Cluster } from "../model/cluster";
import { edgeName } from "../model/edge";
import type { SeenEdge } from "./observe";
import { comment, variablesOf } from "./typescript";

/** A network of Docker for containers that all talk to each other. */
export interface SegmentNetwork {
  readonly name: string;
  readonly containers: readonly string[];
  /** What was seen between them: sentences. */
  readonly links: readonly string[];
}

/** Which containers are on which networks, so that who talks can and nobody else. */
export interface Segmentation {
  readonly networks: readonly SegmentNetwork[];
  /** Containers that were seen to talk to addresses outside, or that publish a port: each needs a network that leads there. */
  readonly outside: readonly string[];
  /** Every container, sorted. */
  readonly containers: readonly string[];
  /** Pairs that share a network today, and were not seen to talk. */
  readonly cut: readonly (readonly [string, string])[];
  /** What no network expresses. */
  readonly left: readonly { readonly what: string; readonly reason: string }[];
}

/**
 * Networks on which every two containers were seen to talk, as few as a greedy search finds: no two share one that did
 * not. Docker lets through every port between them, in both directions.
 */
export function segment(edges: readonly SeenEdge[], inventory: Pick<Cluster, "containers" | "networks"> | undefined): Segmentation {
  const links = new Map<string, Set<string>>();
  const seen = new Map<string, string[]>();
  const outside = new Set((inventory?.containers ?? []).filter(({ published }) => published.length > 0).map(({ name }) => name));
  const left: { what: string; reason: string }[] = [];
  const all = new Set((inventory?.containers ?? []).map(({ name }) => name));
  for (const edge of edges) {
    const { from, to, protocol, port, count } = edge;
    for (const peer of [from, to]) if (peer.kind === "container") all.add(peer.name);
    if (from.kind === "container" && to.kind === "container") {
      if (from.name === to.name) continue;
      link(links, from.name, to.name);
      const key = [from.name, to.name].sort().join("\n");
      seen.set(key, [...(seen.get(key) ?? []), `${from.name} -> ${to.name} ${protocol} ${port ?? ""}: ${count} flows`]);
    } else if (from.kind === "container" && (to.kind === "address" || to.kind === "entity")) outside.add(from.name);
    else if (to.kind === "container" && (from.kind === "address" || from.kind === "entity")) {
      if (!outside.has(to.name)) left.push({ what: edgeName(edge), reason: "it came from outside of the containers: publish the port, or leave it out" });
    } else left.push({ what: edgeName(edge), reason: "one end is no container of Docker" });
  }
  const networks = cliques(links).map((containers) => ({ name: containers.join("-"), containers, links: pairsOf(containers).flatMap((pair) => seen.get(pair.join("\n")) ?? []).sort() }));
  const cut = sharing(inventory).filter(([a, b]) => links.get(a)?.has(b) !== true);
  return { networks, outside: [...outside].sort(), containers: [...all].sort(), cut, left };
}

function link(links: Map<string, Set<string>>, a: string, b: string): void {
  links.set(a, (links.get(a) ?? new Set()).add(b));
  links.set(b, (links.get(b) ?? new Set()).add(a));
}

/** Sets of containers of which every two are linked, that hold every link: each grown from the first link that is in none yet. */
function cliques(links: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const covered = new Set<string>();
  const found: string[][] = [];
  const names = [...links.keys()].sort();
  for (const first of names) {
    for (const second of [...(links.get(first) ?? [])].sort()) {
      if (first > second || covered.has(`${first}\n${second}`)) continue;
      const members = [first, second];
      for (const name of names) if (!members.includes(name) && members.every((member) => links.get(member)?.has(name) === true)) members.push(name);
      members.sort();
      for (const pair of pairsOf(members)) covered.add(pair.join("\n"));
      found.push(members);
    }
  }
  return found;
}

function pairsOf(sorted: readonly string[]): readonly (readonly [string, string])[] {
  return sorted.flatMap((a, index) => sorted.slice(index + 1).map((b) => [a, b] as const));
}

function sharing(inventory: Pick<Cluster, "containers" | "networks"> | undefined): readonly (readonly [string, string])[] {
  const isOpen = new Map((inventory?.networks ?? []).map(({ name, interContainer }) => [name, interContainer]));
  const byNetwork = new Map<string, string[]>();
  for (const { name, networks } of inventory?.containers ?? []) for (const { network } of networks) if (isOpen.get(network) !== false) byNetwork.set(network, [...(byNetwork.get(network) ?? []), name]);
  const pairs = new Map([...byNetwork.values()].flatMap((names) => pairsOf([...names].sort())).map((pair) => [pair.join("\n"), pair]));
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}

/** A compose file to merge over the project's own: the networks of each service, and no other. As an object; `!override` is the writer's, which replaces the list that is there, and `!reset` for an empty one, which alone would mean the default network. */
export function composeOverlay({ networks, outside, containers }: Segmentation, inventory: Pick<Cluster, "containers"> | undefined): { readonly services: { readonly [name: string]: { readonly network_mode?: "none"; readonly networks: readonly string[] } }; readonly networks: { readonly [name: string]: { readonly internal?: boolean; readonly driver_opts?: { readonly [option: string]: string } } } } {
  const own = (name: string): readonly string[] => [...networks.filter((network) => network.containers.includes(name)).map((network) => network.name), ...(outside.includes(name) ? [`${name}-outside`] : [])];
  return {
    services: Object.fromEntries(containers.map((name) => [serviceOf(name, inventory), { ...(own(name).length === 0 ? { network_mode: "none" as const } : {}), networks: own(name) }])),
    networks: Object.fromEntries([
      ...networks.map(({ name }) => [name, { internal: true }] as const),
      ...outside.map((name) => [`${name}-outside`, { driver_opts: { "com.docker.network.bridge.enable_icc": "false" } }] as const),
    ]),
  };
}

/** Compose calls a container `project-service-1`, and the service is one of its aliases. */
function serviceOf(container: string, inventory: Pick<Cluster, "containers"> | undefined): string {
  const aliases = inventory?.containers.find(({ name }) => name === container)?.networks.flatMap((network) => network.aliases) ?? [];
  return aliases.find((alias) => new RegExp(`[-_]${alias.replace(/[^A-Za-z0-9]/g, "\\$&")}[-_]\\d+$`).test(container)) ?? container;
}

/** A module that declares one link for each pair of containers that talked. */
export function containerLinks(edges: readonly SeenEdge[]): string {
  const pairs = new Map<string, { readonly from: string; readonly to: string; readonly port: number; readonly protocol: string; readonly also: string[] }>();
  for (const edge of edges) {
    const { from, to, protocol, port } = edge;
    if (from.kind !== "container" || to.kind !== "container" || from.name === to.name || port === undefined || (protocol !== "TCP" && protocol !== "UDP")) continue;
    const key = `${from.name}\n${to.name}`;
    const known = pairs.get(key);
    if (known === undefined) pairs.set(key, { from: from.name, to: to.name, port, protocol, also: [`${edge.count} flows`] });
    else known.also.push(`also ${protocol} ${port}: ${edge.count} flows`);
  }
  const list = [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
  const variables = variablesOf([...new Set(list.flatMap(({ from, to }) => [from, to]))].sort());
  return [
    'import type { HardenedContainer } from "@bulkhead/components";',
    "", "/** The containers of which flows were seen. */", "export interface Containers {",
    ...[...variables].map(([name, variable]) => `  /** ${comment(name)} */\n  readonly ${variable}: HardenedContainer;`),
    "}", "", "/** One internal network for each link. Call it once, in the turn that makes the containers. */",
    `export function linkObserved({ ${[...variables.values()].join(", ")} }: Containers): void {`,
    ...list.map(({ from, to, port, protocol, also }) => `  ${variables.get(from)}.allowTo(${variables.get(to)}, { port: ${port}${protocol === "UDP" ? ', protocol: "udp"' : ""} }); // ${comment(also.join("; "))}`),
    "}", "",
  ].join("\n");
}
