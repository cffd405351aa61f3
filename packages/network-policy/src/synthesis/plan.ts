import type { Cluster, WorkloadName } from "../model/cluster";
import type { Peer } from "../model/edge";
import { edgeName, peerName } from "../model/edge";
import type { AddressBudget } from "./cidrs";
import { blockHolds, coverAddresses, defaultBudget, exceptionsOf } from "./cidrs";
import type { Declared } from "./declared";
import { declaredEdges } from "./declared";
import { metadataAddresses } from "./identify";
import { push } from "../maps";
import type { Observations, SeenEdge } from "./observe";
import { createPortNames } from "./ports";
import { resolverOpenings } from "./resolvers";
import type { LearnedRule, Opening, Provenance, RulePeer, RulePort } from "./rules";
import { mergeOpenings, peerKey, portKey } from "./rules";
import type { Subject, Subjects } from "./subjects";
import { byName, edgesBetween, findSubjects } from "./subjects";
import { portNames } from "./verify";

export const backEnds = ["kubernetes", "cilium", "calico"] as const;
/** What enforces the policies: Cilium also knows names of the internet, entities and ICMP. */
export type BackEnd = (typeof backEnds)[number];

export interface PlanOptions {
  readonly backEnd?: BackEnd;
  /** Blocks that may be opened whole where an address in them was seen: nothing as wide is ever concluded from flows. */
  readonly allow?: readonly string[];
  readonly budget?: AddressBudget;
  /** Blocks of the cluster's own addresses, which wide blocks leave out. */
  readonly clusterBlocks?: readonly string[];
  /** Namespaces that policies are written in. Default: all but those of Kubernetes itself. */
  readonly isolates?: (namespace: string) => boolean;
}

/** What is allowed to and from the pods of one subject. */
export interface SubjectPlan {
  readonly subject: Subject;
  readonly ingress: readonly LearnedRule[];
  readonly egress: readonly LearnedRule[];
}

/** Something that no rule expresses, or not safely, and why. */
export interface Unsafe {
  /** Name of the edge, or of the workload. */
  readonly what: string;
  readonly reason: string;
}

export interface Plan {
  /** Namespaces where everything else is denied, sorted. */
  readonly namespaces: readonly string[];
  /** Namespaces with workloads that no policy is written for, sorted. */
  readonly open: readonly string[];
  readonly subjects: readonly SubjectPlan[];
  readonly unsafe: readonly Unsafe[];
  /** Sets of workloads that no label tells apart: what one of them may do, all may. */
  readonly inseparable: readonly (readonly WorkloadName[])[];
  /** Addresses within blocks that were not seen: how many. */
  readonly unseenAddresses: bigint;
  /** Names of edges that a declaration opens, and no flow. */
  readonly declared: ReadonlySet<string>;
}

export type Direction = "ingress" | "egress";
/** Openings of one direction of one subject, by peer and port. */
export type Openings = Map<Subject, { readonly [direction in Direction]: Opening[] }>;

const ofKubernetes = new Set(["kube-system", "kube-public", "kube-node-lease"]);

