import type { Attachment, ContainerNetwork, Drift, Field, NetworkStack } from "@bulkhead/core";
import { known, unknown } from "@bulkhead/core";
import { push } from "../maps";
import { peerName } from "../model/edge";
import type { Reachability, ReachEnd } from "../reachability/reachability";
import { createReachability } from "../reachability/reachability";
import { describeReason } from "../reachability/why";
import type { LockedEdge } from "../synthesis/lock";
import { answer } from "./answer";
import { isKnown } from "./convert";

const open = "depends on the networks of another container, which cannot be known yet";
const closed = "depends on a setting of a network, which cannot be known yet";
const outer = "depends on a network that is made elsewhere";
const apart = "has the network of another container, that of its host, or none: what reaches it is not known";

interface Containers {
  /** Where what is not known of a network joins, and leads outside. */
  readonly reachability: Reachability;
  /** Where what is not known of a network of the program does neither. */
  readonly own: Reachability;
  /** Where a network that is made elsewhere does neither, too. */
  readonly least: Reachability;
  readonly endOf: (attachment: Attachment) => ReachEnd;
  /** Names of the networks that the program makes. */
  readonly declared: ReadonlySet<string>;
  /** Attachments that may be the container which the flows call so. */
  readonly named: (name: string) => readonly Attachment[];
}

/** Where the networks of containers differ from accepted flows: ends that share none, and networks that join what no flow does. */
export function dockerDrift(stack: NetworkStack, edges: readonly LockedEdge[]): (subject: Attachment | ContainerNetwork) => Field<readonly Drift[]> {
  const containers = gatherContainers(stack);
  const flows = edges.filter(({ from, to, protocol }) => protocol !== "ICMP" && (from.kind === "container" || to.kind === "container"));
  const byContainer = new Map<Attachment, LockedEdge[]>();
  const linked = new Map<Attachment, Set<Attachment>>();
  for (const edge of flows) {
    const [from, to] = [edge.from, edge.to].map((peer) => (peer.kind === "container" ? containers.named(peer.name) : [])) as [readonly Attachment[], readonly Attachment[]];
    for (const attachment of new Set([...from, ...to])) push(byContainer, attachment, edge);
    for (const [one, others] of [...from.map((source) => [source, to] as const), ...to.map((target) => [target, from] as const)]) for (const other of others) linked.set(one, (linked.get(one) ?? new Set()).add(other));
  }
  const { declared } = containers;
  const onNetwork = new Map<string, Attachment[]>();
  for (const attachment of stack.attachments) for (const name of new Set(networksOf(attachment))) push(onNetwork, name, attachment);
  const unnamed = stack.attachments.find(({ containerName }) => containerName.state !== "value");
  const unplaced = stack.attachments.find(({ networks }) => !isKnown(networks));
  const isLinked = (a: Attachment, b: Attachment): boolean => linked.get(a)?.has(b) === true;
  const strangers = (all: readonly Attachment[]): readonly string[] => {
    const found: string[] = [];
    for (const [index, a] of all.entries()) for (const b of all.slice(index + 1)) {
      if (a.containerName.state !== "value" || b.containerName.state !== "value" || isLinked(a, b)) continue;
      found.push(`${a.label} and ${b.label}`);
      if (found.length > mostPairs) return found;
    }
    return found;
  };
  const place = new Map(stack.attachments.map((attachment, index) => [attachment, index]));
  const isBefore = (a: Attachment, b: Attachment): boolean => (a.label === b.label ? (place.get(a) ?? 0) < (place.get(b) ?? 0) : a.label < b.label);
  // Of each network that is made elsewhere the first that no flow joins with the subject.
  const sharedOn = (subject: Attachment): Shared => {
    const elsewhere = [...new Set(networksOf(subject))].filter((name) => !declared.has(name));
    const pairs = elsewhere.flatMap((name) => {
      const others = (onNetwork.get(name) ?? []).filter((other) => other !== subject && other.containerName.state === "value" && isBefore(subject, other) && !isLinked(subject, other));
      return strangers([subject, ...others.slice(0, 1)]).map((pair) => ({ pair, name }));
    });
    const unsaid = elsewhere.map((name) => onNetwork.get(name) ?? []).filter(({ length }) => length > 1).flat().find(({ containerName }) => containerName.state === "unknown");
    return { pairs, ...(unsaid === undefined ? {} : { doubt: `depends on the name of ${unsaid.label}, which cannot be known yet` }) };
  };
  return (subject) => {
    if (subject.about === "attachment") {
      const { containerName } = subject;
      if (containerName.state === "unknown" && flows.some(({ from, to }) => [from, to].some((peer) => peer.kind === "container" && containers.named(peer.name).length === 0))) return unknown(containerName.path, containerName.reason);
      return deniedLinks(subject, byContainer.get(subject) ?? [], containers, sharedOn(subject));
    }
    const { name, communication } = subject;
    if (name.state !== "value") return unknown(name.path, name.state === "unknown" ? name.reason : undefined);
    if (communication.state === "value" && !communication.value) return known([], communication.path);
    const pairs = strangers(onNetwork.get(name.value) ?? []);
    const doubt = unnamed !== undefined ? `depends on the name of ${unnamed.label}, which cannot be known yet` : unplaced !== undefined ? open : undefined;
    if (pairs.length > 0 && communication.state !== "value") return unknown(communication.path, communication.state === "unknown" ? communication.reason : undefined);
    const drift: readonly Drift[] = pairs.length === 0 ? [] : [{ kind: "unneeded", path: name.path, text: listed(pairs) }];
    return answer(drift, name.path, doubt === undefined ? undefined : { reason: doubt, isElsewhere: false });
  };
}

