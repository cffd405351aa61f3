import type { Flow, FlowEnd } from "../model/flow";
import { kindKey } from "./keys";

/** Requests between the same ends to the same port with the same verdict on one day (UTC), counted together. The source's port is not kept. */
export interface ObservedFlow extends Omit<Flow, "sourcePort" | "dns"> {
  readonly direction: "request";
  /** Places of a few of the observations, the earliest first. */
  readonly places: readonly string[];
}

/** Milliseconds. */
export const day = 86_400_000;
const mostPlaces = 3;
const mostNames = 20;

/** Who an end is, as far as its source says; ends that differ in this are counted apart. */
export function endKey({ ip, namespace, pod, container, entity, workload, service }: FlowEnd): string {
  if (container !== undefined) return `container ${container} ${ip ?? ""}`;
  if (pod !== undefined) return `pod ${namespace ?? ""}/${pod} ${ip ?? ""}`;
  if (ip !== undefined) return ip;
  if (workload !== undefined) return `workload ${workload.namespace}/${workload.kind}/${workload.name}`;
  if (service !== undefined) return `service ${service.namespace}/${service.name}`;
  return entity === undefined ? `namespace ${namespace ?? ""}` : `entity ${entity}`;
}

interface Place {
  readonly time: number;
  readonly at: string;
}
interface Kept {
  source: FlowEnd;
  destination: FlowEnd;
  readonly flow: Flow;
  first: number;
  last: number;
  count: number;
  places: readonly Place[];
}

/** Counts of requests, in bounded memory. The result does not depend on the order in which they come. */
export class Aggregate {
  /** By the keys of both ends and what else a flow is counted by. */
  readonly #kept = new Map<string, Map<string, Map<number, Kept>>>();
  #size = 0;
  readonly #most: number;
  readonly #period: number;
  /** Observations that were not kept: their ends and port were new, and there was no more room. */
  overflow = 0;

  /** `period`: an end of which only the address is known is counted apart for each such time (milliseconds), because addresses are used again. */
  constructor(most: number, period: number) {
    this.#most = most;
    this.#period = period;
  }

  /** `counts`: how many connections the flow adds; 0 for one more observation of the same. `from` and `to` are the keys of its ends. */
  add(flow: Flow, counts: number, from: string, to: string): void {
    const { source, destination, first, last, at } = flow;
    const [here, there, kind] = [this.#key(from, source, first), this.#key(to, destination, first), kindKey(flow, Math.floor(first / day))];
    const kept = this.#kept.get(here)?.get(there)?.get(kind);
    if (kept === undefined) {
      if (this.#size >= this.#most) this.overflow++;
      else this.#keep(here, there, kind, { source, destination, flow, first, last, count: counts, places: [{ time: first, at }] });
      return;
    }
    kept.source = merge(kept.source, source);
    kept.destination = merge(kept.destination, destination);
    kept.first = Math.min(kept.first, first);
    kept.last = Math.max(kept.last, last);
    kept.count += counts;
    const place = { time: first, at };
    const latest = kept.places.at(-1);
    if (kept.places.length < mostPlaces || (latest !== undefined && comparePlaces(place, latest) < 0)) kept.places = [...kept.places, place].sort(comparePlaces).slice(0, mostPlaces);
  }

  #keep(from: string, to: string, kind: number, kept: Kept): void {
    this.#size++;
    const ends = this.#kept.get(from) ?? new Map<string, Map<number, Kept>>();
    this.#kept.set(from, ends);
    const kinds = ends.get(to) ?? new Map<number, Kept>();
    ends.set(to, kinds);
    kinds.set(kind, kept);
  }

  #key(key: string, end: FlowEnd, time: number): string {
    return key === end.ip && end.entity === undefined && end.workload === undefined ? `${key}@${Math.floor(time / this.#period)}` : key;
  }

  /** Sorted by ends, protocol, port and verdict. */
  flows(): readonly ObservedFlow[] {
    const all = [...this.#kept].flatMap(([from, ends]) => [...ends].flatMap(([to, kinds]) => [...kinds.values()].map((kept) => [`${from} > ${to} ${kept.flow.protocol} ${kept.flow.port ?? 0} ${kept.flow.verdict} ${Math.floor(kept.flow.first / day)}`, kept] as const)));
    return all.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { source, destination, flow, first, last, count, places }]) => {
      const { protocol, port, verdict } = flow;
      return { source, destination, protocol, ...(port === undefined ? {} : { port }), direction: "request", verdict, first, last, count, at: places[0]?.at ?? "", places: places.map(({ at }) => at) };
    });
  }
}

function comparePlaces(a: Place, b: Place): number {
  return a.time - b.time || (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);
}

/** What either observation says; of two that differ, the one that sorts first. */
function merge(a: FlowEnd, b: FlowEnd): FlowEnd {
  if (saysAll(a, b)) return a;
  const [one, two] = JSON.stringify(a) <= JSON.stringify(b) ? [a, b] : [b, a];
  const names = [...new Set([...(one.names ?? []), ...(two.names ?? [])])].sort().slice(0, mostNames);
  return { ...two, ...one, ...(names.length > 0 ? { names } : {}) };
}

function saysAll(a: FlowEnd, b: FlowEnd): boolean {
  if (a === b) return true;
  const same = a.labels === b.labels && a.entity === b.entity && a.workload?.name === b.workload?.name && a.workload?.kind === b.workload?.kind && a.service?.name === b.service?.name && a.service?.namespace === b.service?.namespace;
  return same && (b.names === undefined || b.names.every((name) => a.names?.includes(name)));
}
