import type { Protocol } from "../model/cluster";
import type { Flow, FlowDirection, FlowEnd, ListeningPort } from "../model/flow";
import { nothingToLearn } from "../flows/ends";
import { RecentSet } from "../flows/recent-set";
import type { Socket } from "./proc-net";

/** A container whose own network namespace is sampled. */
export interface RecordedContainer {
  readonly name: string;
  /** Its addresses, on each of its networks. */
  readonly ips: readonly string[];
  /** Addresses of the host on these networks. */
  readonly gateways: readonly string[];
  /** Name servers that Docker's own asks for it, from within its namespace: what goes there is not the container's. */
  readonly resolvers?: readonly string[];
}

export interface RecorderCounts {
  /** Distinct flows that are kept. */
  readonly flows: number;
  /** Connections that were not kept for want of room. */
  readonly overflow: number;
  readonly loopback: number;
  /** Questions that Docker's name server has passed on. */
  readonly resolved: number;
  /** Attempts to connect that had no answer when they were seen. */
  readonly attempts: number;
}

interface Kept {
  readonly flow: Omit<Flow, "first" | "last" | "count">;
  readonly first: number;
  last: number;
  count: number;
}

const mostFlows = 200_000;
const mostConnections = 400_000;
const dnsPort = 53;
/** Ports that Linux gives to clients; a UDP socket with one of them and without a peer is no server's. */
const isClientPort = (port: number): boolean => port >= 32_768 && port <= 60_999;

/**
 * Puts samples of sockets together into flows. A socket whose own port is listened on belongs to a connection that the peer has opened; one with a client's port
 * to a connection that the container has opened; of any other the direction is said to be unknown.
 */
export class Recorder {
  readonly #owners = new Map<string, string>();
  readonly #hosts = new Set<string>();
  readonly #resolvers = new Map<string, ReadonlySet<string>>();
  readonly #listening = new Map<string, ListeningPort>();
  readonly #kept = new Map<string, Kept>();
  readonly #before = new Set<string>();
  readonly #connections = new RecentSet(mostConnections);
  readonly #counts = { overflow: 0, loopback: 0, resolved: 0, attempts: 0 };

  /** Says whose the addresses are from now on. */
  know({ name, ips, gateways, resolvers = [] }: RecordedContainer): void {
    this.#resolvers.set(name, new Set(resolvers));
    for (const ip of ips) this.#owners.set(ip, name);
    for (const ip of gateways) this.#hosts.add(ip);
  }

  /** One look at the sockets of a container's namespace; `time` in milliseconds since 1970. What has ended `atStart` is no part of the recording. */
  sample(container: string, sockets: readonly Socket[], time: number, atStart = false): void {
    for (const socket of sockets) if (socket.state === "listening" && !(socket.protocol === "UDP" && isClientPort(socket.port))) this.#listens(container, socket);
    for (const socket of sockets) {
      if (socket.state === "listening" || (socket.state === "closed" && this.#isBefore(socket.protocol, [socket.ip, socket.port], [socket.peerIp, socket.peerPort], atStart))) continue;
      this.#connection(container, socket, time);
    }
  }

  /** A connection of which the client is known, from the connection tracking of a container's namespace. What `hasEnded` `atStart` is no part of the recording. */
  tracked(flow: Flow, hasEnded = false, atStart = false): void {
    if (hasEnded && this.#isBefore(flow.protocol, [flow.source.ip, flow.sourcePort], [flow.destination.ip, flow.port], atStart)) return;
    this.#keep(this.#end(flow.source.ip ?? ""), this.#end(flow.destination.ip ?? ""), flow.protocol, flow.sourcePort, flow.port, "request", flow.first);
  }

  /** The kernel lists a connection for minutes after its end. */
  #isBefore(protocol: Protocol, one: readonly [string | undefined, number | undefined], other: readonly [string | undefined, number | undefined], atStart: boolean): boolean {
    const key = [protocol, ...[one.join(" "), other.join(" ")].sort()].join(" ");
    if (atStart && this.#before.size < mostConnections) this.#before.add(key);
    return this.#before.has(key);
  }

  #listens(container: string, { protocol, port, ip }: Socket): void {
    if (ip.startsWith("127.") || ip === "::1") return;
    this.#listening.set(`${container} ${protocol} ${port}`, { container, protocol, port });
  }

  #connection(container: string, { protocol, ip, port, peerIp, peerPort, state }: Socket, time: number): void {
    if (state === "attempt") {
      this.#counts.attempts++;
      return;
    }
    const own = { ...this.#end(ip), container };
    const peer = this.#end(peerIp);
    if (this.#isListening(container, protocol, port)) this.#keep(peer, own, protocol, peerPort, port, "request", time);
    else this.#keep(own, peer, protocol, port, peerPort, isClientPort(port) || (peer.container !== undefined && this.#isListening(peer.container, protocol, peerPort)) ? "request" : "unknown", time);
  }

  #isListening(container: string, protocol: Protocol, port: number): boolean {
    return this.#listening.has(`${container} ${protocol} ${port}`);
  }

  #end(ip: string): FlowEnd {
    const container = this.#owners.get(ip);
    if (container !== undefined) return { ip, container };
    return this.#hosts.has(ip) ? { ip, entity: "host" } : { ip };
  }

  #keep(source: FlowEnd, destination: FlowEnd, protocol: Protocol, sourcePort: number | undefined, port: number | undefined, direction: FlowDirection, time: number): void {
    if (nothingToLearn(source, destination) !== undefined) {
      this.#counts.loopback++;
      return;
    }
    if (port === dnsPort && this.#resolvers.get(source.container ?? "")?.has(destination.ip ?? "") === true) {
      this.#counts.resolved++;
      return;
    }
    // Both ends' namespaces show a connection, in each sample: it is one.
    const isNew = this.#connections.add([protocol, `${source.ip} ${sourcePort ?? 0}`, `${destination.ip} ${port ?? 0}`].join(" "));
    const known = direction === "request";
    const key = `${source.container ?? ""} ${source.ip} ${known ? "" : (sourcePort ?? "")} ${destination.container ?? ""} ${destination.ip} ${port ?? 0} ${protocol}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      kept.last = time;
      if (isNew) kept.count++;
    } else if (this.#kept.size >= mostFlows) this.#counts.overflow++;
    else this.#kept.set(key, { flow: { source, destination, protocol, ...(port === undefined ? {} : { port }), ...(known || sourcePort === undefined ? {} : { sourcePort }), direction, verdict: "forwarded", at: "" }, first: time, last: time, count: 1 });
  }

  counts(): RecorderCounts {
    return { flows: this.#kept.size, ...this.#counts };
  }

  listening(): readonly ListeningPort[] {
    return [...this.#listening].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, port]) => port);
  }

  flows(): readonly Flow[] {
    return [...this.#kept].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { flow, first, last, count }]) => ({ ...flow, first, last, count }));
  }
}
