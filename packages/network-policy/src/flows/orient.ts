import type { Protocol } from "../model/cluster";
import type { Flow, FlowEnd, ListeningPort } from "../model/flow";
import { Aggregate, day, type ObservedFlow } from "./aggregate";
import { Evidence, type Server } from "./evidence";
import { EndKeys, kindKey, type KeyedEnd } from "./keys";
import { RecentSet } from "./recent-set";

export interface OrientOptions {
  /** Whether a port of this end is declared: a container's port, the target of a Service. */
  readonly declares?: (end: FlowEnd, protocol: Protocol, port: number) => boolean;
  /** Distinct requests that are kept; default 500,000. */
  readonly most?: number;
  /** Distinct flows of unknown direction that are kept until everything was seen; default 100,000. */
  readonly mostPending?: number;
  /** Milliseconds within which one connection is counted once, at however many points it was observed; default 10,000. */
  readonly bucket?: number;
  /** Milliseconds for which an end of which only the address is known is taken to be one; default 300,000. */
  readonly addressPeriod?: number;
}

/** An address that a name was resolved to. */
export interface Answer {
  readonly name: string;
  readonly ip: string;
  /** Seconds, the longest that was seen. */
  readonly ttl: number;
  /** Milliseconds since 1970 of the first and the last answer. */
  readonly first: number;
  readonly last: number;
}

/** Every flow that was taken is in one of these counts: `requests`, `repeated`, `replies`, `ambiguous` and `overflow`. */
export interface OrientSummary {
  readonly taken: number;
  readonly requests: number;
  /** More observations of a connection that is counted already: at other points, or other packets of it. */
  readonly repeated: number;
  readonly replies: number;
  /** Who opened the connection is not known: never a rule. */
  readonly ambiguous: { readonly count: number; readonly first: readonly string[] };
  /** Flows that were not kept for want of room. */
  readonly overflow: number;
  /** Flows of unknown direction whose client was found, by what decided nothing but the ends' own ports and peers. */
  readonly inferred: number;
  readonly incomplete: readonly string[];
}

export interface Orientation {
  readonly flows: readonly ObservedFlow[];
  readonly answers: readonly Answer[];
  /** Flows of which it is not known who opened the connection, counted; at most 1,000, the last of which counts the rest. */
  readonly ambiguous: readonly Flow[];
  readonly summary: OrientSummary;
}

const shown = 10;
const mostAmbiguous = 1000;
const mostAnswers = 100_000;
const mostSeen = 200_000;

/**
 * Finds who opened each connection and counts the requests, in bounded memory: replies are dropped, and where the source does not say which is which, the
 * server is the end whose port listens or is declared; else the one whose port stays the same for three peers or more while the other's varies; else the lower
 * port where the other is one of those that clients are given (32768 to 60999); else the flow is ambiguous and is only counted.
 */
export class Orienter {
  readonly #evidence: Evidence;
  readonly #aggregate: Aggregate;
  readonly #seen: RecentSet;
  readonly #keys: EndKeys;
  readonly #pending = new Map<string, { flow: Flow; counts: number; observations: number }>();
  readonly #mostPending: number;
  readonly #bucket: number;
  readonly #answers = new Map<string, Answer>();
  readonly #ambiguous: Flow[] = [];
  readonly #counts = { taken: 0, requests: 0, repeated: 0, replies: 0, ambiguous: 0, inferred: 0, parts: 0, answers: 0 };

  constructor({ declares = () => false, most = 500_000, mostPending = 100_000, bucket = 10_000, addressPeriod = 300_000 }: OrientOptions = {}) {
    this.#evidence = new Evidence(most, declares);
    this.#aggregate = new Aggregate(most, addressPeriod);
    this.#seen = new RecentSet(mostSeen);
    this.#keys = new EndKeys(most);
    this.#mostPending = mostPending;
    this.#bucket = bucket;
  }

  /** Says what listens, as a reader's summary has it: at any time before {@link finish}. */
  listening(ports: readonly ListeningPort[]): void {
    for (const port of ports) this.#evidence.listens(port);
  }

  add(flow: Flow): void {
    this.#counts.taken++;
    if (flow.dns !== undefined) this.#answer(flow.dns, flow);
    const { protocol, port, sourcePort, direction } = flow;
    const from = this.#keys.of(flow.source);
    if (direction === "reply") {
      this.#counts.replies++;
      if (sourcePort !== undefined) this.#evidence.serves(from.key, protocol, sourcePort);
      return;
    }
    const to = this.#keys.of(flow.destination);
    const counts = this.#isNew(flow, from, to) ? flow.count : 0;
    if (direction === "unknown") {
      this.#wait(flow, counts, from, to);
      return;
    }
    if (port !== undefined) this.#evidence.serves(to.key, protocol, port);
    this.#request(flow, counts, 1, from, to);
  }

