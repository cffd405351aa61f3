import type { Workload, WorkloadName } from "../model/cluster";
import { type AddressRange, type IpAddress, parseIp } from "./address";
import type { ClassIndex, PodClass } from "./classes";
import type { NamedPort } from "./compiled";
import { partition } from "./partition";
import type { PeerSets } from "./peer-sets";
import { noPorts, type PortSet, portSet, union } from "./ports";

/** Pods, or addresses outside, that every policy treats alike. */
export interface Group {
  readonly id: number;
  /** The sets of peers that it is in. */
  readonly sets: ReadonlySet<number>;
  /** The ports behind the names that policies use. */
  readonly named: ReadonlyMap<string, PortSet>;
  /** Whether no policy applies to it: pods on their node's network, and what is no pod. */
  readonly isFree: boolean;
  /** Absent where a pod's address is not known. */
  readonly family?: 4 | 6;
  readonly workloads: Workload[];
  /** Pieces of the address space, for what is no pod. */
  readonly ranges: AddressRange[];
}

export interface Groups {
  readonly all: readonly Group[];
  /** Groups by the number of a set of peers. */
  readonly bySet: ReadonlyMap<number, readonly Group[]>;
  /** One for each kind of address that its pods have. */
  readonly ofWorkload: (name: WorkloadName) => readonly Group[];
  /** Undefined where the workload has no pod of this address. */
  readonly ofPod: (name: WorkloadName, ip: string) => Group | undefined;
  readonly ofAddress: (ip: IpAddress) => Group;
  /** What is outside, with an address that is not known: in a set only where that holds every address of a family. */
  readonly unknownAddress: Group;
}

export function namedKey({ name, protocol }: NamedPort): string {
  return `${protocol ?? ""} ${name}`;
}

export function workloadKey({ namespace, kind, name }: WorkloadName): string {
  return `${kind} ${namespace}/${name}`;
}

/** `named`: the ports by name that policies use. */
export function groupBy(index: ClassIndex, sets: PeerSets, named: readonly NamedPort[]): Groups {
  const setsOfClass: number[][] = index.classes.map(() => []);
  for (const [set, classes] of sets.pods) for (const id of classes) setsOfClass[id]?.push(set);
  const { setsOf, pieces } = partition(sets.addresses);
  const all: Group[] = [];
  const byKey = new Map<string, Group>();
  const groupOf = (members: readonly number[], ports: ReadonlyMap<string, PortSet>, isPod: boolean, isFree: boolean, family: 4 | 6 | undefined): Group => {
    const key = `${isPod} ${isFree} ${family} ${members.join(",")} ${[...ports].map(([name, set]) => `${name}=${set.join(",")}`).join(" ")}`;
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const group: Group = { id: all.length, sets: new Set(members), named: ports, isFree, ...(family === undefined ? {} : { family }), workloads: [], ranges: [] };
    all.push(group);
    byKey.set(key, group);
    return group;
  };
  const ofWorkload = new Map<string, Set<Group>>();
  const ofPod = new Map<string, Group>();
  index.classes.forEach((pods, id) => {
    const own = setsOfClass[id] ?? [];
    const ports = pods.hostNetwork ? new Map<string, PortSet>() : resolve(pods, named);
    for (const workload of pods.workloads) {
      const key = workloadKey(workload);
      const groups = ofWorkload.get(key) ?? new Set<Group>();
      ofWorkload.set(key, groups);
      for (const { ip } of workload.addresses.length === 0 ? [{ ip: "" }] : workload.addresses) {
        const address = parseIp(ip);
        const blocks = address === undefined ? [] : setsOf(address);
        const group = groupOf([...own, ...blocks].sort((a, b) => a - b), ports, true, pods.hostNetwork, sets.addresses.size === 0 ? undefined : address?.family);
        if (!groups.has(group)) group.workloads.push(workload);
        groups.add(group);
        if (ip !== "") ofPod.set(`${key} ${ip}`, group);
      }
    }
  });
  const none = new Map<string, PortSet>();
  const outside = (members: readonly number[], family: 4 | 6): Group => groupOf(members, none, false, true, family);
  for (const { range, sets: members } of pieces) outside(members, range.family).ranges.push(range);
  const whole = [...sets.addresses].filter(([, { block, except }]) => except.length === 0 && block.first === 0n && block.last === (block.family === 4 ? (1n << 32n) - 1n : (1n << 128n) - 1n)).map(([id]) => id);
  const bySet = new Map<number, Group[]>();
  const unknownAddress: Group = { id: -1, sets: new Set(whole), named: none, isFree: true, workloads: [], ranges: [] };
  for (const group of all) {
    for (const set of group.sets) {
      const list = bySet.get(set);
      if (list === undefined) bySet.set(set, [group]);
      else list.push(group);
    }
  }
  return {
    all, bySet, unknownAddress,
    ofWorkload: (name) => [...(ofWorkload.get(workloadKey(name)) ?? [])],
    ofPod: (name, ip) => ofPod.get(`${workloadKey(name)} ${ip}`),
    ofAddress: (address) => outside(setsOf(address), address.family),
  };
}

/** Names are a pod's own: http may be 80 here, and 8080 there. */
function resolve({ ports }: PodClass, named: readonly NamedPort[]): ReadonlyMap<string, PortSet> {
  const found = new Map<string, PortSet>();
  for (const wanted of named) {
    for (const { name, port, protocol } of ports) {
      if (name !== wanted.name || (wanted.protocol !== undefined && wanted.protocol !== protocol)) continue;
      const key = namedKey(wanted);
      found.set(key, union(found.get(key) ?? noPorts, portSet(protocol, port, port)));
    }
  }
  return found;
}