/** The least set of rules for what was seen. Equal for equal observations. */
export function planPolicies(observations: Observations, inventory: Cluster | undefined, options: PlanOptions = {}): Plan {
  const { backEnd = "kubernetes", isolates = (namespace) => !ofKubernetes.has(namespace) } = options;
  const subjects = findSubjects(observations.workloads);
  const everywhere = [...new Set([...(inventory?.namespaces ?? []).map(({ name }) => name), ...observations.workloads.map(({ namespace }) => namespace)])].sort();
  const unsafe = new Map<string, Unsafe>();
  const openings: Openings = new Map();
  const portName = createPortNames(observations.workloads);
  const asked = new Set<string>();
  const outside = new Map<string, Outside>();
  const refuse: Refuse = (what, reason) => void unsafe.set(`${what} ${reason}`, { what, reason });
  const open = (subject: Subject, direction: Direction, opening: Opening): void => {
    const own = openings.get(subject) ?? { ingress: [], egress: [] };
    openings.set(subject, own);
    own[direction].push(opening);
  };

  const visit = (edge: SeenEdge, direction: Direction): void => {
    const [own, other] = direction === "egress" ? [edge.from, edge.to] : [edge.to, edge.from];
    if (own.kind !== "workload" || !isolates(own.workload.namespace)) return;
    const subject = subjects.of(own.workload);
    const peer = other.kind === "workload" ? subjects.of(other.workload) : undefined;
    const reason = inexpressible(edge, other, backEnd, peer);
    if (subject === undefined) refuse(peerName(own), "its pods have no label that stays: no selector can name them");
    else if (reason !== undefined) refuse(edgeName(edge), reason);
    else {
      const port = portName(edge.to.kind === "workload" ? subjects.of(edge.to.workload) : undefined, edge.protocol, edge.port);
      if (direction === "ingress" && port.endPort !== undefined && peer !== undefined) for (const name of rangesBetween(peer, subject, port)) asked.add(name);
      if (peer !== undefined) open(subject, direction, { peer: { kind: "pods", subject: peer }, port, provenance: [provenanceOf(edge)] });
      else if (other.kind === "entity" && backEnd === "cilium" && other.entity !== "world") open(subject, direction, { peer: { kind: "entity", entity: other.entity }, port, provenance: [provenanceOf(edge)] });
      // A pod and its own node always reach each other (networking.k8s.io/v1 NetworkPolicySpec).
      else if (other.kind === "address" || (other.kind === "entity" && other.entity !== "host")) {
        if (other.kind === "entity") refuse(`${peerName(own)} and ${peerName(other)}`, "addresses of nodes are written as they were seen, and change with the nodes");
        const ends = other.kind === "address" ? [{ edge, ip: other.ip, names: other.names }] : edge.ips.map((ip) => ({ edge, ip, names: [] }));
        const key = `${peerKey({ kind: "pods", subject })} ${direction} ${portKey(port)}`;
        const known = outside.get(key);
        if (known === undefined) outside.set(key, { subject, direction, port, edges: ends });
        else known.edges.push(...ends);
      }
    }
  };
  for (const edge of observations.edges) {
    visit(edge, "egress");
    visit(edge, "ingress");
  }

  let unseenAddresses = 0n;
  for (const end of outside.values()) unseenAddresses += openOutside(end, options, open, refuse);
  for (const name of openDeclared(declaredEdges(observations, inventory), { subjects, isolates, portName, open, refuse })) asked.add(name);
  const declared = new Set([...asked, ...resolverOpenings(openings, isolates)]);
  const plans = [...openings].map(([subject, { ingress, egress }]) => ({ subject, ingress: mergeOpenings(ingress), egress: mergeOpenings(egress) }));
  return {
    namespaces: everywhere.filter(isolates),
    open: everywhere.filter((namespace) => !isolates(namespace)),
    subjects: plans.sort((a, b) => byName(a.subject.name, b.subject.name)),
    unsafe: [...unsafe].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value),
    inseparable: subjects.all.filter(({ members, admits }) => members.length + admits.length > 1).map(({ members, admits }) => [...members, ...admits].sort(byName)),
    unseenAddresses,
    declared,
  };
}

type Refuse = (what: string, reason: string) => void;
type Open = (subject: Subject, direction: Direction, opening: Opening) => void;

interface Opener {
  readonly subjects: Subjects;
  readonly isolates: (namespace: string) => boolean;
  readonly portName: ReturnType<typeof createPortNames>;
  readonly open: Open;
  readonly refuse: Refuse;
}

/** Names of the edges that a port of a rule, perhaps a range, opens between two subjects. */
function rangesBetween(from: Subject, to: Subject, { protocol, port, endPort }: RulePort): readonly string[] {
  return edgesBetween(from, to, protocol, undefined).flatMap((pair) => portNames(pair, [port ?? 0, endPort ?? port ?? 0]));
}

/** Returns the names of the edges between pods that are opened without a flow. */
function openDeclared({ edges, outside, unsafe }: Declared, { subjects, isolates, portName, open, refuse }: Opener): ReadonlySet<string> {
  const names = new Set<string>();
  const provenance = (edge: string, declaredBy: string): readonly Provenance[] => [{ edge, first: 0, last: 0, count: 0, at: [], declaredBy }];
  for (const { from, to, protocol, port, declaredBy } of edges) {
    const [source, target] = [subjects.of(from), subjects.of(to)];
    const name = edgeName({ from: { kind: "workload", workload: from }, to: { kind: "workload", workload: to }, protocol, port });
    if (source === undefined || target === undefined) {
      refuse(name, `asked for by ${declaredBy}, and no selector can name the pods of both ends`);
      continue;
    }
    const rulePort = portName(target, protocol, port);
    if (isolates(from.namespace)) open(source, "egress", { peer: { kind: "pods", subject: target }, port: rulePort, provenance: provenance(name, declaredBy) });
    if (isolates(to.namespace)) open(target, "ingress", { peer: { kind: "pods", subject: source }, port: rulePort, provenance: provenance(name, declaredBy) });
    for (const edge of rangesBetween(source, target, rulePort)) names.add(edge);
  }
  for (const { to, cidr, protocol, port, declaredBy } of outside) {
    const target = subjects.of(to);
    if (target !== undefined && isolates(to.namespace)) open(target, "ingress", { peer: { kind: "block", cidr, except: [] }, port: portName(target, protocol, port), provenance: provenance(`${cidr} -> ${peerName({ kind: "workload", workload: to })} ${protocol} ${port}`, declaredBy) });
  }
  for (const { what, reason } of unsafe) refuse(what, reason);
  return names;
}

