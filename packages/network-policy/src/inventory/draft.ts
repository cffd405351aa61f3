import type { Cluster, DockerContainer, DockerNetwork, Entry, InventoryGap, Monitor, Namespace, Service, Workload } from "../model/cluster";
import type { NetworkPolicy } from "../model/policy";
import type { Owner, PodSeen } from "./owners";

/** One document: a manifest, a compose file, what `kubectl get -o json` or `docker inspect` prints, or the inputs of a Pulumi resource. */
export interface InventoryDocument {
  readonly value: unknown;
  /** Where it was read: a file, a URN. */
  readonly from: string;
  /** The type token of a Pulumi resource, or core's `composeType`. */
  readonly type?: string;
  /** The name of the resource in the program. */
  readonly name?: string;
}

/** A container of which the networks may be those of another one. */
export interface ContainerDraft extends DockerContainer {
  readonly sharesWith?: string;
}

/** What was read so far. */
export interface Draft {
  readonly namespaces: Namespace[];
  readonly workloads: Workload[];
  readonly pods: PodSeen[];
  /** Controllers that were read, and what owns them in turn. */
  readonly owners: Owner[];
  readonly services: Service[];
  readonly entries: Entry[];
  readonly monitors: Monitor[];
  readonly policies: NetworkPolicy[];
  readonly clusterPolicies: Cluster["clusterPolicies"][number][];
  readonly containers: ContainerDraft[];
  readonly networks: DockerNetwork[];
  readonly gaps: InventoryGap[];
}

export function emptyDraft(): Draft {
  return { namespaces: [], workloads: [], pods: [], owners: [], services: [], entries: [], monitors: [], policies: [], clusterPolicies: [], containers: [], networks: [], gaps: [] };
}