const mostPairs = 3;

/** Who else is on networks that are made elsewhere. */
interface Shared {
  readonly pairs: readonly { readonly pair: string; readonly name: string }[];
  readonly doubt?: string;
}

function listed(pairs: readonly string[]): string {
  return pairs.length > mostPairs ? `${pairs.slice(0, mostPairs).join("; ")}; and others` : pairs.join("; ");
}

function networksOf({ networks }: Attachment): readonly string[] {
  return networks.state === "value" ? networks.value : [];
}

function gatherContainers({ attachments, networks }: NetworkStack): Containers {
  const ids = new Map(attachments.map((attachment, index) => [attachment, String(index)]));
  const declared = new Set(networks.flatMap(({ name }) => (name.state === "value" ? [name.value] : [])));
  const elsewhere = [...new Set(attachments.flatMap(networksOf))].filter((name) => !declared.has(name) && name !== "host" && name !== "none");
  const reach = (isOpen: boolean, joinsElsewhere: boolean): Reachability => createReachability({
    namespaces: [], workloads: [], policies: [],
    containers: attachments.map((attachment) => ({ name: ids.get(attachment) ?? "", networks: networksOf(attachment).map((network) => ({ network, aliases: [] })), ports: [], published: [], from: "" })),
    networks: [...elsewhere.map((name) => ({ name, driver: "bridge", internal: !joinsElsewhere, interContainer: joinsElsewhere })), ...networks.flatMap(({ name, internal, communication }) => (name.state === "value" ? [{ name: name.value, driver: "bridge", internal: internal.state === "unknown" ? !isOpen : internal.state === "value" && internal.value, interContainer: communication.state === "unknown" ? isOpen : communication.state !== "value" || communication.value }] : []))],
  });
  const exact = new Map<string, Attachment[]>();
  const patterns: { readonly pattern: RegExp; readonly attachment: Attachment }[] = [];
  for (const attachment of attachments) {
    const { containerName } = attachment;
    if (containerName.state !== "value") continue;
    if (!containerName.value.includes("*")) push(exact, containerName.value, attachment);
    // The last part is the number of the container, the first that of a project without a name.
    else patterns.push({ attachment, pattern: new RegExp(`^${containerName.value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\\\*$/, "\\d+").replace(/^\\\*/, ".+")}$`) });
  }
  return {
    declared, reachability: reach(true, true), own: reach(false, true), least: reach(false, false),
    endOf: (attachment) => ({ kind: "container", name: ids.get(attachment) ?? "" }),
    named: (name) => exact.get(name) ?? patterns.filter(({ pattern }) => pattern.test(name)).map(({ attachment }) => attachment),
  };
}

