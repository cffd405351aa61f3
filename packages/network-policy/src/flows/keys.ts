import type { Protocol } from "../model/cluster";
import type { Flow, FlowEnd } from "../model/flow";
import { endKey } from "./aggregate";

const protocolNumbers: { readonly [protocol in Protocol]: number } = { TCP: 0, UDP: 1, SCTP: 2, ICMP: 3 };
const verdictNumbers: { readonly [verdict in Flow["verdict"]]: number } = { forwarded: 0, dropped: 1, audited: 2 };

/** A protocol and a port (0 for none) as one number below 2^18. */
export function portKey(protocol: Protocol, port: number | undefined): number {
  return protocolNumbers[protocol] * 65_536 + (port ?? 0);
}

/** What a flow is counted by beside its ends, as one number; `period` is below 2^33. */
export function kindKey({ protocol, port, verdict }: Pick<Flow, "protocol" | "port" | "verdict">, period: number): number {
  return (period * 4 + verdictNumbers[verdict]) * 262_144 + portKey(protocol, port);
}

/** Ends whose key is kept; readers that know the ends of a log give the same object for each. */
const mostEnds = 10_000;

export interface KeyedEnd {
  readonly key: string;
  /** Short, and as unique as the key. */
  readonly token: number | string;
}

/** The keys of ends, made once for each object. */
export class EndKeys {
  readonly #known = new Map<FlowEnd, KeyedEnd>();
  readonly #tokens = new Map<string, number>();
  readonly #most: number;

  /** `most`: ends with a number; those after them have their key as token. */
  constructor(most: number) {
    this.#most = most;
  }

  of(end: FlowEnd): KeyedEnd {
    const known = this.#known.get(end);
    if (known !== undefined) return known;
    const key = endKey(end);
    const keyed = { key, token: this.#token(key) };
    if (this.#known.size >= mostEnds) this.#known.clear();
    this.#known.set(end, keyed);
    return keyed;
  }

  #token(key: string): number | string {
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    if (this.#tokens.size >= this.#most) return key;
    this.#tokens.set(key, this.#tokens.size);
    return this.#tokens.size - 1;
  }
}
