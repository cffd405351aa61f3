import type { Cluster, DockerContainer, Protocol } from "../model/cluster";
import type { Peer } from "../model/edge";
import { edgeName } from "../model/edge";
import { coverLinks, pairsOf } from "./clique-cover";
import { push } from "../maps";
import { flowCount } from "./naming";
import type { SeenEdge } from "./observe";

/** A network of Docker, and whose it is. */
export interface SegmentNetwork {
  readonly name: string;
  /** Names of units, sorted: every two were seen to talk. */
  readonly units: readonly string[];
  /** `nowhere`: an internal network. `answers`: a published port is answered, and what is sent out of itself does not come back. `outside`: a way out. */
  readonly leads: "nowhere" | "answers" | "outside";
  /** What was seen that needs it: sentences. */
  readonly links: readonly string[];
}

/** What has its networks in common: a container, or the instances of a service of Compose. */
export interface SegmentUnit {
  readonly name: string;
  /** Names of containers, sorted. */
  readonly containers: readonly string[];
  /** What others call it by on its networks today, besides these names. */
  readonly aliases: readonly string[];
  readonly published: readonly { readonly port: number; readonly protocol: Protocol }[];
}

/** Which containers are on which networks, so that who talks can and nobody else. */
export interface Segmentation {
  readonly networks: readonly SegmentNetwork[];
  readonly units: readonly SegmentUnit[];
  /** Whether provably no fewer internal networks would do. */
  readonly isSmallest: boolean;
  /** Pairs of containers that share a network today, and were not seen to talk. */
  readonly cut: readonly (readonly [string, string])[];
  /** Containers whose networks stay as they are, with the reason. */
  readonly kept: readonly { readonly name: string; readonly reason: string }[];
  /** What no network expresses. */
  readonly left: readonly { readonly what: string; readonly reason: string }[];
}

export type SegmentBy = "container" | "service";
type Docker = Pick<Cluster, "containers" | "networks">;

/**
 * The fewest networks on which every two were seen to talk, and that keep everything that was: no two share one that did not talk. Docker lets through every
 * port between them, in both directions. With `service` the instances of a service of Compose are one.
 */
export function segment(edges: readonly SeenEdge[], inventory: Docker | undefined, by: SegmentBy = "container"): Segmentation {
  const kept = keptOf(inventory);
  const left: { what: string; reason: string }[] = [];
  const units = unitsOf(edges, inventory, by, new Set(kept.map(({ name }) => name)));
  const unitOf = new Map(units.flatMap(({ name, containers }) => containers.map((container) => [container, name] as const)));
  const links = new Map<string, Set<string>>();
  const seen = new Map<string, string[]>();
  const note = (key: string, { protocol, port, count }: SeenEdge, from: string, to: string): void => push(seen, key, `${from} -> ${to} ${protocol}${port === undefined ? "" : ` ${port}`}: ${flowCount(count)}`);
  const name = (peer: Peer): string | undefined => (peer.kind === "container" ? unitOf.get(peer.name) : undefined);
  for (const edge of edges) {
    const [from, to] = [name(edge.from), name(edge.to)];
    if (from === undefined && to === undefined) left.push({ what: edgeName(edge), reason: "neither end is a container of which the networks are set here" });
    else if (from !== undefined && to !== undefined) {
      link(links, from, to);
      note([from, to].sort().join("\n"), edge, from, to);
    } else if (from !== undefined && isOuter(edge.to)) note(`${from}\noutside`, edge, from, outerName(edge.to));
    else if (to !== undefined && isHost(edge.from)) note(`${to}\nhost`, edge, "the host", to);
    else if (to !== undefined && isOuter(edge.from) && units.find((unit) => unit.name === to)?.published.some(({ port, protocol }) => port === edge.port && protocol === edge.protocol) === true) note(`${to}\npublished`, edge, outerName(edge.from), to);
    else left.push({ what: edgeName(edge), reason: isOuter(edge.from) ? "it came from outside to a port that is not published" : "the other end is no container of which the networks are set here" });
  }
  const own = (key: string): readonly string[] => [...(seen.get(key) ?? [])].sort();
  const { cliques, isSmallest } = coverLinks(links);
  const names = new Set<string>();
  const inner: readonly SegmentNetwork[] = cliques.map((members) => ({ name: networkName(members.join("-"), names), units: members, leads: "nowhere", links: [...pairsOf(members).flatMap((pair) => own(pair.join("\n")))].sort() }));
  const outer = units.flatMap(({ name: unit, published }): readonly SegmentNetwork[] => {
    const [sent, answered, byHost, itself] = ["outside", "published", "host", unit].map((key) => own(`${unit}\n${key}`)) as [readonly string[], readonly string[], readonly string[], readonly string[]];
    if (sent.length > 0) return [{ name: networkName(`${unit}-outside`, names), units: [unit], leads: "outside", links: [...sent, ...answered, ...byHost] }];
    if (published.length > 0) return [{ name: networkName(`${unit}-published`, names), units: [unit], leads: "answers", links: [...answered, ...byHost] }];
    const isReached = byHost.length === 0 || inner.some((network) => network.units.includes(unit));
    const findsItself = itself.length === 0 || inner.some((network) => network.units.includes(unit));
    return isReached && findsItself ? [] : [{ name: networkName(`${unit}-alone`, names), units: [unit], leads: "nowhere", links: [...byHost, ...itself] }];
  });
  const talk = (a: string, b: string): boolean => links.get(unitOf.get(a) ?? "")?.has(unitOf.get(b) ?? "") === true || unitOf.get(a) === unitOf.get(b);
  return { networks: [...inner, ...outer], units, isSmallest, cut: sharing(inventory).filter(([a, b]) => unitOf.has(a) && unitOf.has(b) && !talk(a, b)), kept, left };
}