  #isNew(flow: Flow, from: KeyedEnd, to: KeyedEnd): boolean {
    const { sourcePort, first, count } = flow;
    // Without the source's port, or counted by the source already: not one packet.
    if (sourcePort === undefined || count > 1) return true;
    return this.#seen.add(`${from.token} ${sourcePort} ${to.token} ${kindKey(flow, Math.floor(first / this.#bucket))}`);
  }

  #request(flow: Flow, counts: number, observations: number, from: KeyedEnd, to: KeyedEnd): void {
    const before = this.#aggregate.overflow;
    this.#aggregate.add(flow, counts, from.key, to.key);
    if (this.#aggregate.overflow > before) {
      this.#aggregate.overflow += observations - 1;
      return;
    }
    const first = counts > 0 ? 1 : 0;
    this.#counts.requests += first;
    this.#counts.repeated += observations - first;
  }

  #wait(flow: Flow, counts: number, from: KeyedEnd, to: KeyedEnd): void {
    this.#evidence.count(flow);
    const key = `${from.token} ${flow.sourcePort ?? 0} ${to.token} ${kindKey(flow, Math.floor(flow.first / day))}`;
    const pending = this.#pending.get(key);
    if (pending !== undefined) {
      pending.flow = { ...pending.flow, first: Math.min(pending.flow.first, flow.first), last: Math.max(pending.flow.last, flow.last) };
      pending.counts += counts;
      pending.observations++;
      return;
    }
    if (this.#pending.size >= this.#mostPending) {
      this.#counts.parts++;
      this.#decide();
    }
    this.#pending.set(key, { flow, counts, observations: 1 });
  }

  #decide(): void {
    for (const { flow, counts, observations } of this.#pending.values()) {
      const server = this.#evidence.server(flow);
      if (server === undefined) {
        this.#leave(flow, observations);
        continue;
      }
      this.#counts.inferred += observations;
      const request = towards(flow, server);
      this.#request(request, counts, observations, this.#keys.of(request.source), this.#keys.of(request.destination));
    }
    this.#pending.clear();
  }

  #leave(flow: Flow, observations: number): void {
    this.#counts.ambiguous += observations;
    const last = this.#ambiguous.at(-1);
    if (last === undefined || this.#ambiguous.length < mostAmbiguous) this.#ambiguous.push({ ...flow, count: observations });
    else this.#ambiguous[mostAmbiguous - 1] = { ...last, count: last.count + observations };
  }

  #answer({ name, ips, ttl }: NonNullable<Flow["dns"]>, { first, last }: Flow): void {
    for (const ip of ips) {
      const key = `${name} ${ip}`;
      const known = this.#answers.get(key);
      if (known === undefined && this.#answers.size >= mostAnswers) this.#counts.answers++;
      else this.#answers.set(key, { name, ip, ttl: Math.max(ttl, known?.ttl ?? 0), first: Math.min(first, known?.first ?? first), last: Math.max(last, known?.last ?? last) });
    }
  }

  finish(): Orientation {
    this.#decide();
    const { taken, requests, repeated, replies, ambiguous, inferred, parts, answers } = this.#counts;
    const overflow = this.#aggregate.overflow;
    const incomplete = [
      ...(overflow > 0 ? [`${overflow} flows between other ends or to other ports than the first, for which there was no room`] : []),
      ...(parts > 0 ? [`the direction of flows was decided in ${parts + 1} parts, each without what came after it`] : []),
      ...(this.#evidence.overflow > 0 ? [`${this.#evidence.overflow} ports for which there was no room`] : []),
      ...(answers > 0 ? [`${answers} addresses of names for which there was no room`] : []),
    ];
    return {
      flows: this.#aggregate.flows(),
      answers: [...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, answer]) => answer),
      ambiguous: [...this.#ambiguous],
      summary: { taken, requests, repeated, replies, ambiguous: { count: ambiguous, first: this.#ambiguous.slice(0, shown).map(({ at }) => at) }, overflow, inferred, incomplete },
    };
  }
}

function towards(flow: Flow, server: Server): Flow {
  if (server === "destination" || flow.sourcePort === undefined) return { ...flow, direction: "request" };
  const { source, destination, port, sourcePort, ...rest } = flow;
  return { ...rest, source: destination, destination: source, port: sourcePort, ...(port === undefined ? {} : { sourcePort: port }), direction: "request" };
}
