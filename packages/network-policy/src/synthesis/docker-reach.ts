import type { Cluster, DockerContainer, DockerNetwork } from "../model/cluster";
import { peerName } from "../model/edge";
import { createReachability, explain } from "../reachability/reachability";
import { pairsOf } from "./clique-cover";
import { push } from "../maps";
import type { SeenEdge } from "./observe";
import { networksOf, type Segmentation } from "./segmentation";
import type { Denied } from "./verify";

type Docker = Pick<Cluster, "containers" | "networks">;

/** What networks of Docker do to what was seen of containers. */
export interface DockerVerification {
  /** Edges that were let through, and would not be. */
  readonly denied: readonly Denied[];
  /** What is let through and nobody has seen: for each two ends, in one direction, all ports but those that were seen. Sorted. */
  readonly slack: readonly string[];
  /** Networks that join containers, none of which was seen to talk over it. */
  readonly unused: readonly string[];
}

/** Plays what was seen of containers through the evaluator of their networks. Edges between ends that are no containers are not judged. */
export function verifyDocker(edges: readonly SeenEdge[], { containers, networks }: Docker): DockerVerification {
  const reachability = createReachability({ namespaces: [], workloads: [], policies: [], containers, networks });
  const known = new Set(containers.map(({ name }) => name));
  const denied = edges.flatMap((edge): readonly Denied[] => {
    const { from, to, protocol, port } = edge;
    if (from.kind !== "container" && to.kind !== "container") return [];
    const unknown = [from, to].find((peer) => (peer.kind === "container" ? !known.has(peer.name) : peer.kind === "workload"));
    if (unknown !== undefined) return [{ edge, why: [unknown.kind === "container" ? `${peerName(unknown)} is not known` : `${peerName(unknown)} is no container of Docker`] }];
    const verdict = reachability.allows(from, to, protocol, port);
    return verdict.allowed ? [] : [{ edge, why: explain(from, to, verdict) }];
  });
  const seen = new Map<string, string[]>();
  for (const { from, to, protocol, port } of edges) push(seen, `${ownName(from)}\n${ownName(to)}`, `${protocol}${port === undefined ? "" : ` ${port}`}`);
  const open = (from: string, to: string): string => {
    const ports = [...new Set(seen.get(`${from}\n${to}`) ?? [])].sort();
    return `${from} -> ${to} every port${ports.length === 0 ? "" : ` but ${ports.join(", ")}`}`;
  };
  const between = [...members({ containers, networks })].filter(([network]) => networks.find(({ name }) => name === network)?.interContainer !== false);
  const pairs = between.flatMap(([, names]) => pairsOf(names)).flatMap(([a, b]) => [open(`container ${a}`, `container ${b}`), open(`container ${b}`, `container ${a}`)]);
  const outward = containers.filter(({ name }) => reachability.allows({ kind: "container", name }, { kind: "entity", entity: "world" }, "TCP", 1).allowed).map(({ name }) => `container ${name}`);
  return {
    denied,
    slack: [...new Set([...pairs, ...outward.map((from) => open(from, "outside"))])].sort(),
    unused: between.filter(([, names]) => names.length > 1 && !pairsOf(names).some(([a, b]) => seen.has(`container ${a}\ncontainer ${b}`) || seen.has(`container ${b}\ncontainer ${a}`))).map(([network]) => `network ${network}`).sort(),
  };
}

/** All that is outside is one end: Docker's networks do not tell it apart. */
function ownName(peer: SeenEdge["from"]): string {
  return peer.kind === "container" || peer.kind === "workload" ? peerName(peer) : "outside";
}

/** Networks that join more than one, by name; each with its containers, sorted. */
function members({ containers }: Docker): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { name, networks } of containers) for (const { network } of networks) if (network !== "none" && network !== "host") push(found, network, name);
  return new Map([...found].map(([network, names]) => [network, [...new Set(names)].sort()]));
}

/** Containers and networks as they are once each unit has its networks; containers that are kept have theirs. */
export function segmented(segmentation: Segmentation, inventory: Docker | undefined): Docker {
  const known = new Map((inventory?.containers ?? []).map((container) => [container.name, container]));
  const set = segmentation.units.flatMap((unit): readonly DockerContainer[] => unit.containers.map((name) => {
    const container = known.get(name) ?? { name, networks: [], ports: [], published: [], from: "flows" };
    return { ...container, networks: networksOf(segmentation, unit.name).map(({ name: network }) => ({ network, aliases: [] })) };
  }));
  const kept = segmentation.kept.flatMap(({ name }) => known.get(name) ?? []);
  const made = segmentation.networks.map(({ name, leads }): DockerNetwork => ({ name, driver: "bridge", internal: leads === "nowhere", interContainer: leads === "nowhere" }));
  return { containers: [...set, ...kept], networks: [...made, ...(inventory?.networks ?? []).filter(({ name }) => kept.some(({ networks }) => networks.some(({ network }) => network === name)) && !made.some((network) => network.name === name))] };
}
