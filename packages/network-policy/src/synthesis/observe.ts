import { day } from "../flows/aggregate";
import type { Answer, Orientation } from "../flows/orient";
import type { Cluster, Workload, WorkloadName } from "../model/cluster";
import type { ObservedEdge, Peer } from "../model/edge";
import { edgeName } from "../model/edge";
import type { Flow } from "../model/flow";
import { Identifier, keyOf } from "./identify";
import { templateOf } from "./owner";

/** An edge that was seen, with the addresses that its entities had. */
export interface SeenEdge extends ObservedEdge {
  /** Addresses of the end that is an entity, sorted; empty where none was seen, or no end is one. */
  readonly ips: readonly string[];
}

/** Everything that flows have shown. Equal for the same flows in any order. */
export interface Observations {
  /** Connections that were let through, sorted by name. */
  readonly edges: readonly SeenEdge[];
  /** Those that a policy dropped, or would have: never allowed for that, only listed. */
  readonly refused: readonly SeenEdge[];
  /** All workloads: those of the inventory, and those that only flows name, one entry for each set of labels. */
  readonly workloads: readonly Workload[];
  /** Workloads that only flows name. */
  readonly unlisted: readonly WorkloadName[];
  /** Workloads of the inventory whose pods had other labels than it says. */
  readonly differing: readonly WorkloadName[];
  readonly hasInventory: boolean;
  readonly flows: number;
  readonly replies: number;
  /** Flows of which it is not known who opened the connection. */
  readonly ambiguous: number;
  /** Flows with an end that was not identified, by reason. */
  readonly unidentified: { readonly [reason: string]: number };
  /** Days (UTC) on which there were flows, sorted. */
  readonly days: readonly string[];
  /** Deployments of whose pods flows show the template, by how many templates: more than one after a rollout. */
  readonly templates: readonly { readonly workload: WorkloadName; readonly count: number }[];
  /** Milliseconds since 1970 of the last flow; absent without flows. */
  readonly last?: number;
}

export interface Observer {
  /** `places`: where it was seen, for a flow that stands for several. */
  readonly add: (flow: Flow & { readonly places?: readonly string[] }) => void;
  /** What a name server answered. */
  readonly answer: (answer: Answer) => void;
  readonly finish: () => Observations;
}

interface Draft {
  readonly edge: { from: Peer; to: Peer; protocol: Flow["protocol"]; port?: number };
  readonly verdict: Flow["verdict"];
  first: number;
  last: number;
  count: number;
  readonly at: string[];
  readonly ips: Set<string>;
  readonly names: Set<string>;
}

/** Milliseconds that an answer of a name server is used for beyond its time to live. */
const answerGrace = 60_000;
const mostPlaces = 3;

/** Gathers flows into edges between workloads: memory grows with what differs, not with how many flows there are. */
export function createObserver(inventory?: Cluster): Observer {
  const identifier = new Identifier(inventory);
  const drafts = new Map<string, Draft>();
  const answers = new Map<string, Map<string, { from: number; until: number }[]>>();
  const unidentified = new Map<string, number>();
  const days = new Set<number>();
  const templates = new Map<string, { readonly workload: WorkloadName; readonly hashes: Set<string> }>();
  const counts = { flows: 0, replies: 0, ambiguous: 0 };
  let latest: number | undefined;

  const answer: Observer["answer"] = ({ name, ip, ttl, first, last }) => remember(answers, name, ip, first, last + ttl * 1000 + answerGrace);
  const add: Observer["add"] = (flow) => {
    counts.flows += flow.count;
    for (const ip of flow.dns?.ips ?? []) answer({ name: flow.dns?.name ?? "", ip, ttl: flow.dns?.ttl ?? 0, first: flow.first, last: flow.last });
    if (flow.direction !== "request") {
      counts[flow.direction === "reply" ? "replies" : "ambiguous"] += flow.count;
      return;
    }
    const miss = (reason: string): void => void unidentified.set(reason, (unidentified.get(reason) ?? 0) + flow.count);
    const from = identifier.source(flow.source, flow.first, flow.last);
    if ("reason" in from) {
      miss(from.reason);
      return;
    }
    const to = identifier.destination(flow.destination, flow.protocol, flow.port, flow.first, flow.last);
    if ("reason" in to) {
      miss(to.reason);
      return;
    }
    for (const [{ pod }, { peer }] of [[flow.source, from], ...to.map((target) => [flow.destination, target] as const)] as const) {
      const hash = peer.kind === "workload" && peer.workload.kind === "Deployment" ? templateOf(pod) : undefined;
      if (hash === undefined || peer.kind !== "workload") continue;
      const seen = templates.get(keyOf(peer.workload)) ?? { workload: peer.workload, hashes: new Set<string>() };
      templates.set(keyOf(peer.workload), seen);
      seen.hashes.add(hash);
    }
    for (let time = Math.floor(flow.first / day); time <= Math.floor(flow.last / day) && days.size < 10_000; time++) days.add(time);
    latest = Math.max(latest ?? flow.last, flow.last);
    for (const target of to) {
      if (isOutside(from.peer) && isOutside(target.peer)) {
        miss("a flow between two ends that are no pods");
        continue;
      }
      const port = target.port ?? flow.port;
      const edge = { from: from.peer, to: target.peer, protocol: flow.protocol, ...(port === undefined || flow.protocol === "ICMP" ? {} : { port }) };
      const key = `${flow.verdict} ${edgeName(edge)}`;
      const known = drafts.get(key);
      const draft = known ?? { edge, verdict: flow.verdict, first: flow.first, last: flow.last, count: 0, at: [], ips: new Set<string>(), names: new Set<string>() };
      if (known === undefined) drafts.set(key, draft);
      draft.first = Math.min(draft.first, flow.first);
      draft.last = Math.max(draft.last, flow.last);
      draft.count += flow.count;
      for (const at of flow.places ?? [flow.at]) place(draft.at, at);
      for (const end of [from, target]) {
        if (end.ip !== undefined && end.peer.kind === "entity") draft.ips.add(end.ip);
        if (end.peer.kind === "address") for (const name of end.peer.names) draft.names.add(name);
      }
    }
  };

  const finish = (): Observations => {
    const edges = named(drafts.values(), identifier.names()).map((draft) => seal(draft, answers)).sort(byEdge);
    const found = [...identifier.found()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : 0));
    return {
      edges: edges.filter(({ verdict }) => verdict === "forwarded"),
      refused: edges.filter(({ verdict }) => verdict !== "forwarded"),
      workloads: [...(inventory?.workloads ?? []), ...found],
      unlisted: [...new Map(found.map(({ namespace, kind, name }) => [keyOf({ namespace, kind, name }), { namespace, kind, name }])).values()],
      differing: [...identifier.differing()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
      hasInventory: inventory !== undefined,
      ...counts,
      unidentified: Object.fromEntries([...unidentified].sort(([a], [b]) => (a < b ? -1 : 1))),
      templates: [...templates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { workload, hashes }]) => ({ workload, count: hashes.size })),
      days: [...days].sort((a, b) => a - b).map((time) => new Date(time * day).toISOString().slice(0, 10)),
      ...(latest === undefined ? {} : { last: latest }),
    };
  };
  return { add, answer, finish };
}

