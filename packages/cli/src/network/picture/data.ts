import type { Cluster, Reachability } from "@bulkhead/network-policy";
import { peerName } from "@bulkhead/network-policy";
import { comparable, connectionsOf, outside } from "../edges";
import type { PictureData, PictureGroup, PictureLink, PictureNode, PictureSide } from "./shape";

export interface Side {
  /** The path that it was read from. */
  readonly label: string;
  /** Both sides have the same workloads. */
  readonly cluster: Cluster;
}

interface Place {
  readonly label: string;
  readonly kind: string;
  readonly groups: readonly PictureGroup[];
}

const outsideGroup: PictureGroup = { name: "Outside", kind: "outside" };
const apart: PictureGroup = { name: "no network", kind: "network" };

/** The data of the page: everything that runs, sorted, with who may talk to whom on each side and why. */
export function pictureData(title: string, sides: { readonly before?: Side; readonly after: Side }): PictureData {
  const given = [...(sides.before === undefined ? [] : [sides.before]), sides.after];
  const evaluators = comparable(given.map(({ cluster }) => cluster));
  const read = given.map(({ label, cluster }, index) => {
    const reachability = evaluators[index] as Reachability;
    return { label, cluster, reachability, ...connectionsOf(cluster, reachability) };
  });
  const places = placesOf(read.map(({ cluster }) => cluster));
  const named = read.flatMap(({ connections }) => connections.flatMap(({ from, to }) => [...from, ...to]));
  const names = [...new Set([...places.keys(), ...named])].sort();
  const groups = uniqueGroups(names.flatMap((name) => placeOf(name, places).groups));
  const groupIndex = new Map(groups.map((group, index) => [groupKey(group), index]));
  const nodes = names.map((name): PictureNode => {
    const { label, kind, groups: own } = placeOf(name, places);
    return { name: shown(name), label: shown(label), kind: shown(kind), groups: own.map((group) => groupIndex.get(groupKey(group)) ?? 0) };
  });
  const nodeIndex = new Map(names.map((name, index) => [name, index]));
  const [texts, sets] = [interner((text: string) => text), interner((set: readonly number[]) => set.join(" "))];
  const setOf = memoize((list: readonly string[]) => sets.indexOf(list.map((name) => nodeIndex.get(name) ?? 0).sort((a, b) => a - b)));
  const sideOf = ({ label, cluster, reachability, connections }: (typeof read)[number]): PictureSide => ({
    label,
    links: connections.map(({ from, to, ports, why }): PictureLink => {
      const { egress, ingress } = why();
      return [setOf(from), setOf(to), texts.indexOf(ports), texts.indexOf(shown(egress)), texts.indexOf(shown(ingress))];
    }).sort((a, b) => a.map((value, index) => value - (b[index] ?? 0)).find((difference) => difference !== 0) ?? 0),
    seen: seenIn(cluster).flatMap(([from, to, text]): PictureSide["seen"] => {
      const [source, target] = [nodeIndex.get(from), nodeIndex.get(to)];
      return source === undefined || target === undefined ? [] : [[source, target, texts.indexOf(shown(text))]];
    }),
    policies: policiesOf(names, cluster, reachability).map((own) => own && { ingress: own.ingress.map((text) => texts.indexOf(shown(text))), egress: own.egress.map((text) => texts.indexOf(shown(text))) }),
  });
  const [first, second] = read.map(sideOf) as [PictureSide, PictureSide | undefined];
  const ends = second === undefined ? { after: first } : { before: first, after: second };
  return { title: shown(title), groups: groups.map(({ name, kind }) => ({ name: shown(name), kind })), nodes, texts: texts.items, sets: sets.items, ...ends, notes: [...new Set(read.flatMap(({ notes }) => notes))].map(shown) };
}

/** Everything that runs, by its name. The last that says where it stands wins. */
function placesOf(clusters: readonly Cluster[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { workloads, containers } of clusters) {
    for (const { namespace, kind, name } of workloads) places.set(peerName({ kind: "workload", workload: { namespace, kind, name } }), { label: name, kind, groups: [{ name: namespace, kind: "namespace" }] });
    for (const { name, networks } of containers) {
      const own = [...new Set(networks.map(({ network }) => network))].sort().map((network): PictureGroup => ({ name: network, kind: "network" }));
      places.set(peerName({ kind: "container", name }), { label: name, kind: "container", groups: own.length > 0 ? own : [apart] });
    }
  }
  return places;
}

/** What does not run here is outside: the rest of the addresses, or a block that a policy names. */
function placeOf(name: string, places: ReadonlyMap<string, Place>): Place {
  return places.get(name) ?? { label: name === outside ? "Every other address" : name, kind: name === outside ? "outside" : name.includes("-") ? "addresses" : "address", groups: [outsideGroup] };
}

function policiesOf(names: readonly string[], { workloads }: Cluster, reachability: Reachability): readonly (ReturnType<Reachability["policiesOf"]> | null)[] {
  const known = new Map(workloads.map((workload) => [peerName({ kind: "workload", workload }), workload]));
  return names.map((name) => {
    const workload = known.get(name);
    return workload === undefined || workload.hostNetwork ? null : reachability.policiesOf(workload);
  });
}

/** What `network learn` notes of each rule: edges with their flows, several divided by a semicolon. Both ends have the same notes. */
function seenIn({ policies }: Cluster): readonly (readonly [from: string, to: string, text: string])[] {
  const found = new Map<string, readonly [from: string, to: string, text: string]>();
  for (const { metadata: { annotations = {} } } of policies) {
    for (const [key, value] of Object.entries(annotations)) {
      if (!/^bulkhead\.dev\/(ingress|egress)-\d+$/.test(key)) continue;
      for (const entry of value.split("; ")) {
        const [, from, to, text] = /^(.+?) -> (.+?) ((?:TCP|UDP|SCTP|ICMP)\b.*)$/.exec(entry) ?? [];
        if (from !== undefined && to !== undefined && text !== undefined) found.set(`${from}\n${to}\n${text}`, [from, to, text]);
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function uniqueGroups(groups: readonly PictureGroup[]): readonly PictureGroup[] {
  const unique = new Map(groups.map((group) => [groupKey(group), group]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function groupKey({ kind, name }: PictureGroup): string {
  return `${kind} ${name}`;
}

/** Control and direction characters of a name would change what is read. */
function shown(text: string): string {
  return text.replace(/\p{C}/gu, "\uFFFD");
}

function interner<T>(keyOf: (item: T) => string): { readonly indexOf: (item: T) => number; readonly items: readonly T[] } {
  const [places, items]: [Map<string, number>, T[]] = [new Map(), []];
  return {
    items,
    indexOf: (item) => {
      const place = places.get(keyOf(item)) ?? items.push(item) - 1;
      places.set(keyOf(item), place);
      return place;
    },
  };
}

function memoize<K extends object, T>(find: (key: K) => T): (key: K) => T {
  const known = new WeakMap<K, { readonly value: T }>();
  return (key) => {
    const entry = known.get(key) ?? { value: find(key) };
    known.set(key, entry);
    return entry.value;
  };
}
