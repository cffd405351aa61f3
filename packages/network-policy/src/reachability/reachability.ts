import type { Cluster, Protocol, Workload, WorkloadName } from "../model/cluster";
import type { Peer } from "../model/edge";
import { peerName } from "../model/edge";
import type { IpBlock } from "../model/policy";
import type { AddressRange } from "./address";
import { formatIp, parseIp } from "./address";
import { indexClasses } from "./classes";
import { compileClusterPolicy } from "./cluster-policies";
import type { CompiledPolicy, Direction, NamedPort, PolicyProblem } from "./compiled";
import { policyName } from "./compiled";
import { dockerReach } from "./docker";
import { connect, type GroupEdge } from "./edges";
import type { Group } from "./groups";
import { groupBy, namedKey, workloadKey } from "./groups";
import { layersOf } from "./layers";
import { compileNetworkPolicy } from "./network-policies";
import { createPeerSets } from "./peer-sets";
import type { PortRanges, PortSet } from "./ports";
import { onePort, toRanges } from "./ports";
import { describeReason, reasonFor, reasonsFor, type Reason } from "./why";

/** Who talks: a peer, or one pod of a workload by its address. */
export type ReachEnd = Peer | { readonly kind: "pod"; readonly workload: WorkloadName; readonly ip: string };

export interface Verdict {
  /** Whether every pod at one end reaches every pod at the other. */
  readonly allowed: boolean;
  /** Whether some do: differs from `allowed` only where policies name addresses that some pods of a workload have. */
  readonly partly: boolean;
  /** Each end's reason: of the first pair that is denied, else of the first pair. */
  readonly egress: Reason;
  readonly ingress: Reason;
}

/** What all pods, or all addresses, on one side of a connection are. */
export interface EdgeEnd {
  /** Workloads with pods in it. */
  readonly workloads: readonly Workload[];
  /** Addresses outside, first and last of each range; some may be those of pods. */
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
}

/** Everything that one side may open to the other. A side can be on both ends: pods of one workload talk to each other. */
export interface Connection {
  readonly from: EdgeEnd;
  readonly to: EdgeEnd;
  readonly ports: PortRanges;
}

export type ReachabilityInput = Pick<Cluster, "namespaces" | "workloads" | "policies"> & Partial<Pick<Cluster, "clusterPolicies" | "containers" | "networks">> & {
  /** Blocks of addresses that are ends of their own though no policy here names them: those of a set of policies to compare with. */
  readonly apart?: readonly IpBlock[];
};

export interface Reachability {
  /**
   * Whether a connection can be opened, and why. `port`: of the destination's pods, not of a Service; absent for ICMP.
   * @throws Error where a workload, pod or container is not in the cluster, or a text is no address.
   */
  readonly allows: (from: ReachEnd, to: ReachEnd, protocol: Protocol, port?: number) => Verdict;
  /** The connectivity of pods, among each other and with addresses outside. Pods that policies treat alike are one end. */
  readonly edges: () => readonly Connection[];
  /** What lets a connection of `edges` through, at its sender's end and at its receiver's. */
  readonly why: (connection: Connection) => { readonly [direction in Direction]: readonly Reason[] };
  /**
   * Policies that apply to any pod of a workload, by name, sorted; none: it is open in this direction.
   * @throws Error where the workload is not in the cluster.
   */
  readonly policiesOf: (workload: WorkloadName) => { readonly [direction in Direction]: readonly string[] };
  /** Blocks of addresses that policies name. */
  readonly blocks: readonly IpBlock[];
  /** What of the policies could not be evaluated as it stands. */
  readonly problems: readonly PolicyProblem[];
  /** What was not known, and how it is taken. Sentences. */
  readonly assumptions: readonly string[];
}

/**
 * Who may talk to whom, as Kubernetes decides it: both ends have to let a connection through, policies add up, and
 * policies of the cluster come before and after them. A pod and its own node always reach each other
 * (networking.k8s.io/v1 NetworkPolicySpec). Containers of Docker are judged by their networks.
 */
