import type { Protocol } from "../model/cluster";
import type { Flow, FlowEnd, ListeningPort } from "../model/flow";
import { endKey } from "./aggregate";
import { portKey } from "./keys";

/** Linux, net.ipv4.ip_local_port_range: a client's port is taken from these. */
const ephemeral = { from: 32_768, to: 60_999 } as const;
/** A port that as many peers talk to is a server's. */
const stablePeers = 3;

/** Which of two ends was connected to. */
export type Server = "source" | "destination";

/** What is known of who listens where: said by the source or the inventory, seen in flows whose direction is known, and how often each port is talked to. */
export class Evidence {
  readonly #servers = new Map<string, Set<number>>();
  #serverCount = 0;
  readonly #peers = new Map<string, Set<string> | "stable">();
  readonly #most: number;
  readonly #declares: (end: FlowEnd, protocol: Protocol, port: number) => boolean;
  /** Ports that were not kept for want of room. */
  overflow = 0;

  constructor(most: number, declares: (end: FlowEnd, protocol: Protocol, port: number) => boolean) {
    this.#most = most;
    this.#declares = declares;
  }

  listens({ ip, container, protocol, port }: ListeningPort): void {
    if (container !== undefined) this.#serve(`container ${container}`, protocol, port);
    if (ip !== undefined || container === undefined) this.#serve(ip ?? "*", protocol, port);
  }

  /** A connection to the port of the end with this key was seen to be opened, or answered. */
  serves(key: string, protocol: Protocol, port: number): void {
    this.#serve(key, protocol, port);
  }

  #serve(who: string, protocol: Protocol, port: number): void {
    const key = portKey(protocol, port);
    const ports = this.#servers.get(who);
    if (ports?.has(key) === true) return;
    if (this.#serverCount >= this.#most) {
      this.overflow++;
      return;
    }
    this.#serverCount++;
    if (ports === undefined) this.#servers.set(who, new Set([key]));
    else ports.add(key);
  }

  /** Counts who talks to each of both ports of a flow whose direction is not known. */
  count({ source, destination, protocol, port, sourcePort }: Flow): void {
    if (port === undefined || sourcePort === undefined) return;
    const [from, to] = [`${endKey(source)} ${protocol} ${sourcePort}`, `${endKey(destination)} ${protocol} ${port}`];
    this.#peer(from, to);
    this.#peer(to, from);
  }

  #peer(key: string, peer: string): void {
    const peers = this.#peers.get(key);
    if (peers === "stable") return;
    if (peers !== undefined) {
      peers.add(peer);
      if (peers.size >= stablePeers) this.#peers.set(key, "stable");
    } else if (this.#peers.size >= this.#most) this.overflow++;
    else this.#peers.set(key, new Set([peer]));
  }

  /** The server of a flow whose direction is not known, by the rules in their order; undefined where none of them decides. */
  server(flow: Flow): Server | undefined {
    const { source, destination, protocol, port, sourcePort } = flow;
    if (port === undefined) return undefined;
    const [here, there] = [this.#listening(source, protocol, sourcePort), this.#listening(destination, protocol, port)];
    if (here !== there) return here ? "source" : "destination";
    if (sourcePort === undefined) return undefined;
    const [stableHere, stableThere] = [this.#stable(source, protocol, sourcePort), this.#stable(destination, protocol, port)];
    if (stableHere !== stableThere) return stableHere ? "source" : "destination";
    const [clientHere, clientThere] = [isEphemeral(sourcePort), isEphemeral(port)];
    if (clientHere && !clientThere && port < sourcePort) return "destination";
    return clientThere && !clientHere && sourcePort < port ? "source" : undefined;
  }

  #listening(end: FlowEnd, protocol: Protocol, port: number | undefined): boolean {
    if (port === undefined) return false;
    const who = [endKey(end), ...(end.ip === undefined ? [] : [end.ip]), ...(end.container === undefined ? [] : [`container ${end.container}`]), "*"];
    const key = portKey(protocol, port);
    return who.some((name) => this.#servers.get(name)?.has(key) === true) || this.#declares(end, protocol, port);
  }

  #stable(end: FlowEnd, protocol: Protocol, port: number): boolean {
    return this.#peers.get(`${endKey(end)} ${protocol} ${port}`) === "stable";
  }
}

function isEphemeral(port: number): boolean {
  return port >= ephemeral.from && port <= ephemeral.to;
}