/** All flows of a stream. */
export async function observe(flows: AsyncIterable<Flow> | Iterable<Flow>, inventory?: Cluster): Promise<Observations> {
  const observer = createObserver(inventory);
  for await (const flow of flows) observer.add(flow);
  return observer.finish();
}

/** What was made of flows by finding out who opened each connection. */
export function observeOriented({ flows, answers, summary }: Orientation, inventory?: Cluster): Observations {
  const observer = createObserver(inventory);
  for (const answer of answers) observer.answer(answer);
  for (const flow of flows) observer.add(flow);
  return { ...observer.finish(), flows: summary.taken, replies: summary.replies, ambiguous: summary.ambiguous.count };
}

function isOutside(peer: Peer): boolean {
  return peer.kind === "address" || peer.kind === "entity";
}

/** The places that sort first, whatever the order of the flows. */
function place(places: string[], at: string): void {
  if (places.includes(at)) return;
  places.push(at);
  places.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  if (places.length > mostPlaces) places.pop();
}

type Answers = Map<string, Map<string, { from: number; until: number }[]>>;

function remember(answers: Answers, name: string, ip: string, from: number, until: number): void {
  const names = answers.get(ip) ?? new Map<string, { from: number; until: number }[]>();
  answers.set(ip, names);
  const times = names.get(name) ?? [];
  const touching = times.filter((time) => time.from <= until && from <= time.until);
  const whole = { from: Math.min(from, ...touching.map((time) => time.from)), until: Math.max(until, ...touching.map((time) => time.until)) };
  names.set(name, [...times.filter((time) => !touching.includes(time)), whole]);
}

/** Drafts in which each workload has its one name. */
function named(drafts: Iterable<Draft>, names: ReadonlyMap<string, WorkloadName>): readonly Draft[] {
  if (names.size === 0) return [...drafts];
  const rename = (peer: Peer): Peer => (peer.kind === "workload" ? { kind: "workload", workload: names.get(keyOf(peer.workload)) ?? peer.workload } : peer);
  const merged = new Map<string, Draft>();
  for (const draft of drafts) {
    const edge = { ...draft.edge, from: rename(draft.edge.from), to: rename(draft.edge.to) };
    const key = `${draft.verdict} ${edgeName(edge)}`;
    const known = merged.get(key);
    if (known === undefined) {
      merged.set(key, { ...draft, edge, at: [...draft.at] });
      continue;
    }
    known.first = Math.min(known.first, draft.first);
    known.last = Math.max(known.last, draft.last);
    known.count += draft.count;
    for (const at of draft.at) place(known.at, at);
    for (const ip of draft.ips) known.ips.add(ip);
    for (const name of draft.names) known.names.add(name);
  }
  return [...merged.values()];
}

function seal({ edge, verdict, first, last, count, at, ips, names }: Draft, answers: Answers): SeenEdge {
  const withNames = (peer: Peer): Peer => {
    if (peer.kind !== "address") return peer;
    const answered = [...(answers.get(peer.ip) ?? [])].filter(([, times]) => times.some(({ from, until }) => from <= last && first <= until)).map(([name]) => name);
    return { ...peer, names: [...new Set([...names, ...answered])].sort() };
  };
  return { from: withNames(edge.from), to: withNames(edge.to), protocol: edge.protocol, ...(edge.port === undefined ? {} : { port: edge.port }), first, last, count, verdict, at, ips: [...ips].sort() };
}

export function byEdge(a: ObservedEdge, b: ObservedEdge): number {
  const [left, right] = [`${edgeName(a)} ${a.verdict}`, `${edgeName(b)} ${b.verdict}`];
  return left < right ? -1 : left > right ? 1 : 0;
}
