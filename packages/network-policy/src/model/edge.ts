import type { Protocol, WorkloadName } from "./cluster";
import type { Entity } from "./flow";

/** Who talks: a workload, something that is no pod, an address outside, or a container of Docker. */
export type Peer =
  | { readonly kind: "workload"; readonly workload: WorkloadName }
  | { readonly kind: "entity"; readonly entity: Entity }
  /** `names`: those that the address was resolved from. */
  | { readonly kind: "address"; readonly ip: string; readonly names: readonly string[] }
  | { readonly kind: "container"; readonly name: string };

/** A connection that one peer opens to another. Ports are those of the destination's pods, not of a Service. */
export interface Edge {
  readonly from: Peer;
  readonly to: Peer;
  readonly protocol: Protocol;
  /** Absent for ICMP. */
  readonly port?: number;
}

/** An edge that was seen, with where it comes from. */
export interface ObservedEdge extends Edge {
  /** Milliseconds since 1970. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly verdict: "forwarded" | "dropped" | "audited";
  /** Places of a few of its flows. */
  readonly at: readonly string[];
}

/** A unique name, which sorts: `Deployment shop/api`, `entity world`, `192.0.2.7`, `container web`. */
export function peerName(peer: Peer): string {
  if (peer.kind === "workload") return `${peer.workload.kind} ${peer.workload.namespace}/${peer.workload.name}`;
  if (peer.kind === "entity") return `entity ${peer.entity}`;
  return peer.kind === "address" ? peer.ip : `container ${peer.name}`;
}

/** A unique name, which sorts: `Deployment shop/web -> Deployment shop/api TCP 8080`. */
export function edgeName({ from, to, protocol, port }: Edge): string {
  return `${peerName(from)} -> ${peerName(to)} ${protocol}${port === undefined ? "" : ` ${port}`}`;
}