function deniedLinks(subject: Attachment, flows: readonly LockedEdge[], containers: Containers, shared: Shared): Field<readonly Drift[]> {
  const { networks: { path } } = subject;
  const found: Drift[] = shared.pairs.map(({ pair, name }) => ({ kind: "unneeded", path, text: `${pair} on the network ${JSON.stringify(name)}` }));
  let [doubt, outside]: (string | undefined)[] = [shared.doubt, undefined];
  for (const edge of flows) {
    const said = judge(subject, edge, containers);
    if (said.denied !== undefined) found.push({ kind: "denied", path, text: said.denied });
    doubt ??= said.undecided;
    outside ??= said.elsewhere;
  }
  const reason = doubt ?? outside;
  return answer(found, path, reason === undefined ? undefined : { reason, isElsewhere: doubt === undefined });
}

function judge(subject: Attachment, { from, to, protocol, port }: LockedEdge, { named, endOf, ...reach }: Containers): { readonly denied?: string; readonly undecided?: string; readonly elsewhere?: string } {
  const isSender = from.kind === "container" && named(from.name).includes(subject);
  const [own, other] = isSender ? [from, to] : [to, from];
  if (own.kind === "container" && named(own.name).length > 1) return { undecided: `is one of several that may be the container ${JSON.stringify(own.name)}` };
  if (subject.networks.state === "unset") return { undecided: apart };
  if (!isKnown(subject.networks)) return { undecided: subject.networks.state === "unknown" && subject.networks.reason !== undefined ? subject.networks.reason : "cannot be known yet" };
  const what = `${protocol} ${port} ${isSender ? "to" : "from"} ${peerName(other)}`;
  if (other.kind === "container") {
    const [peer, another] = named(other.name);
    if (peer === undefined) return { elsewhere: `depends on the container ${JSON.stringify(other.name)}, which is made elsewhere` };
    // Said once, of the one that sends.
    if (!isSender || peer === subject) return {};
    if (another !== undefined || !isKnown(peer.networks)) return { undecided: open };
    if (peer.networks.state === "unset") return { undecided: `depends on ${peer.label}, which ${apart}` };
    const denied = play(reach, endOf(subject), endOf(peer), protocol, port);
    return typeof denied === "object" ? denied : { denied: `${what}, as ${peer.label} ${denied}` };
  }
  if (!isSender) {
    if (subject.published.state !== "value") return { undecided: "depends on the ports that are published" };
    return subject.published.value ? {} : { denied: `${what}, as it publishes no port` };
  }
  const end: ReachEnd = other.kind === "address" ? other : { kind: "entity", entity: "world" };
  const denied = play(reach, endOf(subject), end, protocol, port);
  return typeof denied === "object" ? denied : { denied: `${what}, as it is on internal networks only` };
}

/** Nothing to say where a connection is let through whatever is not known; why it is not, as text. */
function play({ reachability, own, least }: Pick<Containers, "reachability" | "own" | "least">, from: ReachEnd, to: ReachEnd, protocol: LockedEdge["protocol"], port: number | undefined): string | { readonly undecided?: string; readonly elsewhere?: string } {
  const verdict = reachability.allows(from, to, protocol, port);
  if (!verdict.allowed) return describeReason(verdict.egress, "egress");
  if (!own.allows(from, to, protocol, port).allowed) return { undecided: closed };
  return least.allows(from, to, protocol, port).allowed ? {} : { elsewhere: outer };
}