export function createReachability({ namespaces, workloads, policies, clusterPolicies = [], containers = [], networks = [], apart = [] }: ReachabilityInput): Reachability {
  const index = indexClasses(namespaces, workloads);
  const sets = createPeerSets(index);
  const problems: PolicyProblem[] = [];
  const report = (problem: PolicyProblem): void => void problems.push(problem);
  const compiled = [...policies.map((policy) => compileNetworkPolicy(policy, sets, report)), ...clusterPolicies.flatMap((policy) => compileClusterPolicy(policy, sets, report) ?? [])];
  for (const block of apart) sets.addressSet(block, () => undefined);
  const groups = groupBy(index, sets, namedPorts(compiled));
  const layers = { ingress: layersOf(compiled, groups, "ingress"), egress: layersOf(compiled, groups, "egress") };
  const docker = dockerReach(containers, networks);
  const known = new Set(containers.map(({ name }) => name));

  const groupsOf = (end: ReachEnd): readonly Group[] => {
    if (end.kind === "entity") return [groups.unknownAddress];
    if (end.kind === "address") return [groups.ofAddress(addressOf(end.ip))];
    if (end.kind === "container") throw new Error(`container ${end.name} does not run in the cluster: it reaches other containers and addresses only`);
    const found = end.kind === "workload" ? groups.ofWorkload(end.workload) : [groups.ofPod(end.workload, end.ip)].filter((group) => group !== undefined);
    if (found.length === 0) throw new Error(`${workloadKey(end.workload)} ${end.kind === "pod" ? `has no pod ${end.ip}` : "is not in the cluster"}`);
    return found;
  };

  const containerEnds = (from: ReachEnd, to: ReachEnd, protocol: Protocol, port: number | undefined): Reason => {
    for (const end of [from, to]) {
      if (end.kind === "container" && !known.has(end.name)) throw new Error(`container ${end.name} is not known`);
      if (end.kind === "workload" || end.kind === "pod") throw new Error(`${workloadKey(end.workload)} runs in a cluster: it reaches no container of Docker by a name`);
    }
    if (from.kind === "container") return to.kind === "container" ? docker.between(from.name, to.name) : docker.outside(from.name);
    const { name } = to as Peer & { readonly kind: "container" };
    return from.kind === "entity" && from.entity === "host" ? docker.fromHost(name) : docker.published(name, protocol, port);
  };

  const allows: Reachability["allows"] = (from, to, protocol, port) => {
    if (from.kind === "container" || to.kind === "container") {
      const reason = containerEnds(from, to, protocol, port);
      return { allowed: reason.allowed, partly: reason.allowed, egress: reason, ingress: reason };
    }
    const isNode = (end: ReachEnd): boolean => end.kind === "entity" && end.entity === "host";
    const node: Reason = { allowed: true, because: "node", rules: [] };
    const point = onePort(protocol, port);
    const pairs = groupsOf(from).flatMap((source) => groupsOf(to).map((target) => [source, target] as const));
    const meeting = pairs.filter(([source, target]) => source.family === undefined || target.family === undefined || source.family === target.family);
    if (meeting.length === 0) throw new Error(`${endName(from)} and ${endName(to)} have no address family in common`);
    const verdicts = meeting.map(([source, target]) => (isNode(from) || isNode(to) ? { egress: node, ingress: node } : { egress: reasonFor(source, target, layers.egress(source), "egress", point), ingress: reasonFor(target, source, layers.ingress(target), "ingress", point) }));
    const denied = verdicts.find(({ egress, ingress }) => !egress.allowed || !ingress.allowed);
    const shown = (denied ?? verdicts[0]) as (typeof verdicts)[number];
    return { allowed: denied === undefined, partly: verdicts.some(({ egress, ingress }) => egress.allowed && ingress.allowed), ...shown };
  };

  const between = new WeakMap<Connection, GroupEdge>();
  return {
    allows,
    why: (connection) => {
      const edge = between.get(connection);
      if (edge === undefined) throw new Error("the connection is none of these edges");
      const { from, to, ports } = edge;
      return { egress: reasonsFor(from, to, layers.egress(from), "egress", ports), ingress: reasonsFor(to, from, layers.ingress(to), "ingress", ports) };
    },
    policiesOf: (workload) => {
      const own = groupsOf({ kind: "workload", workload });
      const of = (direction: Direction): readonly string[] => {
        const found = own.map(layers[direction]).flatMap(({ admin, policies: middle, baseline }) => [...admin, ...baseline].map(({ name }) => policyName(name)).concat(middle.map(({ name }) => policyName(name))));
        return [...new Set(found)].sort();
      };
      return { ingress: of("ingress"), egress: of("egress") };
    },
    edges: () => {
      const byName = new Map<string, Group[]>();
      for (const group of groups.all) for (const key of group.named.keys()) byName.set(key, [...(byName.get(key) ?? []), group]);
      const ends = new Map(groups.all.map((group) => [group, endOf(group)]));
      const ranges = new Map<PortSet, PortRanges>();
      const rangesOf = (ports: PortSet): PortRanges => {
        const known = ranges.get(ports) ?? toRanges(ports);
        ranges.set(ports, known);
        return known;
      };
      return connect(layers, { groups, byName }).map((edge) => {
        const connection = { from: ends.get(edge.from) as EdgeEnd, to: ends.get(edge.to) as EdgeEnd, ports: rangesOf(edge.ports) };
        between.set(connection, edge);
        return connection;
      });
    },
    blocks: sets.blocks,
    problems,
    assumptions: assumptions(index.unread, sets.addresses.size > 0 ? workloads : []),
  };
}