/** The networks of a unit. */
export function networksOf({ networks }: Pick<Segmentation, "networks">, unit: string): readonly SegmentNetwork[] {
  return networks.filter(({ units }) => units.includes(unit));
}

function link(links: Map<string, Set<string>>, a: string, b: string): void {
  if (a === b) return;
  links.set(a, (links.get(a) ?? new Set()).add(b));
  links.set(b, (links.get(b) ?? new Set()).add(a));
}

const isHost = (peer: Peer): boolean => peer.kind === "entity" && peer.entity === "host";
const isOuter = (peer: Peer): boolean => peer.kind === "address" || peer.kind === "entity";
const outerName = (peer: Peer): string => (peer.kind === "address" ? peer.ip : "outside");

/** A name of Docker, that none of the others has. */
function networkName(wanted: string, taken: Set<string>): string {
  const base = wanted.replace(/[^A-Za-z0-9_.-]/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, longestName) || "network";
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  taken.add(name);
  return name;
}

/** A longer name is no part of one that the name server of Docker answers to. */
const longestName = 50;

/** Containers that have no networks of their own to set. */
function keptOf(inventory: Docker | undefined): Segmentation["kept"] {
  const owners = new Map<string, string>();
  return (inventory?.containers ?? []).flatMap(({ name, networks }) => {
    if (networks.some(({ network }) => network === "host")) return [{ name, reason: "it is on the host's network" }];
    const shared = networks.flatMap(({ network, ip }) => (ip === undefined ? [] : (owners.get(`${network} ${ip}`) ?? [])))[0];
    for (const { network, ip } of networks) if (ip !== undefined && !owners.has(`${network} ${ip}`)) owners.set(`${network} ${ip}`, name);
    return shared === undefined ? [] : [{ name, reason: `it shares the network of ${shared}` }];
  });
}

function unitsOf(edges: readonly SeenEdge[], inventory: Docker | undefined, by: SegmentBy, kept: ReadonlySet<string>): readonly SegmentUnit[] {
  const known = new Map((inventory?.containers ?? []).map((container) => [container.name, container]));
  const names = new Set([...known.keys(), ...edges.flatMap(({ from, to }) => [from, to]).flatMap((peer) => (peer.kind === "container" ? [peer.name] : []))]);
  const members = new Map<string, string[]>();
  for (const name of [...names].sort()) if (!kept.has(name)) push(members, by === "service" ? serviceOf(name, known.get(name)) : name, name);
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, containers]) => {
    const own = containers.flatMap((container) => known.get(container) ?? []);
    const aliases = own.flatMap(({ networks }) => networks.flatMap((network) => network.aliases)).filter((alias) => alias !== name && !containers.includes(alias));
    const published = own.flatMap((container) => container.published.map(({ port, protocol }) => ({ port, protocol })));
    return { name, containers, aliases: [...new Set(aliases)].sort(), published: [...new Map(published.map((port) => [`${port.protocol} ${port.port}`, port])).values()] };
  });
}

/** Where nothing says it: Compose calls a container `project-service-1`, and the service is one of its aliases. */
function serviceOf(name: string, container: DockerContainer | undefined): string {
  if (container?.service !== undefined) return container.service;
  const aliases = container?.networks.flatMap((network) => network.aliases) ?? [];
  return aliases.find((alias) => new RegExp(`[-_]${alias.replace(/[^A-Za-z0-9]/g, "\\$&")}[-_]\\d+$`).test(name)) ?? name;
}

/** Pairs of containers that are on one network, and may talk there. */
export function sharing(inventory: Docker | undefined): readonly (readonly [string, string])[] {
  const isOpen = new Map((inventory?.networks ?? []).map(({ name, interContainer }) => [name, interContainer]));
  const byNetwork = new Map<string, string[]>();
  for (const { name, networks } of inventory?.containers ?? []) for (const { network } of networks) if (network !== "none" && isOpen.get(network) !== false) push(byNetwork, network, name);
  const pairs = new Map([...byNetwork.values()].flatMap((names) => pairsOf([...new Set(names)].sort())).map((pair) => [pair.join("\n"), pair]));
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, pair]) => pair);
}
