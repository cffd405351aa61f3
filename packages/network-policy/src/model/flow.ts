import type { Cluster, Labels, Protocol, WorkloadName } from "./cluster";

/** What is no pod of the cluster: Cilium's reserved identities, by their names there. */
export const entities = ["world", "host", "remote-node", "kube-apiserver", "ingress", "health"] as const;
export type Entity = (typeof entities)[number];

/** One end of a flow, as far as its source says who it is. Nothing here is guessed: identification is a later step. */
export interface FlowEnd {
  /** IPv4 or IPv6 address, without a prefix length. */
  readonly ip?: string;
  readonly namespace?: string;
  /** The pod's name; `web-5d8f9c7b6-*` where the source knows only what a controller's pods have in common. */
  readonly pod?: string;
  /** The controller that the source itself names. */
  readonly workload?: WorkloadName;
  /** Labels of the pod, without the source's prefixes (`k8s:`). Absent where the source has none; some sources have an intersection over pods. */
  readonly labels?: Labels;
  readonly entity?: Entity;
  /** Names that the address was resolved from. */
  readonly names?: readonly string[];
  /** The Service that was asked for, where the source says so. */
  readonly service?: { readonly namespace: string; readonly name: string };
  /** Docker: the container's name. */
  readonly container?: string;
}

/** Who opened the connection: `source` is the client where `direction` is `request`. */
export type FlowDirection = "request" | "reply" | "unknown";

/** One observation, or several that the source has counted together. */
export interface Flow {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly protocol: Protocol;
  /** Port of the destination, after translation where the source shows both. Absent for ICMP. */
  readonly port?: number;
  readonly sourcePort?: number;
  readonly direction: FlowDirection;
  /** `audited`: let through, and would be dropped. */
  readonly verdict: "forwarded" | "dropped" | "audited";
  /** Milliseconds since 1970 of the first and the last observation; 0 where the source has no time, which the summary then counts. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** An answer of a name server that was seen: addresses by name, with the seconds that they hold. */
  readonly dns?: { readonly name: string; readonly ips: readonly string[]; readonly ttl: number };
  /** Where it was read: `flows.jsonl:17`. */
  readonly at: string;
}

/** A port that was seen to listen: a connection between it and another port was opened by the other end. */
export interface ListeningPort {
  /** Absent for every address of the container. */
  readonly ip?: string;
  /** Docker: the container's name. */
  readonly container?: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** What a reader has read. Nothing is dropped in silence: `read` is the sum of `used`, `ignored` and `malformed`. */
export interface FlowSummary {
  readonly format: string;
  /** Records: lines, or entries of a document. */
  readonly read: number;
  readonly used: number;
  /** Records that are no flow between two ends, by reason (`loopback`, `not a flow`, `an answer of a name server` ...). */
  readonly ignored: { readonly [reason: string]: number };
  /** Records that could not be read: the first ten by place, and how many there were. */
  readonly malformed: { readonly count: number; readonly first: readonly { readonly at: string; readonly expected: string; readonly found: string }[] };
  /** Events that the source says it lost: what is learned is incomplete. */
  readonly lost: number;
  /** Other reasons why the recording is incomplete: a clock that went backwards, a file that ends within a record. */
  readonly incomplete: readonly string[];
  /** Ports that the source itself says are listened on, for orientation. */
  readonly listening: readonly ListeningPort[];
  /** What ran while the source recorded, where it says so. */
  readonly recorded?: Pick<Cluster, "containers" | "networks">;
}

/** A reader gives flows, in bounded memory; the summary is complete once the last was taken. Either of both is taken, once. */
export interface FlowReading {
  readonly flows: AsyncIterable<Flow>;
  /** The same flows, those of one piece of the input at a time: much faster for many. */
  readonly batches: AsyncIterable<readonly Flow[]>;
  readonly summary: () => FlowSummary;
}