/** Two lines: why the sender's end lets a connection through or does not, and the receiver's. */
export function explain(from: ReachEnd, to: ReachEnd, { egress, ingress }: Verdict): readonly string[] {
  const line = (end: ReachEnd, reason: Reason, direction: Direction): string => `${endName(end)} ${describeReason(reason, direction)}`;
  return egress.because === "network" ? [line(to, ingress, "ingress")] : [line(from, egress, "egress"), line(to, ingress, "ingress")];
}

function endName(end: ReachEnd): string {
  return end.kind === "pod" ? `${workloadKey(end.workload)} (${end.ip})` : peerName(end);
}

function addressOf(ip: string): NonNullable<ReturnType<typeof parseIp>> {
  const address = parseIp(ip);
  if (address === undefined) throw new Error(`${JSON.stringify(ip)} is no address`);
  return address;
}

function endOf({ workloads, ranges }: Group): EdgeEnd {
  const text = ({ family, first, last }: AddressRange): EdgeEnd["ranges"][number] => ({ first: formatIp({ family, value: first }), last: formatIp({ family, value: last }) });
  return { workloads, ranges: ranges.map(text) };
}

function namedPorts(policies: readonly CompiledPolicy[]): readonly NamedPort[] {
  const found = new Map<string, NamedPort>();
  for (const { ingress = [], egress = [] } of policies) for (const { named } of [...ingress, ...egress]) for (const port of named) found.set(namedKey(port), port);
  return [...found.values()];
}

function assumptions(unread: readonly string[], workloads: readonly Workload[]): readonly string[] {
  const unaddressed = workloads.filter(({ addresses }) => addresses.length === 0).length;
  return [
    ...(unread.length === 0 ? [] : [`namespaces that were not read are taken to have no label but their name: ${unread.join(", ")}`]),
    ...(unaddressed === 0 ? [] : [`the addresses of ${unaddressed} workload${unaddressed === 1 ? "" : "s"} are not known: no address block is taken to hold their pods`]),
  ];
}
