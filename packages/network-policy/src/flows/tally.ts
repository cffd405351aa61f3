import type { DockerContainer, DockerNetwork } from "../model/cluster";
import type { FlowSummary, ListeningPort } from "../model/flow";

/** A record that was read, and is no flow between two ends: why. */
export interface Ignored {
  readonly ignored: string;
}

/** A record that could not be read. Never the record's own text: a log can hold credentials. */
export interface Malformed {
  readonly expected: string;
  readonly found: string;
}

const shown = 10;
/** Ports that were seen to listen, and containers and networks each: more than this are no longer kept. */
const mostListening = 10_000;
/** Streams of several nodes are merged: this much out of order is no clock that went backwards. Milliseconds. */
const tolerance = 10_000;

/** Counts what a reader does with each record. */
export class Tally {
  format = "none";
  lost = 0;
  #read = 0;
  #used = 0;
  readonly #ignored = new Map<string, number>();
  readonly #malformed: { at: string; expected: string; found: string }[] = [];
  #malformedCount = 0;
  /** By reason: how many records show it; 0 for what is no count. */
  readonly #incomplete = new Map<string, number>();
  readonly #listening = new Map<string, ListeningPort>();
  readonly #containers = new Map<string, DockerContainer>();
  readonly #networks = new Map<string, DockerNetwork>();
  #latest = Number.NEGATIVE_INFINITY;

  use(): void {
    this.#read++;
    this.#used++;
  }

  ignore(reason: string): void {
    this.#read++;
    this.#ignored.set(reason, (this.#ignored.get(reason) ?? 0) + 1);
  }

  refuse(at: string, { expected, found }: Malformed): void {
    this.#read++;
    this.#malformedCount++;
    if (this.#malformed.length < shown) this.#malformed.push({ at, expected, found });
  }

  /** Counts one more record that shows why the recording is incomplete. */
  count(reason: string): void {
    this.#incomplete.set(reason, (this.#incomplete.get(reason) ?? 0) + 1);
  }

  /** Says once why the recording is incomplete. */
  incomplete(reason: string): void {
    this.#incomplete.set(reason, 0);
  }

  /** Takes back what was said by {@link incomplete}. */
  complete(reason: string): void {
    this.#incomplete.delete(reason);
  }

  /** Watches the clock of a source whose records come in order. */
  tick(time: number): void {
    if (time < this.#latest - tolerance) this.count("records of a clock that went backwards, or of captures that were put together");
    if (time > this.#latest) this.#latest = time;
  }

  listen(port: ListeningPort): void {
    const key = `${port.container ?? ""} ${port.ip ?? ""} ${port.protocol} ${port.port}`;
    if (this.#listening.has(key)) return;
    if (this.#listening.size >= mostListening) this.count("listening ports beyond the first 10,000, which are not kept");
    else this.#listening.set(key, port);
  }

  container(container: DockerContainer): void {
    this.#record(this.#containers, "containers", container);
  }

  network(network: DockerNetwork): void {
    this.#record(this.#networks, "networks", network);
  }

  #record<T extends { readonly name: string }>(known: Map<string, T>, what: string, one: T): void {
    if (known.size >= mostListening && !known.has(one.name)) this.count(`${what} beyond the first 10,000, which are not kept`);
    else known.set(one.name, one);
  }

  summary(): FlowSummary {
    return {
      ...(this.#containers.size + this.#networks.size === 0 ? {} : { recorded: { containers: [...this.#containers.values()], networks: [...this.#networks.values()] } }),
      format: this.format,
      read: this.#read,
      used: this.#used,
      ignored: Object.fromEntries([...this.#ignored].sort(([a], [b]) => (a < b ? -1 : 1))),
      malformed: { count: this.#malformedCount, first: [...this.#malformed] },
      lost: this.lost,
      incomplete: [...this.#incomplete].map(([reason, count]) => (count === 0 ? reason : `${count} ${reason}`)),
      listening: [...this.#listening.values()],
    };
  }
}