/** Why no rule can be made for an edge; undefined where one can. */
function inexpressible(edge: SeenEdge, other: Peer, backEnd: BackEnd, peer: Subject | undefined): string | undefined {
  if (edge.protocol === "ICMP" && backEnd === "kubernetes") return "NetworkPolicy has no rule for ICMP: what becomes of it, the network plugin decides";
  if (other.kind === "workload" && peer === undefined) return `the pods of ${peerName(other)} have no label that stays: no selector can name them`;
  if (other.kind === "container") return "a container of Docker is no pod";
  const needsAddress = other.kind === "entity" && other.entity !== "host" && (backEnd !== "cilium" || other.entity === "world");
  return needsAddress && edge.ips.length === 0 ? "no address of it was seen" : undefined;
}

/** Ends outside of one port of one subject. */
interface Outside {
  readonly subject: Subject;
  readonly direction: Direction;
  readonly port: RulePort;
  readonly edges: { readonly edge: SeenEdge; readonly ip: string; readonly names: readonly string[] }[];
}

/** Opens addresses by name, by a block that was allowed, or by as few blocks as the budget gives; returns how many unseen ones the last hold. */
function openOutside({ subject, direction, port, edges }: Outside, { backEnd = "kubernetes", allow = [], budget = defaultBudget, clusterBlocks = [] }: PlanOptions, open: Open, refuse: Refuse): bigint {
  const put = (peer: RulePeer, of: readonly SeenEdge[]): void => open(subject, direction, { peer, port, provenance: of.map(provenanceOf) });
  const rest = new Map<string, SeenEdge[]>();
  for (const { edge, ip, names } of edges) {
    const wide = allow.find((cidr) => blockHolds(cidr, ip) && !exceptionsOf(cidr, clusterBlocks).some((inner) => blockHolds(inner, ip)));
    if (metadataAddresses.has(ip)) refuse(edgeName(edge), wide === undefined ? "the address of instance metadata, which gives credentials away, is never opened without being asked for" : "opens the address of instance metadata, as was asked for");
    if (wide !== undefined) put({ kind: "block", cidr: wide, except: exceptionsOf(wide, clusterBlocks) }, [edge]);
    else if (backEnd === "cilium" && direction === "egress" && names.length > 0) for (const name of names) put({ kind: "name", name }, [edge]);
    else if (!metadataAddresses.has(ip)) push(rest, ip, edge);
  }
  const cover = coverAddresses([...rest.keys()], budget);
  if (cover === undefined) {
    const whose = direction === "egress" ? `${peerName({ kind: "workload", workload: subject.name })} -> ${rest.size} addresses` : `${rest.size} addresses -> ${peerName({ kind: "workload", workload: subject.name })}`;
    refuse(`${whose} ${port.protocol} ${port.port}`, `more addresses than ${budget.blocks} narrow blocks hold: name a block with --allow, or use a back end that knows names`);
    return 0n;
  }
  for (const cidr of cover.cidrs) put({ kind: "block", cidr, except: [] }, [...rest].filter(([ip]) => blockHolds(cidr, ip)).flatMap(([, of]) => of));
  return cover.unseen;
}

function provenanceOf(edge: SeenEdge): Provenance {
  return { edge: edgeName(edge), first: edge.first, last: edge.last, count: edge.count, at: edge.at };
}

/** Workloads of namespaces where everything else is denied, that no flow was seen of. */
export function neverSeen(observations: Observations, { namespaces }: Plan): readonly WorkloadName[] {
  const seen = new Set(observations.edges.flatMap(({ from, to }) => [from, to]).filter((peer) => peer.kind === "workload").map((peer: Peer) => peerName(peer)));
  const all = new Map(observations.workloads.filter(({ namespace, hostNetwork }) => !hostNetwork && namespaces.includes(namespace)).map(({ namespace, kind, name }) => [peerName({ kind: "workload", workload: { namespace, kind, name } }), { namespace, kind, name }]));
  return [...all].filter(([name]) => !seen.has(name)).map(([, name]) => name).sort(byName);
}
