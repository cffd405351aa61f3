import type { Direction, Openings } from "./plan";
import type { Opening, RulePeer, RulePort } from "./rules";
import { peerKey, portKey } from "./rules";
import type { Subject } from "./subjects";
import { edgesBetween } from "./subjects";

const transports = ["UDP", "TCP"] as const;

/**
 * A name server is asked over UDP, and over TCP for what does not fit: where one was seen the other is opened too, to the
 * same server. What connects to anything resolves names: pods that were not seen to ask get the server that most ask.
 * Returns the names of the edges between pods that are opened without a flow.
 */
export function resolverOpenings(openings: Openings, isolates: (namespace: string) => boolean): ReadonlySet<string> {
  const declared = new Set<string>();
  const askers = new Map<string, { readonly peer: RulePeer; readonly subjects: Set<Subject> }>();
  for (const [subject, { egress }] of openings) {
    for (const { peer, port } of egress) {
      if (!isDns(port) || (peer.kind !== "pods" && peer.kind !== "entity" && !(peer.kind === "block" && peer.cidr === "169.254.20.10/32"))) continue;
      const entry = askers.get(peerKey(peer)) ?? { peer, subjects: new Set<Subject>() };
      askers.set(peerKey(peer), entry);
      entry.subjects.add(subject);
    }
  }
  const [most] = [...askers].sort(([a, { subjects: left }], [b, { subjects: right }]) => right.size - left.size || (a < b ? -1 : 1));
  const add = (subject: Subject, direction: Direction, peer: RulePeer, port: RulePort): void => {
    const own = openings.get(subject) ?? { ingress: [], egress: [] };
    if (own[direction].some((other) => peerKey(other.peer) === peerKey(peer) && portKey(other.port) === portKey(port))) return;
    openings.set(subject, own);
    const opening: Opening = { peer, port, provenance: [{ edge: `${direction === "egress" ? "to" : "from"} ${peerKey(peer)} ${port.protocol} ${port.port ?? ""}`, first: 0, last: 0, count: 0, at: [], declaredBy: "name resolution" }] };
    own[direction].push(opening);
    if (peer.kind !== "pods") return;
    const [from, to] = direction === "egress" ? [subject, peer.subject] : [peer.subject, subject];
    for (const edge of edgesBetween(from, to, port.protocol, port.port)) declared.add(edge);
  };
  for (const [subject, { ingress, egress }] of [...openings]) {
    for (const [direction, list] of [["ingress", ingress], ["egress", egress]] as const) {
      for (const { peer, port } of list.filter((opening) => isDns(opening.port))) for (const protocol of transports) add(subject, direction, peer, { protocol, port: port.port ?? 53 });
    }
    if (most === undefined || egress.length === 0 || egress.some(({ port }) => isDns(port)) || ingress.some(({ port }) => isDns(port))) continue;
    const { peer } = most[1];
    for (const protocol of transports) {
      add(subject, "egress", peer, { protocol, port: 53 });
      if (peer.kind === "pods" && isolates(peer.subject.name.namespace)) add(peer.subject, "ingress", { kind: "pods", subject }, { protocol, port: 53 });
    }
  }
  return declared;
}

function isDns({ protocol, port }: RulePort): boolean {
  return port === 53 && protocol !== "SCTP" && protocol !== "ICMP";
}
